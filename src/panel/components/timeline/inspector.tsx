/** All of the clip that is chosen, in figures; of several what they have in common is set together. */
import type { Clip } from '../../../protocol/timeline.js';
import { Fit, TransitionKind, type Transition } from '../../../protocol/resources.js';
import { clipsById, endOf } from '../../lib/timeline/document.js';
import { moved, trimmed } from '../../lib/timeline/edits.js';
import { readTime, timecode } from '../../lib/timeline/time.js';
import { transition } from '../../store/actions.js';
import { commit, isFolder, shown } from '../../store/timeline.js';
import { change, frame, subject } from '../../store/timeline-do.js';
import { hasTime, nameOf, problemsByClip, thingOf } from '../../store/timeline-things.js';
import { air, ripple } from '../../store/timeline-view.js';
import { texts } from '../../texts.js';
import { Field } from '../parts.js';
import { Keyframes } from './keyframes.js';
import { NumberInput } from './number-input.js';

const t = texts.timelines;

export function Inspector() {
  const document = shown.value!;
  const clips = [...subject()].flatMap((id) => clipsById(document).get(id) ?? []);
  const [at] = clips;
  if (!at) return <section class="card tl-inspector" aria-labelledby="inspector-title"><h2 id="inspector-title">{t.inspector}</h2><p class="empty">{t.nothingChosen}</p></section>;
  const { clip, track } = at;
  const isOne = clips.length === 1;
  const problems = clips.flatMap((one) => problemsByClip.value.get(one.clip.id) ?? []);
  const thing = thingOf(clip);
  return (
    <section class="card tl-inspector" aria-labelledby="inspector-title">
      <div class="card-head">
        <h2 id="inspector-title">{isOne ? nameOf(clip) : t.chosen(clips.length)}</h2>
        {isOne && air.value.now.has(clip.id) ? <span class="tally">{t.onAirMark}</span> : isOne && thing ? <span class="quiet-word">{t.kinds[thing.kind]}</span> : null}
      </div>
      {problems.map(({ severity, message }, i) => <p key={i} class={`sentence ${severity === 'error' ? 'bad' : ''}`}><b>{severity === 'error' ? t.wrongMark : t.oddMark}</b> {message}</p>)}
      <fieldset class="tl-fields" disabled={isFolder.value}>
        {isOne && (
          <>
            <Time id="clip-start" label={t.start} ms={clip.startMs} onSet={(ms) => commit(moved(shown.value!, new Set([clip.id]), ms - clip.startMs, 0, ripple.value), t.did.move)} />
            <Time label={t.end} ms={endOf(clip)} onSet={(ms) => commit(trimmed(shown.value!, clip.id, 'end', ms - endOf(clip), ripple.value, hasTime, frame()), t.did.trim)} />
            <Time label={t.length} ms={clip.durationMs} onSet={(ms) => commit(trimmed(shown.value!, clip.id, 'end', ms - clip.durationMs, ripple.value, hasTime, frame()), t.did.trim)} />
            {hasTime(clip) && <Time label={t.from} ms={clip.inMs} onSet={(inMs) => change((one) => ({ ...one, inMs }), t.did.change)} />}
          </>
        )}
        <Way label={t.wayIn} value={clip.transition} onSet={(value) => change((one) => withWay(one, 'transition', value), t.did.transition)} />
        <Way label={t.wayOut} value={clip.transitionOut} onSet={(value) => change((one) => withWay(one, 'transitionOut', value), t.did.transition)} />
        {track.kind !== 'audio' && (
          <>
            <Figure label={t.opacity} value={clip.opacity * 100} min={0} max={100} step={1} unit="%" onSet={(value) => change((one) => ({ ...one, opacity: value / 100 }), t.did.change)} />
            <Figure label={t.x} value={clip.x * 100} min={-100} max={200} step={0.1} unit="%" onSet={(value) => change((one) => ({ ...one, x: value / 100 }), t.did.change)} />
            <Figure label={t.y} value={clip.y * 100} min={-100} max={200} step={0.1} unit="%" onSet={(value) => change((one) => ({ ...one, y: value / 100 }), t.did.change)} />
            <Figure label={t.width} value={clip.width * 100} min={0.1} max={300} step={0.1} unit="%" onSet={(value) => change((one) => ({ ...one, width: value / 100 }), t.did.change)} />
            <Figure label={t.height} value={clip.height * 100} min={0.1} max={300} step={0.1} unit="%" onSet={(value) => change((one) => ({ ...one, height: value / 100 }), t.did.change)} />
            <Field label={t.fitting}>{(described) => (
              <select {...described} value={clip.fit} onChange={(event) => { const fit = event.currentTarget.value as Clip['fit']; change((one) => ({ ...one, fit }), t.did.change); }}>
                {Fit.options.map((fit) => <option key={fit} value={fit}>{t.fits[fit]}</option>)}
              </select>
            )}</Field>
          </>
        )}
        <Figure label={t.gain} value={clip.audio.gainDb} min={-60} max={12} step={0.5} unit="dB" onSet={(gainDb) => change((one) => ({ ...one, audio: { ...one.audio, gainDb } }), t.did.change)} />
        <label class="tl-check"><input type="checkbox" checked={clip.audio.muted} onChange={(event) => { const muted = event.currentTarget.checked; change((one) => ({ ...one, audio: { ...one.audio, muted } }), t.did.change); }} />{t.muted}</label>
        {isOne && <Keyframes clip={clip} track={track} />}
      </fieldset>
    </section>
  );
}

function withWay(clip: Clip, field: 'transition' | 'transitionOut', value: Transition | null): Clip {
  const { [field]: _, ...rest } = clip;
  return value ? { ...rest, [field]: value } : rest;
}

/** A moment that is typed; what is none of them is not taken. */
function Time({ id, label, ms, onSet }: { id?: string; label: string; ms: number; onSet(ms: number): void }) {
  return (
    <label class="field">{label}
      <input id={id} key={ms} class="tl-time" defaultValue={timecode(ms)} onChange={(event) => {
        const read = readTime(event.currentTarget.value);
        if (read !== null && read !== ms) onSet(read);
        event.currentTarget.value = timecode(ms);
      }} />
    </label>
  );
}

function Figure({ label, value, unit, ...more }: { label: string; value: number; min: number; max: number; step: number; unit: string; onSet(value: number): void }) {
  return <label class="field">{`${label} (${unit})`}<NumberInput {...more} value={Number(value.toFixed(2))} /></label>;
}

function Way({ label, value, onSet }: { label: string; value: Transition | undefined; onSet(value: Transition | null): void }) {
  const usual = transition.value.durationMs || 500;
  return (
    <div class="tl-way" role="group" aria-label={label}>
      <label class="field">{label}
        <select value={value?.kind ?? ''} onChange={(event) => {
          const kind = event.currentTarget.value;
          onSet(kind === '' ? null : { durationMs: usual, ...value, kind: kind as TransitionKind });
        }}>
          <option value="">{t.noTransition}</option>
          {TransitionKind.options.map((kind) => <option key={kind} value={kind}>{t.transitions[kind]}</option>)}
        </select>
      </label>
      {value && value.kind !== 'cut' && <Figure label={t.length} value={value.durationMs} min={0} max={60_000} step={10} unit="ms" onSet={(durationMs) => onSet({ ...value, durationMs: Math.round(durationMs) })} />}
    </div>
  );
}
