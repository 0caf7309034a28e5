/** One source, scene or timeline: its picture, number, tally, sound, state and age. A press arms it, or takes it in direct mode. */
import type { Command } from '../../lib/keys.js';
import type { SourceStatus } from '../../../protocol/status.js';
import { duration, format, NOT_KNOWN, saidOfSource } from '../../lib/words.js';
import { bindings } from '../../store/keys.js';
import {
  armedSources, coming, connection, isTimelineOnProgram, onAirSources, onPreview, onProgram, silentSources, sourceStatus, status, timelines, type Target,
} from '../../store/state.js';
import { mode, press } from '../../store/switching.js';
import { texts } from '../../texts.js';
import { keyName } from '../keys/key-hint.js';
import { State } from '../parts.js';
import { SourceTile, TilePicture } from '../tile.js';
import { LevelBar } from './level-bar.js';

const words = texts.live.targets;
/** Other than red and filled. */
const TALLY_LOOKS: Readonly<Record<string, string>> = { [words.coming]: 'amber', [words.armed]: 'green', [words.inScene]: 'faint', [words.inTimeline]: 'faint', [words.inArmed]: 'green faint' };

/** @param index its place, of those that have a number; undefined: it has none */
export function TargetButton({ target, index }: { target: Target; index?: number | undefined }) {
  const isKnown = connection.value !== 'lost';
  const hasBuses = mode.value === 'studio';
  const isComing = isKnown && coming.value === target.id;
  const isOn = isKnown && onProgram.value === target.id;
  const isArmed = isKnown && hasBuses && onPreview.value === target.id;
  const isSource = target.kind !== 'scene' && target.kind !== 'timeline';
  const isPart = isKnown && !isOn && isSource && onAirSources.value.has(target.id);
  const isArmedPart = isKnown && hasBuses && !isArmed && isSource && armedSources.value.has(target.id);
  const hasPicture = isKnown && target.kind !== 'audio' && target.kind !== 'timeline';
  const key = index !== undefined && index < 9 ? bindings.value[`pick-${index + 1}` as Command] : null;
  const partOf = isTimelineOnProgram.value ? words.inTimeline : words.inScene;
  const isEmpty = isEmptyTimeline(target);
  const tallies = [isComing && words.coming, isOn && words.onProgram, isArmed && words.armed, isPart && partOf, isArmedPart && words.inArmed].filter((word) => word !== false);
  const classes = ['target', isComing && 'coming', isOn && 'on', isArmed && 'armed', isPart && 'part', isArmedPart && 'armed-part', target.kind === 'timeline' && 'low'].filter(Boolean).join(' ');
  return (
    <button
      type="button" class={classes} aria-pressed={isOn} data-armed={isArmed} aria-keyshortcuts={key ?? undefined} disabled={connection.value !== 'open' || (isEmpty && !isOn && !isArmed)}
      title={isEmpty ? words.emptyHint : hasBuses ? words.arms(target.name) : words.takes(target.name)} onClick={() => press(target)} data-target={target.id}
    >
      {hasPicture && (isSource ? <SourceTile sourceId={target.id} /> : <TilePicture id={target.id} />)}
      <span class="target-head">
        {key !== null && <kbd>{keyName(key)}</kbd>}
        {tallies.length === 0 && <span class="kind">{words.kinds[target.kind]}</span>}
        {tallies.map((word) => <span key={word} class={`tally ${TALLY_LOOKS[word] ?? ''}`}>{word}</span>)}
      </span>
      <span class="target-text">
        <span class="name">{target.name}</span>
        {isSource ? <SourceState target={target} /> : <OtherState target={target} />}
      </span>
      {isSource && target.kind !== 'image' && target.kind !== 'color' && isKnown && <LevelBar id={target.id} />}
    </button>
  );
}

function SourceState({ target }: { target: Target }) {
  const source = sourceStatus.value.get(target.id);
  if (!source) return <span class="state quiet">{NOT_KNOWN.word}</span>;
  const said = saidOfSource(target.kind, source, onAirSources.value.has(target.id), silentSources.value.has(target.id));
  return <State said={said} detail={detailOf(source)} title={source.error?.message ?? said.hint} />;
}

function detailOf({ state, ageMs, height, fps }: SourceStatus): string {
  if (state === 'live') return format(height, fps);
  // Of less than a second the word says it all.
  return ageMs >= 1000 && (state === 'late' || state === 'gone' || state === 'waiting') ? words.since(duration(ageMs)) : '';
}

/** There is nothing to play in it, which the studio refuses. */
const isEmptyTimeline = ({ id, kind }: Target): boolean => kind === 'timeline' && timelines.value.find((one) => one.id === id)?.empty === true;

/** A scene is ready whenever it is wanted; of the timeline on program it is told how long it still plays. */
function OtherState({ target }: { target: Target }) {
  const timeline = status.value?.timeline;
  if (connection.value === 'lost') return <span class="state quiet">{NOT_KNOWN.word}</span>;
  if (isEmptyTimeline(target)) return <span class="state quiet">{words.empty}</span>;
  if (timeline?.timelineId !== target.id || timeline.state !== 'playing') return <span class="state quiet">{words.ready}</span>;
  // One that loops does not end.
  if (timelines.value.find(({ id }) => id === target.id)?.loop) return <span class="state quiet">{words.loops}</span>;
  const positionMs = timeline.positionMs - timeline.lap * timeline.durationMs;
  return <span class="state quiet figure">{words.left(duration(Math.max(0, timeline.durationMs - positionMs) + 999))}</span>;
}
