/** What the timeline is as a whole: its name, whether it loops, what stands in its gaps, and when it began on program. */
import { useEffect, useState } from 'preact/hooks';
import { lengthOf } from '../../lib/timeline/document.js';
import { placeOf } from '../../lib/timeline/air.js';
import { readTime, timecode } from '../../lib/timeline/time.js';
import { connection, targets } from '../../store/state.js';
import { commit, isFolder, shown } from '../../store/timeline.js';
import { seek } from '../../store/timeline-play.js';
import { airPosition, isOnProgram, played } from '../../store/timeline-view.js';
import { texts } from '../../texts.js';
import { Field, Switch } from '../parts.js';
import { keyOf, targetOf } from '../setup/targets.js';

const t = texts.timelines;

export function Properties() {
  const { name, loop, filler, durationMs } = shown.value!;
  const disabled = connection.value !== 'open';
  const choices = targets.value.filter(({ kind }) => kind !== 'audio').map((target) => [keyOf(target.key), target.kind === 'scene' ? texts.setup.sceneNamed(target.name) : target.name] as const);
  const rename = (text: string) => {
    const wanted = text.trim();
    if (wanted !== '' && wanted !== name) commit({ ...shown.value!, name: wanted }, t.did.name);
  };
  const end = (text: string) => {
    const ms = text.trim() === '' ? null : readTime(text);
    if (ms !== durationMs && (ms !== null ? ms > 0 : text.trim() === '')) commit({ ...shown.value!, durationMs: ms }, t.did.end);
  };
  return (
    <section class="card tl-properties" aria-labelledby="properties-title">
      <h2 id="properties-title">{t.properties}</h2>
      <div class="tl-fields">
        <Field label={t.name}>{(field) => <input {...field} key={name} defaultValue={name} maxLength={100} disabled={disabled} onChange={(event) => { rename(event.currentTarget.value); event.currentTarget.value = shown.value!.name; }} />}</Field>
        <Field label={t.ends} hint={t.endsWithClips}>
          {(field) => (
            <input
              {...field} key={durationMs} class="tl-time" defaultValue={durationMs === null ? '' : timecode(durationMs)} placeholder={timecode(lengthOf(shown.value!))} disabled={disabled || isFolder.value}
              onChange={(event) => { end(event.currentTarget.value); const now = shown.value!.durationMs; event.currentTarget.value = now === null ? '' : timecode(now); }}
            />
          )}
        </Field>
        <Field label={t.filler} hint={t.fillerHint}>
          {(field) => (
            <select {...field} value={keyOf(filler)} disabled={disabled} onChange={(event) => commit({ ...shown.value!, filler: targetOf(event.currentTarget.value) as typeof filler }, t.did.filler)}>
              <option value="">{t.noFiller}</option>
              {filler && !choices.some(([key]) => key === keyOf(filler)) && <option value={keyOf(filler)}>{t.unknownThing}</option>}
              {choices.map(([key, label]) => <option key={key} value={key}>{label}</option>)}
            </select>
          )}
        </Field>
        <div class="field">
          <div class="row"><Switch on={loop} label={t.loop} disabled={disabled} onChange={(on) => commit({ ...shown.value!, loop: on }, t.did.loop)} /><span>{t.loop}</span></div>
          <p class="hint">{loop ? t.loopHint : t.noLoopHint}</p>
        </div>
        {isOnProgram.value && played.value?.state === 'playing' && <Anchor disabled={disabled} />}
      </div>
    </section>
  );
}

/** As `datetime-local` has it: `2026-05-01T19:30:05`. */
const local = (ms: number): string => new Date(ms).toLocaleString('sv').replace(' ', 'T');

/** When its first frame was due. */
function Anchor({ disabled }: { disabled: boolean }) {
  const [typed, setTyped] = useState<string | null>(null);
  const [zeroMs, setZero] = useState(0);
  // Anew with each report; what wavers by less than a second is not shown as a change.
  useEffect(() => {
    const position = airPosition();
    if (position !== null) setZero((before) => { const now = new Date().getTime() - position; return Math.abs(now - before) < 900 ? before : now; });
  }, [played.value]);
  const set = (text: string) => {
    setTyped(null);
    const position = new Date().getTime() - new Date(text).getTime();
    if (!(position >= 0) || text === local(zeroMs)) return;
    const place = timecode(placeOf(position, shown.value!));
    seek(position, place, t.askAnchor(place));
  };
  return (
    <Field label={t.anchor} hint={t.anchorHint}>
      {(field) => (
        <input
          {...field} type="datetime-local" step={1} value={typed ?? local(zeroMs)} disabled={disabled} onInput={(event) => setTyped(event.currentTarget.value)}
          onBlur={(event) => { if (typed !== null) set(event.currentTarget.value); }} onKeyDown={(event) => { if (event.key === 'Enter') set(event.currentTarget.value); if (event.key === 'Escape') setTyped(null); }}
        />
      )}
    </Field>
  );
}
