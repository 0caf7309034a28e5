/** Timelines within timelines: how deep, whether they come back to themselves, and how many layers that can be at once. */
import type { ClipInput, TimelineInput, TrackInput } from '../../protocol/timeline.js';
import { shownLayers } from '../../protocol/scene-rules.js';
import { MAX_NESTING, type TimelineLookup } from './model.js';

/** At one frame, all nested ones counted: as many as the compositor draws. */
export const MAX_LAYERS = 256;

export type Nested = 'fine' | 'unknown' | 'cycle' | 'too-deep';

export class Nesting {
  /** How many levels a timeline is, itself included; Infinity: it comes back to itself. */
  private readonly levels = new Map<string, number>();
  private readonly layers = new Map<string, number>();
  private readonly path: Set<string>;

  constructor(private readonly document: TimelineInput, private readonly context: TimelineLookup & { readonly timelineId?: string }) {
    this.path = new Set(context.timelineId === undefined ? [] : [context.timelineId]);
  }

  of(id: string): Nested {
    const levels = this.levelsOf(id);
    if (levels === 0) return 'unknown';
    if (levels === Infinity) return 'cycle';
    return levels > MAX_NESTING ? 'too-deep' : 'fine';
  }

  /** At most so many layers at one frame; nothing is counted of what may not be nested. */
  layersAtOnce(): number {
    const { tracks } = this.document;
    // Two of a track meet in a transition; only scenes and timelines have more than one layer each.
    const isFlat = 2 * tracks.length <= MAX_LAYERS && !tracks.some(({ clips }) => clips.some(({ sceneId, timelineId }) => sceneId !== undefined || timelineId !== undefined));
    return isFlat ? 2 * tracks.length : this.layersOfDocument(this.document);
  }

  private levelsOf(id: string): number {
    if (this.path.has(id)) return Infinity;
    const known = this.levels.get(id);
    if (known !== undefined) return known;
    const document = this.context.timeline(id);
    this.path.add(id);
    const levels = document ? 1 + [...nestedIn(document)].reduce((most, inner) => Math.max(most, this.levelsOf(inner)), 0) : 0;
    this.path.delete(id);
    this.levels.set(id, levels);
    return levels;
  }

  private layersOfDocument(document: TimelineInput): number {
    return document.tracks.reduce((sum, track) => sum + this.layersOfTrack(track), 0);
  }

  /** The most of any clip, with the one before it where a transition joins them. */
  private layersOfTrack(track: TrackInput): number {
    let most = 0;
    let before = 0;
    for (const clip of [...track.clips].sort((a, b) => a.startMs - b.startMs)) {
      const own = this.layersOfClip(clip);
      most = Math.max(most, clip.transition ? own + before : own);
      before = own;
    }
    return most;
  }

  private layersOfClip(clip: ClipInput): number {
    if (clip.sceneId !== undefined) return shownLayers(this.context.scene(clip.sceneId)?.layers ?? []).length;
    if (clip.timelineId === undefined) return 1;
    const id = clip.timelineId;
    const known = this.layers.get(id);
    if (known !== undefined) return known;
    const document = this.of(id) === 'fine' ? this.context.timeline(id) : undefined;
    const layers = document ? this.layersOfDocument(document) : 0;
    this.layers.set(id, layers);
    return layers;
  }
}

function nestedIn(document: TimelineInput): Set<string> {
  const ids = new Set<string>();
  for (const { clips } of document.tracks) for (const { timelineId } of clips) if (timelineId !== undefined) ids.add(timelineId);
  return ids;
}
