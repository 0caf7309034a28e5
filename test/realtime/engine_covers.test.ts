/**
 * The engine process with real films, decoders and an encoder, driven over its link as the studio does: the frame counters in
 * what comes out prove that an insert has its frames to the dot, and that the timeline goes on where it should.
 */
import { createWriteStream, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineDesired, type EngineActual, type EngineInsert, type InsertReply, type TakeReply } from '../../src/protocol/link.js';
import { Settings } from '../../src/protocol/resources.js';
import { TimelineDocument } from '../../src/protocol/timeline.js';
import { LinkServer } from '../../src/runtime/link-server.js';
import { silentLog } from '../../src/runtime/log.js';
import { Paths } from '../../src/runtime/paths.js';
import { patternFile } from '../support/pattern/generate.js';
import { filmsOfCovers } from '../support/pattern/usual.js';
import { readPattern, withoutTail, type ReadFrame } from '../support/pattern/read.js';
import { startProcess, type RunningProcess } from '../support/process.js';
import { repositoryRoot } from '../support/media.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { delay, waitFor } from '../support/wait.js';

const FPS = 30;
/** Their cameras' numbers in the pattern. */
const LINE = 1;
const SPOT = 2;

const clip = (sourceId: string, durationMs: number) => TimelineDocument.parse({
  name: sourceId, loop: sourceId === 'line', tracks: [{ id: 't1', kind: 'video', clips: [{ id: 'c1', sourceId, startMs: 0, durationMs }] }],
});
const insert = (airingId: string, durationMs: number, over: Partial<EngineInsert>): EngineInsert =>
  ({ airingId, insertId: 'ins_1', document: clip('spot', durationMs), mode: 'over', fills: true, began: null, ...over });

describe('the engine process', () => {
  let folder: string;
  let link: LinkServer;
  let engine: RunningProcess;
  let egress: Server;
  let desired: EngineDesired;
  let actual: EngineActual | undefined;
  let recording: string;
  let written: Promise<void> = Promise.resolve();
  let codes: ({ camera: number; counter: number } | null)[];
  const replies: Record<string, InsertReply & TakeReply> = {};

  const ask = async (name: string, payload: unknown, as = name): Promise<void> => {
    replies[as] = (await link.request('engine', name, payload)) as InsertReply & TakeReply;
  };
  const aired = (airingId: string) => waitFor(`the end of ${airingId}`, () => actual?.airings.find((airing) => airing.airingId === airingId), { timeoutMs: 10_000 });

  beforeAll(async () => {
    folder = tempFolder('v-cov-');
    const [line, spot] = await Promise.all(filmsOfCovers.map((options) => patternFile(options)));
    const paths = new Paths(folder);
    mkdirSync(paths.run, { recursive: true });
    recording = join(folder, 'program.flv');
    egress = createServer((socket) => {
      const file = createWriteStream(recording);
      socket.on('error', () => {}).pipe(file);
      written = new Promise((done) => { file.on('close', done); });
    });
    await new Promise<void>((done) => { egress.listen(paths.programSocket, done); });
    desired = EngineDesired.parse({
      settings: Settings.parse({ video: { width: 640, height: 360, fps: FPS }, encoder: { codec: 'libx264', preset: 'ultrafast', bitrateKbps: 3000 } }),
      mediaFolder: folder, scenes: [], overlays: [], armed: null, emergency: null, insert: null, levels: false, program: { sourceId: 'nothing' },
      sources: [{ kind: 'media', id: 'line', name: 'Line', path: line!.path }, { kind: 'media', id: 'spot', name: 'Spot', path: spot!.path }],
      timelines: [{ id: 'tml', revision: 1, document: clip('line', 16_000), playback: { is: 'stopped' } }],
    });
    link = new LinkServer({
      socketPath: paths.studioSocket, log: silentLog, desired: () => desired as never, onEvent: () => undefined, onPresence: () => undefined,
      onActual: (_, report) => { actual = report as EngineActual; },
    });
    await link.start();
    engine = startProcess(process.execPath, [join(repositoryRoot, 'dist/src/engine/main.js')], { env: { ...process.env, VISTTER_HOME: folder } });
    await waitFor('frames that are encoded', () => actual?.encoder.state === 'running' && actual.program.fps > 0, { timeoutMs: 20_000 });
    await ask('take', { target: { timelineId: 'tml' }, start: { is: 'from', positionMs: 0 } });
    await delay(2_000);
    await ask('insert', insert('between', 1_500, { mode: 'between' }), 'between');
    await aired('between');
    await delay(1_000);
    await ask('insert', insert('over', 1_500, {}), 'over');
    await aired('over');
    await delay(1_000);
    await ask('emergency', { target: { slate: true } }, 'on');
    await delay(500);
    await ask('emergency', { target: null }, 'off');
    await delay(1_000);
    await ask('insert', insert('cut', 3_000, { mode: 'between' }), 'insert cut');
    await delay(1_000);
    await ask('insert-end', { airingId: 'cut' }, 'cut');
    await aired('cut');
    await delay(1_000);
    await engine.stop();
    await written;
    const reading = withoutTail(await readPattern(recording));
    const frames: readonly ReadFrame[] = reading.frames;
    codes = frames.map((frame) => frame.codes[0] ?? null);
  }, 120_000);

  afterAll(async () => {
    await engine?.stop();
    await link?.stop();
    egress?.close();
    removeFolder(folder);
  });

  /** Counters of the line around a stretch in which it is not seen, and what was seen there. */
  function gaps(): { before: number; after: number; seen: (number | null)[] }[] {
    const found: { before: number; after: number; seen: (number | null)[] }[] = [];
    let last: number | undefined;
    let seen: (number | null)[] = [];
    for (const code of codes) {
      if (code?.camera !== LINE) {
        if (last !== undefined) seen.push(code?.camera === SPOT ? code.counter : null);
        continue;
      }
      if (seen.length > 0) found.push({ before: last!, after: code.counter, seen });
      last = code.counter;
      seen = [];
    }
    return found;
  }
  const counted = (frames: number) => Array.from({ length: frames }, (_, i) => i);

  it('airs an insert in between for exactly its frames, and the timeline goes on with its next frame', () => {
    expect(replies.between!.frames).toBe(45);
    expect(gaps()[0]).toEqual({ before: replies.between!.frame - replies.take!.frame - 1, after: replies.between!.frame - replies.take!.frame, seen: counted(45) });
  });

  it('airs one over the timeline for exactly its frames, which goes on beneath', () => {
    const [, over] = gaps();
    expect(over!.seen).toEqual(counted(45));
    expect(over!.after - over!.before).toBe(46);
  });

  it('shows the emergency for the frames it said, while the timeline goes on', () => {
    const [, , emergency] = gaps();
    const frames = replies.off!.frame - replies.on!.frame;
    expect(emergency!.seen).toEqual(counted(frames).map(() => null));
    expect(emergency!.after - emergency!.before).toBe(frames + 1);
  });

  it('ends one early on the frame it said, and tells of all what was aired', () => {
    const [, , , cut] = gaps();
    const frames = replies.cut!.frame - replies['insert cut']!.frame;
    expect(cut!.seen).toEqual(counted(frames));
    expect(cut!.after - cut!.before).toBe(1);
    expect(actual!.airings.map((airing) => [airing.airingId, airing.frames, airing.ended])).toEqual([['between', 45, 'whole'], ['over', 45, 'whole'], ['cut', frames, 'stopped']]);
  });

  it('loses and repeats no frame but those', () => {
    const line = codes.flatMap((code) => (code?.camera === LINE ? [code.counter] : []));
    const steps = line.slice(1).map((counter, i) => counter - line[i]!);
    expect(steps.filter((step) => step !== 1)).toEqual([46, replies.off!.frame - replies.on!.frame + 1]);
    expect(gaps()).toHaveLength(4);
  });
});
