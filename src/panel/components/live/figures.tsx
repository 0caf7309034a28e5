/** How program and encoder do, in figures. */
import { useRef } from 'preact/hooks';
import { bitrate } from '../../lib/words.js';
import { RepeatWatch, shareInWords } from '../../lib/health/repeats.js';
import { onAirSources, settings, status } from '../../store/state.js';
import { texts } from '../../texts.js';

const words = texts.live.figures;

/** A count that grew not long ago is worth a look; one that grew yesterday is not. */
const RECENT_MS = 30_000;

function useGrewLately(count: number | undefined): boolean {
  const seen = useRef({ count: count ?? Infinity, atMs: -Infinity });
  if (count !== undefined && count !== seen.current.count) {
    seen.current = { count, atMs: count > seen.current.count ? performance.now() : -Infinity };
  }
  return performance.now() - seen.current.atMs < RECENT_MS;
}

/** How much of what is on program sends comes too late, by its own rate: 0 % of a camera of 12.5 pictures a second that sends each of them. */
function useLateShare(): string {
  const watch = useRef(new RepeatWatch());
  const rates = (status.value?.sources ?? []).filter(({ id }) => onAirSources.value.has(id)).flatMap(({ fps }) => fps ?? []);
  const share = watch.current.report(status.value?.program?.repeated, performance.now(), settings.value?.video.fps ?? 30, rates.length > 0 ? Math.max(...rates) : undefined);
  return share === undefined ? words.unknown : shareInWords(share);
}

export function Figures() {
  const lateShare = useLateShare();
  const program = status.value?.program;
  const encoder = status.value?.encoder;
  const video = settings.value?.video;
  const lateGrew = useGrewLately(program?.late);
  const droppedGrew = useGrewLately(encoder?.dropped);
  const none = words.unknown;
  const figures: [name: string, value: string, isBad?: boolean, title?: string][] = [
    [words.format, video ? `${video.width}×${video.height}` : none],
    [words.frames, program ? words.fps(program.fps.toFixed(1)) : none, program !== null && program !== undefined && video !== undefined && program.fps < video.fps * 0.97],
    [words.encoder, encoder ? encoder.codec : none, encoder?.state === 'failed'],
    [words.bitrate, encoder ? bitrate(encoder.kbps) : none],
    [words.late, program ? String(program.late) : none, lateGrew, words.lateTitle],
    [words.repeated, lateShare, false, words.repeatedTitle(program?.repeated ?? 0)],
    [words.dropped, encoder ? String(encoder.dropped) : none, droppedGrew, words.droppedTitle],
  ];
  return (
    <dl class="card figures" aria-label={words.title}>
      {figures.map(([name, value, isBad, title]) => (
        <div key={name} class={isBad ? 'bad' : ''} title={title}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}
