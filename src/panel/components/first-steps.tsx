/** The way to the first live program: connect OBS, pick a platform, go live. Each step is ticked by what is, not by a click. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { format } from '../lib/words.js';
import { addCamera, addDestination, revealKey, startBroadcast, take } from '../store/actions.js';
import { arrivedCamera, firstStepsShown, isLive, showFirstSteps } from '../store/first-steps.js';
import { broadcast, connection, destinations, onAirSources, onProgramName, settings, sources, sourceStatus, targets } from '../store/state.js';
import { texts } from '../texts.js';
import { NewDestination } from './destination-form.js';
import { Icon } from './icons.js';
import { Copyable } from './parts.js';
import { SourceTile } from './tile.js';

const t = texts.firstSteps;

export function FirstSteps() {
  if (!firstStepsShown.value || !settings.value) return null;
  return <Steps />;
}

function Steps() {
  const places = destinations.value.filter(({ enabled }) => enabled);
  const hasDestination = places.length > 0;
  const camera = arrivedCamera.value;
  const live = isLive.value;
  // From now on it comes back only when it is asked for.
  const [wasLive, setWasLive] = useState(false);
  useEffect(() => { if (live) setWasLive(true); }, [live]);
  // A studio with a destination would not show this by itself: whoever is on the way stays on it.
  useEffect(() => showFirstSteps(true), []);
  return (
    <section class="card first-steps" id="first-steps" aria-labelledby="first-steps-title">
      <div class="card-head">
        <h2 id="first-steps-title">{wasLive ? t.done : t.title}</h2>
        <button type="button" class={wasLive ? 'primary small' : 'plain'} onClick={() => showFirstSteps(false)}>{wasLive ? t.close : t.putAway}</button>
      </div>
      <ol class="steps">
        <Step number={1} title={t.connect} isDone={camera !== undefined} done={t.connected}>
          {camera ? <Arrived id={camera.id} name={camera.name} /> : <Connect />}
        </Step>
        <Step number={2} title={t.pick} isDone={hasDestination} done={t.picked}>
          {hasDestination
            ? <p>{t.goesTo(places.map(({ name }) => name))}</p>
            : <Pick />}
        </Step>
        <Step number={3} title={t.goLive} isDone={live} done={t.isLive}>
          {live ? <p>{t.liveNow}</p> : <Go isReady={hasDestination} />}
        </Step>
      </ol>
    </section>
  );
}

function Step({ number, title, isDone, done, children }: { number: number; title: string; isDone: boolean; done: string; children: ComponentChildren }) {
  return (
    <li class={`step ${isDone ? 'done' : ''}`}>
      <h3>
        <span class="step-mark" aria-hidden="true">{isDone ? <Icon name="done" /> : number}</span>
        {title}
        <span class="step-word" role="status">{isDone ? done : ''}</span>
      </h3>
      {children}
    </li>
  );
}

function Connect() {
  const camera = sources.value.find((source) => source.kind === 'camera');
  const [key, setKey] = useState<string | null>(null);
  if (camera?.kind !== 'camera') {
    return (
      <>
        <p class="hint">{t.noCamera}</p>
        <button type="button" onClick={() => void addCamera(t.cameraName)}>{t.addCamera}</button>
      </>
    );
  }
  return (
    <>
      <p class="hint">{texts.cameras.hint}</p>
      <div class="pair"><span>{texts.cameras.server}</span><Copyable text={camera.ingest.server} label={t.serverLabel} /></div>
      <div class="pair">
        <span>{texts.cameras.key}</span>
        {key === null
          ? <button type="button" onClick={() => void revealKey(camera.id).then(setKey)}>{t.showKey}</button>
          : <Copyable text={key} label={t.keyLabel} />}
      </div>
      <p class="hint" role="status">{t.waiting(camera.name)}</p>
    </>
  );
}

function Arrived({ id, name }: { id: string; name: string }) {
  const status = sourceStatus.value.get(id);
  const target = targets.value.find((one) => one.id === id);
  const isOn = onAirSources.value.has(id);
  return (
    <div class="arrived">
      <SourceTile sourceId={id} />
      <p><strong>{name}</strong> {format(status?.height, status?.fps)}</p>
      {!isOn && target && (
        <>
          <p class="hint">{t.notOn(onProgramName.value)}</p>
          <button type="button" disabled={connection.value !== 'open'} onClick={() => void take(target)}>{t.putOn(name)}</button>
        </>
      )}
    </div>
  );
}

function Pick() {
  const [picking, setPicking] = useState(false);
  if (!picking) {
    return (
      <>
        <p class="hint">{t.pickHint}</p>
        <button type="button" onClick={() => setPicking(true)}>{t.pickOne}</button>
      </>
    );
  }
  return (
    <NewDestination
      submitLabel={t.addDestination} onCancel={() => setPicking(false)}
      onSubmit={async (input) => { if (await addDestination(input)) setPicking(false); }}
    />
  );
}

function Go({ isReady }: { isReady: boolean }) {
  const state = broadcast.value?.state ?? 'standby';
  if (!isReady) return <p class="hint">{t.afterPick}</p>;
  return (
    <>
      <p class="hint">{t.goes(onProgramName.value)}</p>
      <button type="button" class="primary" disabled={state !== 'standby' || connection.value !== 'open'} onClick={() => void startBroadcast()}>
        {state === 'standby' ? t.goLive : t.starting}
      </button>
    </>
  );
}
