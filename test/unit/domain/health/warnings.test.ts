import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Recent } from '../../../../src/domain/health/recent.js';
import { WarningBook, warnings, type WarningFacts } from '../../../../src/domain/health/warnings.js';
import { READ_ONLY_ADVICE } from '../../../../src/protocol/disk-advice.js';
import { Settings } from '../../../../src/protocol/resources.js';
import type { BroadcastStatus, CameraStatus } from '../../../../src/protocol/status.js';
import { repositoryRoot } from '../../../support/media.js';

type Status = WarningFacts['status'];
const program = { sourceId: 'cam', frame: 900, fps: 30, repeated: 0, late: 0, skipped: 0, composeUsAvg: 1, composeUsP99: 2, inTransition: false };
const calm: Status = {
  state: 'live', uptimeMs: 60_000, program, onAir: ['cam'], encoder: { state: 'running', codec: 'libx264', kbps: 6200, fps: 30, dropped: 0, restarts: 0 }, overlays: null,
  sources: [{ id: 'cam', state: 'live', ageMs: 20, fps: 30 }],
  destinations: [{ id: 'tw', state: 'live', kbps: 6200, ackedBytes: 1, reconnects: 0, droppedFrames: 0, queueMs: 20 }],
  recording: { state: 'idle', id: null, bytes: 0, durationMs: 0, droppedFrames: 0 }, timeline: null, schedule: { enabled: true, now: null, next: null, problem: null },
  emergency: false, insert: null, processes: [], operators: [], panels: 0,
};
const camera: CameraStatus = {
  id: 'cam', state: 'live', sinceMs: 0, ageMs: 10, remote: null, kbps: 3000, bytes: 1, video: { codec: 'h264' }, audio: { codec: 'aac' },
};
const GB = 1e9;
const machine = { processes: [], memoryAvailableBytes: 4 * GB, memoryBytes: 8 * GB, diskFreeBytes: 500 * GB, diskBytes: 1000 * GB };

/** The same value each second; minutes by name, newest first. */
const recent = (figures: Record<string, number> = {}, minutes: Record<string, (ago: number) => number> = {}): Recent => ({
  values: (key, seconds) => (key in figures ? Array<number>(seconds).fill(figures[key]!) : []),
  minuteMean: (key, ago) => minutes[key]?.(ago),
});
const usual = { 'program.peak': -12, 'encoder.kbps': 6200, 'destination.tw.kbps': 6150, 'source.cam.age': 20, 'source.cam.restless': 0 };

function facts({ figures = {}, minutes, ...change }: Partial<WarningFacts> & { figures?: Record<string, number>; minutes?: Record<string, (ago: number) => number> } = {}): WarningFacts {
  return {
    status: calm, settings: Settings.parse({}), recent: recent({ ...usual, ...figures }, minutes), machine, cameras: [camera], names: new Map([['cam', 'Camera 1'], ['tw', 'Twitch']]),
    awayMs: new Map(), restarts: new Map(), readOnly: false, diskSilent: false, clockStepMs: 0, ...change,
  };
}
const found = (change: Parameters<typeof facts>[0]) => warnings(facts(change));
const status = (change: Partial<BroadcastStatus>): Status => ({ ...calm, ...change });

describe('warnings', () => {
  it('are none while all is well', () => {
    expect(found({})).toEqual([]);
  });

  it('are none of a camera with fewer pictures a second than the program', () => {
    for (const fps of [12.5, 25]) expect(found({ status: status({ sources: [{ id: 'cam', state: 'live', ageMs: 70, fps, repeated: 400 }] }), figures: { 'program.repeated': 17, 'source.cam.repeated': 0 } })).toEqual([]);
  });

  it('tell of a camera that comes in bursts, and what to do', () => {
    const [warning] = found({ status: status({ sources: [{ id: 'cam', state: 'late', ageMs: 300, fps: 12 }] }), figures: { 'source.cam.restless': 1 } });
    expect(warning).toMatchObject({ code: 'SOURCE_BURSTS', ids: ['cam'], message: 'Camera 1 sends 12 pictures a second, but in bursts: they stand again and again.', advice: 'In OBS lower the bitrate, or use a cable in place of Wi-Fi.' });
  });

  it('tell of two encoders that push with one key: who they are, and what to do', () => {
    const shared = { ...camera, remote: '10.0.0.5', rival: '10.0.0.9' };
    const [warning, ...others] = found({ cameras: [shared], status: status({ onAir: [] }) });
    expect(warning).toMatchObject({ code: 'SOURCE_KEY_SHARED', ids: ['cam'], message: 'Two encoders push with the key of Camera 1, at 10.0.0.5 and 10.0.0.9: the first stays, the other is refused.' });
    expect(warning?.advice).toMatch(/^Make a camera for the other one/);
    expect(others).toEqual([]);
    expect(found({ cameras: [{ ...shared, rival: '10.0.0.5' }] })[0]?.message).toBe('Two encoders push with the key of Camera 1, both at 10.0.0.5: the one that is there stays, the other is refused.');
  });

  it('tell of a source that is gone on program, and not of one that nobody sees', () => {
    const gone = status({ sources: [{ id: 'cam', state: 'gone', ageMs: 9000 }] });
    expect(found({ status: gone })).toMatchObject([{ code: 'SOURCE_GONE', level: 'error', message: 'Camera 1 is on program and sends nothing.' }]);
    expect(found({ status: { ...gone, state: 'standby' } })).toMatchObject([{ code: 'SOURCE_GONE', level: 'warning' }]);
    expect(found({ status: { ...gone, onAir: [] } })).toEqual([]);
    // Clips of files have players of their own.
    const timeline = { timelineId: 't', revision: 1, state: 'playing', overridden: false, positionMs: 0, durationMs: 1, lap: 0, failedClips: 0, lateClips: 0, open: 0 } as const;
    const film = status({ sources: [{ id: 'film', state: 'failed', ageMs: -1 }, { id: 'cam', state: 'gone', ageMs: 9000 }], onAir: ['film', 'cam'] });
    expect(found({ status: film }).map(({ ids }) => ids)).toEqual([['film'], ['cam']]);
    expect(found({ status: { ...film, timeline } }).map(({ ids }) => ids)).toEqual([['cam']]);
  });

  it('tell of a film and of a timeline on program that have come to their end: the slate is what viewers see', () => {
    const over = status({ sources: [{ id: 'film', state: 'ended', ageMs: -1 }], onAir: ['film'] });
    expect(found({ status: over, names: new Map([['film', 'Opener']]) })).toMatchObject([{ code: 'SOURCE_OVER', level: 'error', message: 'Opener is on program and has come to its end.' }]);
    expect(found({ status: { ...over, onAir: [] } })).toEqual([]);
    const timeline = { timelineId: 't', revision: 1, state: 'ended', overridden: false, positionMs: 9, durationMs: 9, lap: 0, failedClips: 0, lateClips: 0, open: 0 } as const;
    expect(found({ status: status({ timeline }), names: new Map([['t', 'Evening']]) })).toMatchObject([{ code: 'TIMELINE_OVER', level: 'error', message: 'Evening is on program and has come to its end.' }]);
    expect(found({ status: status({ timeline, state: 'standby' }) })).toMatchObject([{ code: 'TIMELINE_OVER', level: 'warning' }]);
    for (const covered of [{ timeline: { ...timeline, overridden: true } }, { timeline, emergency: true }, { timeline: { ...timeline, state: 'playing' as const } }]) expect(found({ status: status(covered) })).toEqual([]);
  });

  it('tell of a camera without a picture, and of one without sound where nothing else is heard', () => {
    expect(found({ status: status({ sources: [{ id: 'cam', state: 'live', ageMs: 20, soundOnly: true }] }) })).toMatchObject([{ code: 'SOURCE_SOUND_ONLY' }]);
    const mute = { cameras: [{ ...camera, audio: null }] };
    expect(found(mute)).toEqual([]);
    expect(found({ ...mute, figures: { 'program.peak': -100 } }).map(({ code }) => code)).toEqual(['PROGRAM_SILENT', 'SOURCE_NO_SOUND']);
  });

  it('tell of a camera on program that goes on sending what cannot be meant: one picture, black, or silence', () => {
    const sees = (what: object) => status({ sources: [{ id: 'cam', state: 'live', ageMs: 20, ...what }] });
    expect(found({ status: sees({ still: true }) })).toMatchObject([{ code: 'SOURCE_STILL', level: 'warning', ids: ['cam'], message: 'Camera 1 is on program and its picture stands still.' }]);
    expect(found({ status: status({ sources: [{ id: 'cam', state: 'late', ageMs: 90, still: true }] }) })).toMatchObject([{ code: 'SOURCE_STILL' }]);
    expect(found({ status: sees({}) })).toEqual([]);
    // Black stands still too: one of them is said.
    expect(found({ status: sees({ still: true, black: true }) })).toMatchObject([{ code: 'SOURCE_BLACK', message: 'Camera 1 is on program and its picture is black.' }]);
    const silent = sees({ silent: true });
    expect(found({ status: silent, recent: { values: () => [-100], minuteMean: () => undefined } })).toMatchObject([{ code: 'SOURCE_SILENT', message: 'Camera 1 is on program and there is nothing in its sound.' }]);
    // Nothing is known of what is heard yet.
    expect(found({ status: silent, recent: { values: () => [], minuteMean: () => undefined } })).toEqual([]);
    // Something else is heard, or nobody sees it.
    expect(found({ status: silent })).toEqual([]);
    expect(found({ status: { ...sees({ still: true, black: true, silent: true }), onAir: [] }, figures: { 'program.peak': -12 } })).toEqual([]);
    // One that is gone is told of as that.
    expect(found({ status: status({ sources: [{ id: 'cam', state: 'gone', ageMs: 9000, still: true }] }) })).toMatchObject([{ code: 'SOURCE_GONE' }]);
  });

  it('tell of a silent program only where somebody would hear it', () => {
    const silent = { figures: { 'program.peak': -72 } };
    expect(found(silent)).toMatchObject([{ code: 'PROGRAM_SILENT', message: 'The program has been silent for 30 s.' }]);
    expect(found({ ...silent, status: status({ state: 'standby' }) })).toEqual([]);
    expect(found({ ...silent, status: status({ state: 'standby', recording: { ...calm.recording, state: 'recording' } }) })).toMatchObject([{ code: 'PROGRAM_SILENT' }]);
    // Nothing is known of the last half minute yet.
    expect(found({ recent: { values: () => [-100, -100], minuteMean: () => undefined } })).toEqual([]);
  });

  it('tell of an upload that is too slow, with a bitrate that fits it', () => {
    const slow = { figures: { 'destination.tw.kbps': 3100, 'destination.tw.dropped': 4 } };
    expect(found(slow)).toMatchObject([{
      code: 'DESTINATION_SLOW', ids: ['tw'], message: 'Twitch acknowledges 3.1 of 6.2 Mb/s: your upload is too slow.', advice: 'Lower the bitrate to 2500 kb/s, use a cable, or send to fewer destinations.',
    }]);
    // One that acknowledges seldom, and gets everything, is not slow.
    expect(found({ figures: { 'destination.tw.kbps': 3100 } })).toEqual([]);
    expect(found({ ...slow, status: status({ state: 'standby' }) })).toEqual([]);
  });

  it('tell of a destination that is off', () => {
    const [one] = calm.destinations;
    const off = { ...one!, state: 'failed' as const, error: { code: 'DEST_BAD_KEY' as const, message: 'It does not know this key.' } };
    expect(found({ status: status({ destinations: [off] }) })).toMatchObject([{ code: 'DESTINATION_AWAY', message: 'Twitch is off: It does not know this key.' }]);
    expect(found({ status: status({ destinations: [{ ...one!, state: 'connecting' }] }) })).toEqual([]);
  });

  it('tell of late frames, with a smaller picture to choose', () => {
    expect(found({ figures: { 'program.late': 1 } })).toMatchObject([{ code: 'LATE_FRAMES', message: '60 frames of the program were late in the last minute: the machine is overloaded.', advice: expect.stringContaining('1280×720') as string }]);
    expect(found({ figures: { 'program.late': 0.1 } })).toEqual([]);
    // Nor of those that have come to an end.
    const values: Recent['values'] = (key, seconds) => (key === 'program.late' ? Array.from({ length: seconds }, (_, i) => (seconds - i > 30 ? 2 : 0)) : recent(usual).values(key, seconds));
    expect(found({ recent: { ...recent(usual), values } })).toEqual([]);
  });

  it('tell of an encoder that is too slow or does not start', () => {
    const slow = { ...calm.encoder!, error: { code: 'ENCODER_SLOW' as const, message: 'The encoder is too slow.' } };
    expect(found({ status: status({ encoder: slow }), figures: { 'encoder.dropped': 2 } })).toMatchObject([{ code: 'ENCODER_SLOW', message: expect.stringContaining('20 frames dropped in the last 10 seconds') as string }]);
    // Which only the engine can tell: one that hung or died, or an egress that did, loses frames on the fastest machine.
    const [lost] = found({ figures: { 'encoder.dropped': 2 } });
    expect(lost).toMatchObject({ code: 'ENCODER_PROBLEM', message: '20 frames of the program were lost in the last 10 seconds: the encoder did not take them.' });
    expect(lost!.advice).not.toContain('faster');
    const failed = { ...calm.encoder!, state: 'failed' as const, error: { code: 'CODEC_UNAVAILABLE' as const, message: 'There is no h264_nvenc here.' } };
    expect(found({ status: status({ encoder: failed }) })).toMatchObject([{ code: 'ENCODER_FAILED', message: 'The encoder cannot start: There is no h264_nvenc here.' }]);
  });

  it('say once what to do about an encoder, whoever has found what is wrong with it', () => {
    const says = (code: 'ENCODER_SLOW' | 'CODEC_UNAVAILABLE', message: string) => status({ encoder: { ...calm.encoder!, error: { code, message } } });
    const slow = says('ENCODER_SLOW', 'The encoder is too slow for this machine: 40 of 150 frames were dropped.');
    const choose = expect.stringMatching(/^Choose a faster preset, .* are all three\.$/) as string;
    // Seen by both: told as one.
    expect(found({ status: slow, figures: { 'encoder.dropped': 2 } })).toMatchObject([{ code: 'ENCODER_SLOW', level: 'error', message: 'The encoder is too slow for this machine: 20 frames dropped in the last 10 seconds.', advice: choose }]);
    expect(found({ status: slow })).toMatchObject([{ code: 'ENCODER_SLOW', message: 'The encoder is too slow for this machine: 40 of 150 frames were dropped.', advice: choose }]);
    // Who has the settings for a weak machine is told something else than their name.
    const least = Settings.parse({ video: { width: 1280, height: 720, fps: 30 }, encoder: { preset: 'ultrafast' } });
    const ready = JSON.parse(readFileSync(join(repositoryRoot, 'presets/encoder/weak-machine-720p30.json'), 'utf8')) as Pick<typeof least, 'video' | 'encoder'>;
    expect([ready.video, ready.encoder.preset]).toEqual([least.video, least.encoder.preset]);
    expect(found({ status: slow, settings: least })[0]!.advice).toMatch(/fastest preset already: choose a still smaller picture/);
    expect(found({ status: slow, settings: { ...least, video: { ...least.video, fps: 60 } } })).toMatchObject([{ advice: choose }]);
    expect(found({ status: says('CODEC_UNAVAILABLE', 'This machine cannot encode with h264_nvenc, so libx264 is used.') })).toEqual([{
      code: 'ENCODER_PROBLEM', level: 'warning', ids: [], message: 'This machine cannot encode with h264_nvenc, so libx264 is used.', advice: 'Set the codec to “auto” in the settings, and it takes what there is.',
    }]);
  });

  it('tell when the disk will be full, and that it is nearly so', () => {
    const recording = { status: status({ recording: { ...calm.recording, state: 'recording' } }) };
    expect(found({ ...recording, machine: { ...machine, diskFreeBytes: 5.58 * GB } })).toMatchObject([{
      code: 'DISK_FILLS', level: 'warning', message: 'At this rate the disk is full in 2 h: 5.6 GB are left for the recording.',
    }]);
    expect(found({ ...recording, machine: { ...machine, diskFreeBytes: 0.3 * GB } })).toMatchObject([{ code: 'DISK_FILLS', level: 'error' }]);
    expect(found({ machine: { ...machine, diskFreeBytes: 0.3 * GB } })).toMatchObject([{ code: 'DISK_LOW', message: 'Only 300 MB are free on the disk.' }]);
    expect(found({ machine: { ...machine, diskFreeBytes: null } })).toEqual([]);
    expect(found({ readOnly: true })).toMatchObject([{ code: 'DISK_READ_ONLY', level: 'error', advice: expect.stringContaining(READ_ONLY_ADVICE) }]);
    expect(found({ diskSilent: true })).toMatchObject([{ code: 'DISK_SILENT', level: 'error' }]);
  });

  it('tell of a recording that stopped by itself, and of a schedule that cannot go on', () => {
    const error = { code: 'DISK_FULL' as const, message: 'The disk is full.' };
    expect(found({ status: status({ recording: { ...calm.recording, state: 'stopped', id: 'rec', error } }) })).toMatchObject([{ code: 'RECORDING_FAILED', ids: ['rec'] }]);
    const advice = (code: 'DISK_FULL' | 'DISK_READ_ONLY' | 'DISK_ERROR'): string => found({ status: status({ recording: { ...calm.recording, state: 'stopped', id: 'rec', error: { ...error, code } } }) })[0]!.advice;
    expect(advice('DISK_FULL')).toContain('Make room on the disk');
    for (const code of ['DISK_READ_ONLY', 'DISK_ERROR'] as const) expect(advice(code)).not.toContain('room');
    expect(advice('DISK_READ_ONLY')).toContain('Mount the disk for writing again');
    expect(found({ status: status({ schedule: { ...calm.schedule, problem: error } }) })).toMatchObject([{ code: 'SCHEDULE_PROBLEM' }]);
  });

  it('tell of memory that is short, and of a process that grows for an hour and goes on', () => {
    expect(found({ machine: { ...machine, memoryAvailableBytes: 0.2 * GB } })).toMatchObject([{ code: 'MEMORY_LOW' }]);
    const engine = { ...machine, processes: [{ role: 'engine', pid: 1, children: 0, cpuPercent: 50, memoryBytes: 900e6 }] };
    const minutes = (mb: (ago: number) => number) => ({ machine: engine, minutes: { 'process.engine.memory': mb } });
    expect(found(minutes((ago) => 900 - 8 * ago))).toMatchObject([{ code: 'MEMORY_GROWS', ids: ['engine'] }]);
    // More cameras were opened half an hour ago, and since then it is what it is.
    expect(found(minutes((ago) => (ago < 35 ? 900 : 450)))).toEqual([]);
    expect(found(minutes((ago) => 900 - ago))).toEqual([]);
  });

  it('tell of a clock that was set, of processes that are away, and of those that come back too often', () => {
    expect(found({ clockStepMs: -125_000 })).toMatchObject([{ code: 'CLOCK_STEP', message: 'The machine\'s clock was set back by 2 min.' }]);
    expect(found({ awayMs: new Map([['engine', 4500]]) })).toMatchObject([{ code: 'PROCESS_AWAY', message: 'The engine process does not answer and is being started again.', advice: expect.stringContaining('interrupted') as string }]);
    expect(found({ awayMs: new Map([['engine', 2000]]) })).toEqual([]);
    expect(found({ restarts: new Map([['egress', 3], ['engine', 2]]) })).toMatchObject([{ code: 'PROCESS_RESTARTS', ids: ['egress'] }]);
  });

  it('come worst first, and keep when they began', () => {
    const book = new WarningBook();
    const both = found({ clockStepMs: 5000, awayMs: new Map([['engine', 9000]]) });
    expect(both.map(({ code }) => code)).toEqual(['PROCESS_AWAY', 'CLOCK_STEP']);
    expect(book.look(both, 1000).begun).toHaveLength(2);
    const { warnings: now, begun, ended } = book.look(both.slice(1), 5000);
    expect([now.map(({ since }) => Date.parse(since)), begun, ended.map(({ code }) => code)]).toEqual([[1000], [], ['PROCESS_AWAY']]);
  });
});
