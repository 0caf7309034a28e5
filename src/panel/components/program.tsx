/** The program's monitor: small pictures, or on demand what is sent out, with its sound; and what is on it in words. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PlayerState, ProgramPlayer } from '../lib/program-player.js';
import { PROGRAM_TILE } from '../../protocol/tile.js';
import { connection, emergencyName, isBlack, onProgramName, settings, status } from '../store/state.js';
import { toggleWatching, watching } from '../store/watching.js';
import { texts } from '../texts.js';
import { Meters } from './meters.js';
import { TilePicture } from './tile.js';

const words = texts.live.program;
const PICTURE_WIDTH = 640;
const PICTURES_PER_SECOND = 15;

export function Program() {
  const name = onProgramName.value;
  const emergency = connection.value === 'lost' ? null : emergencyName.value;
  const isLost = connection.value === 'lost';
  const format = settings.value?.video;
  return (
    <section class="monitor program" aria-labelledby="program-title" id="program">
      <div class="monitor-head">
        <h2 id="program-title">{words.title}</h2>
        <p class={`now ${isLost ? 'past' : ''}`} data-testid="on-program">
          {emergency !== null ? <><span>{words.emergency}</span><strong>{emergency}</strong></> : name !== undefined ? <><span class="now-word">{isLost ? words.last : words.now}</span><strong>{name}</strong></> : words.nothing}
        </p>
        <button
          type="button" class="small" aria-pressed={watching.value} title={words.watchTitle} onClick={toggleWatching}
        >{watching.value ? words.unwatch : words.watch}</button>
      </div>
      <div class={`screen ${isBlack.value ? 'is-black' : ''}`}>
        {watching.value ? <Stream /> : <ProgramPictures />}
        {isBlack.value && <p class="over black-word"><strong>{words.black}</strong></p>}
      </div>
      <Meters />
      {format && <p class="unseen">{words.format(format.width, format.height, format.fps)}</p>}
    </section>
  );
}

function ProgramPictures() {
  const [isThere, setThere] = useState(false);
  return (
    <>
      <TilePicture id={PROGRAM_TILE} width={PICTURE_WIDTH} fps={PICTURES_PER_SECOND} class="picture" label={words.picture} onFirst={() => setThere(true)} />
      {!isThere && <p class="over">{words.waiting}</p>}
    </>
  );
}

/** The player comes when it is first asked for: it is larger than all the rest of the page. */
function Stream() {
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<PlayerState | 'broken'>('connecting');
  const [muted, setMuted] = useState(false);
  useEffect(() => {
    let player: ProgramPlayer | undefined;
    let isGone = false;
    import('../lib/program-player.js').then((part) => {
      if (isGone) return;
      player = new part.ProgramPlayer(video.current!, setState);
      player.start();
    }, () => setState('broken'));
    return () => {
      isGone = true;
      player?.stop();
    };
  }, []);
  const toggleSound = () => {
    video.current!.muted = !muted;
    setMuted(!muted);
  };
  const isRestarting = status.value?.encoder?.state === 'restarting';
  return (
    <>
      {/* What is said on program has no captions of its own here. */}
      <video ref={video} autoplay playsInline aria-label={words.video} />
      {state !== 'playing' && <p class="over">{isRestarting ? words.restarting : words.states[state]}</p>}
      <button type="button" class="small mute" aria-pressed={muted} onClick={toggleSound}>{muted ? words.unmute : words.mute}</button>
    </>
  );
}
