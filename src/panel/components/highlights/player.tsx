/** The recording, played from the start to the end of the chosen highlight or freely; beneath it the whole of it, and the highlight that is trimmed. */
import { useEffect, useRef } from 'preact/hooks';
import type { Analysis } from '../../../protocol/analysis.js';
import { listenForKeys } from '../../lib/key-listener.js';
import { framesOn, timecode } from '../../lib/timeline/time.js';
import { boundsShown, choose, chosen, chooseNext, decide, positionMs, trim, undo } from '../../store/highlights.js';
import { snapshot } from '../../store/state.js';
import { texts } from '../../texts.js';
import { fileOf, whenOf } from '../recordings.js';
import { Strip } from './strip.js';
import { Trim } from './trim.js';

const t = texts.highlights;

export function Player({ id, found }: { id: string; found: Analysis }) {
  const video = useRef<HTMLVideoElement>(null);
  /** Where playing is to stop; null: it goes on. */
  const stopAtMs = useRef<number | null>(null);
  const recording = snapshot.value?.recordings.find((one) => one.id === id);
  const durationMs = found.durationMs ?? 0;
  const one = chosen();

  const seek = (toMs: number) => {
    stopAtMs.current = null;
    if (video.current) video.current.currentTime = Math.max(0, toMs) / 1000;
    positionMs.value = Math.max(0, toMs);
  };
  const playHighlight = () => {
    if (!one || !video.current) return;
    const { startMs, endMs } = boundsShown(one);
    seek(startMs);
    stopAtMs.current = endMs;
    void video.current.play().catch(() => undefined);
  };
  const toggle = () => {
    const player = video.current;
    if (!player) return;
    if (player.paused) void player.play().catch(() => undefined);
    else player.pause();
  };
  const step = (frames: number) => {
    video.current?.pause();
    seek(framesOn(positionMs.value, frames, snapshot.value?.settings.video.fps ?? 30));
  };

  useEffect(() => {
    let frame = 0;
    const look = () => {
      frame = requestAnimationFrame(look);
      const player = video.current;
      if (!player || player.seeking) return;
      const atMs = player.currentTime * 1000;
      if (Math.abs(atMs - positionMs.value) > 1) positionMs.value = atMs;
      if (stopAtMs.current !== null && atMs >= stopAtMs.current) {
        player.pause();
        stopAtMs.current = null;
      }
    };
    look();
    return () => cancelAnimationFrame(frame);
  }, []);
  // Whoever chooses another sees how it begins.
  useEffect(() => { if (one && video.current?.paused !== false) seek(boundsShown(one).startMs); }, [one?.id]);
  const keys: Readonly<Record<string, () => unknown>> = {
    Space: toggle, P: playHighlight, J: () => chooseNext(1), K: () => chooseNext(-1), ArrowDown: () => chooseNext(1), ArrowUp: () => chooseNext(-1),
    A: () => one && decide(one, 'accepted'), R: () => one && decide(one, 'rejected'), U: () => undo(),
    I: () => trim('start', positionMs.value), O: () => trim('end', positionMs.value),
    ',': () => step(-1), '.': () => step(1), ArrowLeft: () => seek(positionMs.value - 1000), ArrowRight: () => seek(Math.min(durationMs, positionMs.value + 1000)),
  };
  const press = useRef(keys);
  press.current = keys;
  useEffect(() => listenForKeys((key) => {
    // The player has its own use of these.
    const act = document.activeElement === video.current && /^(Space|Arrow)/.test(key) ? undefined : press.current[key];
    if (act) void act();
    return act !== undefined;
  }), []);

  return (
    <section class="card hl-player" aria-label={t.player}>
      {recording && recording.state !== 'ready'
        ? <p class="hint" role="status">{t.notFinished}</p>
        : <video ref={video} controls playsInline preload="metadata" src={fileOf({ id } as Parameters<typeof fileOf>[0])} aria-label={recording ? texts.media.recordings.player(whenOf(recording)) : t.player} />}
      <p class="hint figure">{timecode(positionMs.value)} / {timecode(durationMs)}</p>
      <Strip found={found} onSeek={seek} onChoose={choose} />
      {one && <Trim one={one} found={found} onPlay={playHighlight} onSeek={seek} />}
      <details class="hl-keys"><summary>{t.keys.title}</summary><dl>{t.keys.list.map(([key, what]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>)}</dl></details>
    </section>
  );
}
