/** The timelines that the engine was told of, ready to be played: read and compiled when something in them has changed. */
import { isDeepStrictEqual } from 'node:util';
import { compileTimeline, durationOf, type CompiledTimeline } from '../../domain/timeline/compile.js';
import { NO_GAPS } from '../../domain/timeline/gaps.js';
import type { Keeps } from '../../domain/timeline/edits.js';
import type { TimelineLookup } from '../../domain/timeline/model.js';
import type { Rate } from '../../domain/timeline/rate.js';
import { KnowingTimelineDocument } from '../../domain/timeline/read.js';
import type { EngineDesired } from '../../protocol/link.js';
import type { Playback } from '../../protocol/playback.js';
import type { TimelineDocument } from '../../protocol/timeline.js';
import type { Log } from '../../runtime/log.js';

export interface KnownTimeline {
  id: string;
  revision: number;
  document: TimelineDocument;
  compiled: CompiledTimeline;
  durationMs: number;
  playback: Playback;
  keeps: Keeps;
}

type Wish = Pick<EngineDesired, 'timelines' | 'sources' | 'scenes' | 'overlays'>;

export class TimelineDocuments {
  readonly #known = new Map<string, KnownTimeline>();
  #facts: unknown;
  #wish: Wish = { timelines: [], sources: [], scenes: [], overlays: [] };

  constructor(private readonly rate: Rate, private readonly log: Log) {}

  get(id: string): KnownTimeline | undefined {
    return this.#known.get(id);
  }

  /** Another one at each change of a document or of what one names. */
  version = 0;

  /** Takes over what is wanted; gives those whose compiled form is another now. */
  apply(wish: Wish): KnownTimeline[] {
    this.#wish = wish;
    const facts = factsOf(wish);
    const otherFacts = !isDeepStrictEqual(facts, this.#facts);
    this.#facts = facts;
    const ids = new Set(wish.timelines.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
    const stale = new Set<KnownTimeline>();
    for (const { id, revision, document, playback, keeps } of wish.timelines) {
      const known = this.#known.get(id);
      if (known?.revision === revision) {
        known.playback = playback;
        known.keeps = keeps ?? 'time';
        continue;
      }
      const parsed = KnowingTimelineDocument.safeParse(document);
      if (!parsed.success) {
        this.log.error({ timeline: id, problem: parsed.error.issues[0]?.message }, 'a timeline could not be read; what was known of it stays');
        continue;
      }
      const fresh: KnownTimeline = { id, revision, document: parsed.data, playback, keeps: keeps ?? 'time', durationMs: durationOf(parsed.data), compiled: known?.compiled ?? NOTHING(this.rate) };
      this.#known.set(id, fresh);
      stale.add(fresh);
    }
    // What lies in another is compiled with it.
    if (otherFacts || stale.size > 0) this.version++;
    const all = otherFacts || stale.size > 0 ? [...this.#known.values()] : [];
    const lookup = this.#lookup();
    const changed = all.filter((known) => otherFacts || stale.has(known) || known.document.tracks.some((track) => track.clips.some((clip) => clip.timelineId !== undefined)));
    for (const known of changed) known.compiled = compileTimeline({ ...known.document, id: known.id }, this.rate, lookup);
    return changed;
  }

  /** A document that is not one of them. */
  compile(document: TimelineDocument): CompiledTimeline {
    return compileTimeline(document, this.rate, this.#lookup());
  }

  #lookup(): TimelineLookup {
    const wish = this.#wish;
    const sources = new Map(wish.sources.map((source) => [source.id, source]));
    const scenes = new Map(wish.scenes.map((scene) => [scene.id, scene]));
    const overlays = new Map(wish.overlays.map((overlay) => [overlay.id, overlay]));
    return {
      source: (id) => sources.get(id),
      scene: (id) => scenes.get(id),
      overlay: (id) => overlays.get(id),
      timeline: (id) => this.#known.get(id)?.document,
    };
  }
}

const NOTHING = (rate: Rate): CompiledTimeline => ({ rate, document: { loop: false, durationMs: 0, tracks: [] }, filler: null, gaps: NO_GAPS });

/** All that a timeline, or a file of it that is open, takes from the things its clips name. */
function factsOf({ sources, scenes, overlays }: Wish): unknown {
  return {
    sources: sources.map((source) => ('inMs' in source ? [source.id, source.kind, source.inMs, source.outMs, source.loop, source.path] : [source.id, source.kind, 'path' in source ? source.path : ''])),
    scenes,
    overlays: overlays.map(({ id, x, y, width, height }) => [id, x, y, width, height]),
  };
}
