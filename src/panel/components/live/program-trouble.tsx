/** What viewers get instead of a source that is away, and what cannot be drawn. */
import { programTrouble } from '../../lib/trouble.js';
import { connection, isTimelineOnProgram, onAirSources, onProgram, sources, sourceStatus, status } from '../../store/state.js';

export function ProgramTrouble() {
  const sentences = connection.value === 'lost' ? [] : programTrouble({
    sources: sources.value, onAir: onAirSources.value, stateOf: (id) => sourceStatus.value.get(id)?.state, isSoundOnly: (id) => sourceStatus.value.get(id)?.soundOnly === true,
    inScene: !onAirSources.value.has(onProgram.value ?? ''), inTimeline: isTimelineOnProgram.value, isLive: status.value?.state === 'live',
    overlayProblem: status.value?.overlays?.error?.message,
  });
  return <div role="alert" class="trouble">{sentences.map((sentence) => <p key={sentence}>{sentence}</p>)}</div>;
}
