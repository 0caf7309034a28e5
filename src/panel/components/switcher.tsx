/** Sources and scenes as big buttons: a press puts one on program. Keys 1 to 9 press the first nine. */
import type { TransitionKind } from '../../protocol/resources.js';
import type { SourceStatus } from '../../protocol/status.js';
import { NOT_KNOWN, SOUND_ONLY, SOURCE_STATES, duration, format } from '../lib/words.js';
import { chooseTransition, take, transition } from '../store/actions.js';
import { connection, onAirSources, onProgram, sourceStatus, targets, type Target } from '../store/state.js';
import { Card, State } from './parts.js';
import { SourceTile } from './tile.js';

const KINDS: Record<Target['kind'], string> = {
  camera: 'Camera', media: 'Video', image: 'Image', audio: 'Audio', color: 'Colour', test: 'Test card', scene: 'Scene',
};

const TRANSITIONS: [TransitionKind, string][] = [
  ['cut', 'Cut'], ['fade', 'Fade'], ['dip', 'Dip to black'],
  ['wipe-left', 'Wipe left'], ['wipe-right', 'Wipe right'], ['wipe-up', 'Wipe up'], ['wipe-down', 'Wipe down'],
  ['slide-left', 'Slide left'], ['slide-right', 'Slide right'], ['push-left', 'Push left'], ['push-right', 'Push right'],
];
const DURATIONS_MS = [200, 300, 500, 800, 1000, 1500, 2000, 3000];

export function Switcher() {
  return (
    <Card id="switcher" title="Sources and scenes" aside={<TransitionChoice />}>
      {targets.value.length === 0
        ? <p class="empty">There is nothing to show yet. Add a camera.</p>
        : <div class="targets">{targets.value.map((target, index) => <TargetButton key={target.id} target={target} index={index} />)}</div>}
    </Card>
  );
}

function TransitionChoice() {
  const { kind, durationMs } = transition.value;
  return (
    <div class="row transition">
      <label for="transition-kind">Transition</label>
      <select id="transition-kind" value={kind} onChange={(event) => { chooseTransition({ kind: event.currentTarget.value as TransitionKind, durationMs }); leave(event.currentTarget); }}>
        {TRANSITIONS.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
      </select>
      <select aria-label="Duration of the transition" value={durationMs} disabled={kind === 'cut'} onChange={(event) => { chooseTransition({ kind, durationMs: Number(event.currentTarget.value) }); leave(event.currentTarget); }}>
        {DURATIONS_MS.map((ms) => <option key={ms} value={ms}>{ms / 1000} s</option>)}
      </select>
    </div>
  );
}

/** Chosen with the pointer: the next key is for the program. Whoever goes through the list by its keys stays in it. */
function leave(select: HTMLSelectElement): void {
  if (!select.matches(':focus-visible')) select.blur();
}

function TargetButton({ target, index }: { target: Target; index: number }) {
  const isOn = connection.value !== 'lost' && onProgram.value === target.id;
  const isPart = connection.value !== 'lost' && !isOn && target.kind !== 'scene' && onAirSources.value.has(target.id);
  const status = sourceStatus.value.get(target.id);
  const hasPicture = target.kind !== 'scene' && target.kind !== 'audio' && connection.value !== 'lost';
  const key = index < 9 ? String(index + 1) : undefined;
  return (
    <button
      type="button" class={`target ${isOn ? 'on' : isPart ? 'part' : ''}`} aria-pressed={isOn} aria-keyshortcuts={key}
      disabled={connection.value !== 'open'} onClick={() => void take(target)} data-target={target.id}
    >
      {hasPicture && <SourceTile sourceId={target.id} />}
      <span class="target-head">
        {key && <kbd>{key}</kbd>}
        {!isOn && !isPart && <span class="kind">{KINDS[target.kind]}</span>}
        {(isOn || isPart) && <span class="tally">{isOn ? 'On program' : 'In scene'}</span>}
      </span>
      <span class="target-text">
        <span class="name">{target.name}</span>
        {status
          ? <State said={status.soundOnly ? SOUND_ONLY : SOURCE_STATES[status.state]} detail={detailOf(status)} title={status.error?.message} />
          : <span class="state quiet">{target.kind === 'scene' && connection.value !== 'lost' ? 'Ready' : NOT_KNOWN.word}</span>}
      </span>
    </button>
  );
}

function detailOf(status: SourceStatus): string {
  if (status.state === 'live') return format(status.height, status.fps);
  if (status.state === 'late' || status.state === 'gone') return `for ${duration(status.ageMs)}`;
  return '';
}
