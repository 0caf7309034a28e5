/** The program: its picture and sound, what is on it in words, and how the encoder does. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Preview, type PreviewState } from '../lib/preview.js';
import { RepeatWatch, shareInWords } from '../lib/health/repeats.js';
import { programTrouble } from '../lib/trouble.js';
import { bitrate } from '../lib/words.js';
import { connection, onAirSources, onProgram, onProgramName, snapshot, sources, sourceStatus, status } from '../store/state.js';
import { texts } from '../texts.js';
import { EmergencyButton, OverProgram } from './emergency.js';
import { Meters } from './meters.js';

const PREVIEW_WORDS: Record<PreviewState, string> = {
  connecting: 'Waiting for the picture …',
  playing: '',
  unsupported: 'This browser cannot play the preview. Everything else works.',
};

export function Program() {
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<PreviewState>('connecting');
  const [muted, setMuted] = useState(true);

  useEffect(() => {
    const preview = new Preview(video.current!, setState);
    preview.start();
    return () => preview.stop();
  }, []);
  const toggleSound = () => {
    const next = !muted;
    video.current!.muted = next;
    setMuted(next);
  };

  const name = onProgramName.value;
  const isLost = connection.value === 'lost';
  const encoder = status.value?.encoder;
  const video_ = snapshot.value?.settings.video;
  return (
    <section class="card program" aria-labelledby="program-title" id="program">
      <div class="card-head">
        <h2 id="program-title">Program</h2>
        <p class={`now ${isLost ? 'past' : ''}`} data-testid="on-program">
          {name !== undefined ? <>{isLost ? 'Last on program: ' : 'On program: '}<strong>{name}</strong></> : 'Nothing is on program'}
        </p>
        <EmergencyButton />
        <div role="alert" class="trouble">{isLost ? null : trouble().map((sentence) => <p key={sentence}>{sentence}</p>)}</div>
      </div>
      <OverProgram />
      <div class="stage">
        <div class="screen">
          {/* What is said on program has no captions of its own here. */}
          <video ref={video} muted autoplay playsInline aria-label="Program preview" onClick={toggleSound} />
          {state !== 'playing' && <p class="over">{encoder?.state === 'restarting' ? 'The encoder is being restarted …' : PREVIEW_WORDS[state]}</p>}
        </div>
        <div class="readings">
          <div class="sound">
            <Meters />
            <button type="button" class="small" aria-pressed={!muted} onClick={toggleSound}>{muted ? 'Unmute' : 'Mute'}</button>
          </div>
          <Figures />
        </div>
      </div>
      {video_ && <p class="unseen">The program is {video_.width} by {video_.height} at {video_.fps} frames a second.</p>}
    </section>
  );
}

/** What viewers get instead of a source that is away, and what cannot be drawn. */
function trouble(): string[] {
  return programTrouble({
    sources: sources.value, onAir: onAirSources.value, stateOf: (id) => sourceStatus.value.get(id)?.state, isSoundOnly: (id) => sourceStatus.value.get(id)?.soundOnly === true,
    inScene: !onAirSources.value.has(onProgram.value ?? ''), isLive: status.value?.state === 'live',
    overlayProblem: status.value?.overlays?.error?.message,
  });
}

/** A count that grew not long ago is worth a look; one that grew yesterday is not. */
const RECENT_MS = 30_000;

function useGrewLately(count: number | undefined): boolean {
  const seen = useRef({ count: count ?? Infinity, atMs: -Infinity });
  if (count !== undefined && count !== seen.current.count) {
    seen.current = { count, atMs: count > seen.current.count ? performance.now() : -Infinity };
  }
  return performance.now() - seen.current.atMs < RECENT_MS;
}

/** How much of what is on program sends comes too late, by its own rate: "0 %" of a camera of 12.5 pictures a second that sends each of them. */
function useLateShare(): string {
  const watch = useRef(new RepeatWatch());
  const program = status.value?.program;
  const rates = (status.value?.sources ?? []).filter(({ id }) => onAirSources.value.has(id)).flatMap(({ fps }) => fps ?? []);
  const share = watch.current.report(program?.repeated, performance.now(), snapshot.value?.settings.video.fps ?? 30, rates.length > 0 ? Math.max(...rates) : undefined);
  return share === undefined ? '–' : shareInWords(share);
}

function Figures() {
  const lateShare = useLateShare();
  const program = status.value?.program;
  const encoder = status.value?.encoder;
  const video = snapshot.value?.settings.video;
  const lateGrew = useGrewLately(program?.late);
  const droppedGrew = useGrewLately(encoder?.dropped);
  const figures: [name: string, value: string, isBad?: boolean, title?: string][] = [
    ['Format', video ? `${video.width}×${video.height}` : '–'],
    ['Frames', program ? `${program.fps.toFixed(1)} fps` : '–', program !== null && program !== undefined && video !== undefined && program.fps < video.fps * 0.97],
    ['Encoder', encoder ? encoder.codec : '–', encoder?.state === 'failed'],
    ['Bitrate', encoder ? bitrate(encoder.kbps) : '–'],
    ['Late', program ? String(program.late) : '–', lateGrew, 'Program frames that were ready too late, since the engine started'],
    [texts.health.repeated, lateShare, false, texts.health.repeatedHint(program?.repeated ?? 0)],
    ['Dropped', encoder ? String(encoder.dropped) : '–', droppedGrew, 'Frames that the encoder could not take, since the engine started'],
  ];
  return (
    <dl class="figures">
      {figures.map(([name, value, isBad, title]) => (
        <div key={name} class={isBad ? 'bad' : ''} title={title}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}
