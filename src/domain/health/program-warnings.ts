/** The program, its sound, the encoder and the recording. Pure. */
import type { ErrorCode } from '../../protocol/error-codes.js';
import { mostOf, sumOf } from './recent.js';
import type { Found, WarningFacts } from './warnings.js';
import { encodeLess } from './words.js';

const OVER_S = 60;
/** Part of the frames of a minute that may be late or dropped before somebody is told. */
const TOLERATED = 0.005;
/** Of the last ten seconds: it is so now, and not only a moment ago. */
const NOW_S = 10;
const SILENT_S = 30;
const SILENT_DBFS = -60;

export function programWarnings(facts: WarningFacts): Found[] {
  return [...encoder(facts), ...frames(facts), ...over(facts), ...silence(facts), ...recording(facts), ...schedule(facts)];
}

function encoder({ status: { encoder: is }, recent, settings }: WarningFacts): Found[] {
  if (!is) return [];
  if (is.state === 'failed') {
    return [{
      code: 'ENCODER_FAILED', level: 'error', ids: [], message: `The encoder cannot start: ${is.error?.message ?? 'it says no reason.'}`,
      advice: 'Choose another codec or preset in the settings; libx264 works everywhere.',
    }];
  }
  const dropped = sumOf(recent, 'encoder.dropped', NOW_S);
  if (is.error?.code === 'ENCODER_SLOW') {
    // What it has judged itself stays until it judges again: by then none may have been dropped for seconds.
    const message = dropped > 0 ? `The encoder is too slow for this machine: ${dropped} frames dropped in the last 10 seconds.` : is.error.message;
    return [{ code: 'ENCODER_SLOW', level: 'error', ids: [], message, advice: encodeLess(settings.video, settings.encoder) }];
  }
  if (dropped > settings.video.fps * NOW_S * 0.01) {
    // It may have stood still, or died, as egress may: a faster preset is no help then.
    return [{
      code: 'ENCODER_PROBLEM', level: 'warning', ids: [], message: `${dropped} frames of the program were lost in the last 10 seconds: the encoder did not take them.`,
      advice: 'It goes on by itself. If that comes again, look at the log for why.',
    }];
  }
  if (!is.error) return [];
  const advice = is.error.code === 'CODEC_UNAVAILABLE' ? 'Set the codec to “auto” in the settings, and it takes what there is.' : 'Look at the codec and the preset in the settings.';
  return [{ code: 'ENCODER_PROBLEM', level: 'warning', ids: [], message: is.error.message, advice }];
}

function frames({ recent, settings }: WarningFacts): Found[] {
  const of = (seconds: number): number => sumOf(recent, 'program.late', seconds) + sumOf(recent, 'program.skipped', seconds);
  const late = of(OVER_S);
  if (late <= settings.video.fps * OVER_S * TOLERATED || of(OVER_S / 2) === 0) return [];
  const { height, fps } = settings.video;
  const smaller = height > 720 ? 'a picture of 1280×720' : fps > 30 ? '30 frames a second' : 'a smaller picture';
  return [{
    code: 'LATE_FRAMES', level: 'warning', ids: [], message: `${late} frames of the program were late in the last minute: the machine is overloaded.`,
    advice: `Use a faster preset or ${smaller}, show fewer layers at once, or end what else runs on this machine.`,
  }];
}

function over({ status: { state, timeline, emergency }, names }: WarningFacts): Found[] {
  if (timeline?.state !== 'ended' || timeline.overridden || emergency) return [];
  return [{
    code: 'TIMELINE_OVER', level: state === 'standby' ? 'warning' : 'error', ids: [timeline.timelineId],
    message: `${names.get(timeline.timelineId) ?? 'The timeline'} is on program and has come to its end.`,
    advice: 'Its filler or the slate is seen. Switch to something else, play it again, or let it loop.',
  }];
}

/** Nobody hears a program that goes nowhere: it may be silent. */
function silence({ recent, status }: WarningFacts): Found[] {
  if (status.state === 'standby' && status.recording.state !== 'recording') return [];
  const loudest = mostOf(recent, 'program.peak', SILENT_S);
  if (loudest === undefined || loudest > SILENT_DBFS) return [];
  return [{
    code: 'PROGRAM_SILENT', level: 'warning', ids: [], message: `The program has been silent for ${SILENT_S} s.`,
    advice: 'Look whether the source on program is muted, here or at the camera, and whether its microphone is connected.',
  }];
}

function recording({ status: { recording: is } }: WarningFacts): Found[] {
  if (!is.error) return [];
  return [{
    code: 'RECORDING_FAILED', level: 'error', ids: is.id === null ? [] : [is.id], message: `The recording stopped by itself: ${is.error.message}`,
    advice: `What was recorded so far is kept. ${toWrite(is.error.code)}, and it goes on by itself.`,
  }];
}

/** What to do that the recorder can write again. */
function toWrite(code: ErrorCode): string {
  switch (code) {
    case 'DISK_FULL': return 'Make room on the disk';
    case 'DISK_READ_ONLY': return 'Mount the disk for writing again';
    default: return 'Look at the disk and the folder of the recordings';
  }
}

function schedule({ status }: WarningFacts): Found[] {
  const { problem } = status.schedule;
  if (!problem) return [];
  return [{ code: 'SCHEDULE_PROBLEM', level: 'warning', ids: [], message: `The schedule cannot do what is due: ${problem.message}`, advice: 'It is tried again. Look at the event and at what it names.' }];
}
