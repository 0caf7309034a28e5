/** Sources on program that are away or over, and cameras that come in bursts, send half of what they should, or share their key. Pure. */
import type { CameraStatus, SourceStatus } from '../../protocol/status.js';
import { mostOf, sumOf } from './recent.js';
import type { Found, WarningFacts } from './warnings.js';

const OVER_S = 60;
/** So many reports of a minute say "late" or "gone" of a camera that comes in bursts. */
const RESTLESS = 10;
/** And one of these last seconds: it still does. */
const STILL_S = 15;
/** Nothing is heard of the program for so long. */
const UNHEARD_S = 10;
/** So long the program must have been silent too: its camera has been for two seconds by then. */
const SILENT_NOW_S = 1;
const SILENT_DBFS = -60;

export function sourceWarnings(facts: WarningFacts): Found[] {
  return [...facts.status.sources.flatMap((source) => one(source, facts)), ...facts.cameras.flatMap((camera) => sharedKey(camera, facts))];
}

/** The same key was typed into two encoders. */
function sharedKey({ id, remote, rival }: CameraStatus, { names }: WarningFacts): Found[] {
  if (rival === undefined) return [];
  const where = rival === remote ? `both at ${rival}: the one that is there stays, the other is refused` : `at ${remote} and ${rival}: the first stays, the other is refused`;
  return [{
    code: 'SOURCE_KEY_SHARED', level: 'warning', ids: [id], message: `Two encoders push with the key of ${names.get(id) ?? 'a camera'}, ${where}.`,
    advice: 'Make a camera for the other one on the page Scenes, Sources, and give it that key. If the wrong one is on, stop it there: the other comes on by itself.',
  }];
}

function one(source: SourceStatus, { recent, names, cameras, status }: WarningFacts): Found[] {
  const { id, state, fps } = source;
  const camera = cameras.find((candidate) => candidate.id === id);
  const name = names.get(id) ?? 'A source';
  const isOnAir = status.onAir.includes(id);
  if (source.soundOnly) {
    return isOnAir ? [{ code: 'SOURCE_SOUND_ONLY', level: 'warning', ids: [id], message: `${name} sends sound and no picture.`, advice: 'Start its picture at the camera or in OBS: the slate or its fallback is shown meanwhile.' }] : [];
  }
  if (state === 'gone' || state === 'failed' || state === 'ended') {
    // Each clip of a timeline has a player of its own: how the source of a file stands says nothing of those.
    if (!isOnAir || (status.timeline !== null && !status.timeline.overridden && !camera)) return [];
    const level = status.state === 'standby' ? 'warning' : 'error';
    if (state === 'ended') {
      return [{
        code: 'SOURCE_OVER', level, ids: [id], message: `${name} is on program and has come to its end.`,
        advice: 'Its fallback or the slate is seen in its place. Switch to another source; among the sources it can be set to play over and over.',
      }];
    }
    return [{
      code: 'SOURCE_GONE', level, ids: [id],
      message: `${name} is on program and ${state === 'gone' ? 'sends nothing' : `has failed${source.error ? `: ${source.error.message}` : ''}`}.`,
      advice: 'Its fallback or the slate is seen in its place. Look at its network and at what sends it, or switch to another source.',
    }];
  }
  if (!camera) return [];
  if (sumOf(recent, `source.${id}.restless`, OVER_S) >= RESTLESS && sumOf(recent, `source.${id}.restless`, STILL_S) > 0) {
    return [{
      code: 'SOURCE_BURSTS', level: 'warning', ids: [id], message: `${name}${fps ? ` sends ${rate(fps)} pictures a second, but` : ' sends its pictures'} in bursts: they stand again and again.`,
      advice: 'In OBS lower the bitrate, or use a cable in place of Wi-Fi.',
    }];
  }
  const isMute = camera.state === 'live' && camera.video !== null && camera.audio === null;
  // A microphone beside it may be its sound: then nothing is wrong.
  if (isOnAir && isMute && (mostOf(recent, 'program.peak', UNHEARD_S) ?? 0) <= SILENT_DBFS) {
    return [{
      code: 'SOURCE_NO_SOUND', level: 'warning', ids: [id], message: `${name} is on program and sends no sound at all.`,
      advice: 'Give it an audio source in OBS, or switch on its microphone. If that is meant, nothing is to be done.',
    }];
  }
  return isOnAir && (state === 'live' || state === 'late') ? sight(source, name, recent) : [];
}

/** Of a camera on program that goes on sending. A picture that is meant to stand is no fault: each says so. */
function sight({ id, still, black, silent }: SourceStatus, name: string, recent: WarningFacts['recent']): Found[] {
  const found: Found[] = [];
  if (black) {
    found.push({
      code: 'SOURCE_BLACK', level: 'warning', ids: [id], message: `${name} is on program and its picture is black.`,
      advice: 'Look at its lens cap, its input and the scene in OBS. If that is meant, nothing is to be done.',
    });
  } else if (still) {
    found.push({
      code: 'SOURCE_STILL', level: 'warning', ids: [id], message: `${name} is on program and its picture stands still.`,
      advice: 'Look whether the camera, or what captures it in OBS, has frozen. If that is meant, nothing is to be done.',
    });
  }
  // Where anything else is heard, its sound may be meant to come from there.
  if (silent && (mostOf(recent, 'program.peak', SILENT_NOW_S) ?? 0) <= SILENT_DBFS) {
    found.push({
      code: 'SOURCE_SILENT', level: 'warning', ids: [id], message: `${name} is on program and there is nothing in its sound.`,
      advice: 'Look whether its microphone, or its mixer in OBS, is muted. If that is meant, nothing is to be done.',
    });
  }
  return found;
}

const rate = (fps: number): string => String(Number(fps.toFixed(1)));
