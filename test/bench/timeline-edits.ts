/** A timeline of 10,000 clips on air: how soon an edit of it is seen, and what it does to somebody who switches cameras meanwhile. */
import { percentile } from '../support/pattern/analyse.js';
import { TimelineRig } from '../support/timeline_rig.js';
import { delay, monotonicMs } from '../support/wait.js';
import { longTimeline } from './timeline-resolve.js';

const EDITS = 30;
const LONG_MS = 3_600_000;

export interface EditFigures {
  clips: number;
  /** `playback:control` to its acknowledgement: the engine is told of it, reads and compiles it, and makes it ready. */
  openMs: number;
  /** Message to acknowledgement of an edit. */
  ackP50Ms: number;
  ackMaxMs: number;
  /** Program frames from the one that the acknowledgement names to the one that shows the edit, at worst. */
  framesLate: number;
  framesSinceSentMax: number;
  /** `camera:switch` to due time while another operator edits without a pause. */
  switches: number;
  switchP50Ms: number;
  switchP99Ms: number;
  switchMaxMs: number;
}

interface Edit {
  sentMs: number;
  ackedMs: number;
  /** The program frame that the acknowledgement names. */
  named: number;
}

export async function measureEdits(clips: number, switches: number): Promise<EditFigures> {
  const rig = await new TimelineRig().start();
  try {
    const [a, b] = rig.cameras.map(({ id }) => id);
    const { tracks } = longTimeline(clips) as { tracks: { kind: string; clips: object[] }[] };
    const ground = tracks.filter(({ kind }) => kind !== 'overlay').map((track) => ({ ...track, clips: track.clips.map((clip) => ({ ...clip, sourceId: a, sceneId: undefined })) }));
    // What is seen is the one clip on top; all the others lie below it.
    const document = { name: 'Long', tracks: [...ground, { id: 'top', kind: 'video', clips: [{ id: 'seen', sourceId: a, startMs: 0, durationMs: LONG_MS }] }] };
    const { id } = await rig.product.api.post<{ id: string }>('/api/v1/timelines', document);
    const from = monotonicMs();
    const { frame } = await rig.play(id);
    const openMs = monotonicMs() - from;
    const pointer = `/tracks/${ground.length}/clips/0/sourceId`;
    let revision = 1;
    const edit = async (sourceId: string | undefined): Promise<Edit> => {
      const sentMs = monotonicMs();
      const ack = await rig.socket.request<{ revision: number; frame?: number }>('timeline:update', { timelineId: id, revision, patch: [{ op: 'replace', path: pointer, value: sourceId }] });
      ({ revision } = ack);
      return { sentMs, ackedMs: monotonicMs(), named: ack.frame ?? NaN };
    };
    const edits: Edit[] = [];
    for (let i = 0; i < EDITS; i++) {
      await delay(250 + Math.random() * 100);
      edits.push(await edit(i % 2 === 0 ? b : a));
    }
    await rig.passed(rig.frameAfter(monotonicMs()) + 10);
    const { frames } = await rig.seen(frame);
    const late: number[] = [];
    const sinceSent: number[] = [];
    for (const [i, { sentMs, named }] of edits.entries()) {
      const shown = frames.find(({ n, code }) => n >= rig.frameAfter(sentMs) && code?.camera === (i + 1) % 2)?.n ?? Infinity;
      late.push(Math.abs(shown - named));
      sinceSent.push(shown - rig.frameAfter(sentMs));
    }
    // Another operator takes cameras over it while this one goes on editing.
    const other = await rig.product.socket();
    let switching = true;
    const editing = (async () => {
      for (let i = 0; switching; i++) {
        await edit(i % 2 === 0 ? b : a);
        await delay(20);
      }
    })();
    const latencies: number[] = [];
    try {
      for (let i = 0; i < switches; i++) {
        await delay(60 + Math.random() * 120);
        latencies.push((await other.switchTo({ sourceId: (i % 2 === 0 ? a : b)! })).latencyMs);
      }
    } finally {
      switching = false;
      await editing;
    }
    const acks = edits.map(({ sentMs, ackedMs }) => ackedMs - sentMs);
    return {
      clips, openMs, ackP50Ms: percentile(acks, 50), ackMaxMs: percentile(acks, 100), framesLate: Math.max(...late), framesSinceSentMax: Math.max(...sinceSent),
      switches, switchP50Ms: percentile(latencies, 50), switchP99Ms: percentile(latencies, 99), switchMaxMs: percentile(latencies, 100),
    };
  } finally {
    await rig.stop();
  }
}
