/** How what is armed comes on program: cut, auto, the T-bar, the transition; and what goes over everything. */
import type { TransitionKind } from '../../../protocol/resources.js';
import { chooseTransition, markMoment, transition } from '../../store/actions.js';
import { bindings } from '../../store/keys.js';
import { broadcast, connection, isBlack, onPreview } from '../../store/state.js';
import { auto, autoTransition, cut, mode, toggleBlack } from '../../store/switching.js';
import { texts } from '../../texts.js';
import { EmergencyButton } from '../emergency.js';
import { TwoWords } from '../parts.js';
import { KeyHint } from '../keys/key-hint.js';
import { TBar } from './t-bar.js';

const words = texts.live.controls;

/** Those whose names are short for another of them are left out. */
const KINDS: Exclude<TransitionKind, 'wipe' | 'slide' | 'push'>[] = [
  'cut', 'fade', 'dip', 'wipe-left', 'wipe-right', 'wipe-up', 'wipe-down', 'slide-left', 'slide-right', 'slide-up', 'slide-down',
  'push-left', 'push-right', 'push-up', 'push-down',
];
const DURATIONS_MS = [200, 300, 500, 800, 1000, 1500, 2000, 3000, 5000];

export function Controls() {
  const hasBuses = mode.value === 'studio';
  const cannot = connection.value !== 'open';
  const isArmed = onPreview.value !== null;
  return (
    <section class="card controls" aria-label={words.title} id="controls">
      {hasBuses && (
        <>
          <button type="button" class="cut" disabled={cannot || !isArmed} aria-keyshortcuts={shortcut('cut')} onClick={() => void cut()}>{words.cut}<KeyHint of="cut" /></button>
          <button type="button" class="auto" disabled={cannot || !isArmed} aria-keyshortcuts={shortcut('auto')} onClick={() => void auto()}>{words.auto}<KeyHint of="auto" /></button>
        </>
      )}
      <TransitionChoice hasBuses={hasBuses} />
      {hasBuses && <TBar disabled={cannot} />}
      <span class="over-all">
        <MarkButton />
        <BlackButton />
        <EmergencyButton />
      </span>
    </section>
  );
}

const shortcut = (command: 'cut' | 'auto' | 'black' | 'mark'): string | undefined => bindings.value[command] ?? undefined;

function TransitionChoice({ hasBuses }: { hasBuses: boolean }) {
  const { kind, durationMs } = hasBuses ? autoTransition.value : transition.value;
  const kinds = hasBuses ? KINDS.filter((one) => one !== 'cut') : KINDS;
  const durations = DURATIONS_MS.includes(durationMs) ? DURATIONS_MS : [...DURATIONS_MS, durationMs].sort((a, b) => a - b);
  return (
    <span class="transition">
      <select aria-label={words.transition} value={kind} onChange={(event) => chooseTransition({ kind: event.currentTarget.value as TransitionKind, durationMs })}>
        {kinds.map((value) => <option key={value} value={value}>{words.kinds[value]}</option>)}
      </select>
      <select aria-label={words.duration} value={durationMs} disabled={kind === 'cut'} onChange={(event) => chooseTransition({ kind, durationMs: Number(event.currentTarget.value) })}>
        {durations.map((ms) => <option key={ms} value={ms}>{words.seconds(ms / 1000)}</option>)}
      </select>
    </span>
  );
}

/** There is something to mark while something is recorded; nothing beside it moves when that begins. */
function MarkButton() {
  const isRecording = (broadcast.value?.recordingId ?? null) !== null;
  return <button type="button" class="mark" disabled={connection.value !== 'open' || !isRecording} aria-keyshortcuts={shortcut('mark')} title={isRecording ? words.markHint : words.markNothing} onClick={() => void markMoment()}>{words.mark}<KeyHint of="mark" /></button>;
}

function BlackButton() {
  const isOn = isBlack.value;
  return (
    <button type="button" class={isOn ? 'black on' : 'black'} aria-pressed={isOn} disabled={connection.value !== 'open'} aria-keyshortcuts={shortcut('black')} onClick={() => void toggleBlack()}>
      <TwoWords first={words.toBlack} second={words.fromBlack} isSecond={isOn} /><KeyHint of="black" />
    </button>
  );
}
