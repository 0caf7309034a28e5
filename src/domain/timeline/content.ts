/** What a clip shows, apart from when: layers laid out in its place, or another timeline. */
import type { Layer } from '../../protocol/resources.js';
import type { Clip, TimelineDocument, TrackKind } from '../../protocol/timeline.js';
import type { CompiledDocument } from './compile.js';
import { isFile, type Crop, type Fit, type OverlayPlayer, type SharedPlayer, type TimelineLookup } from './model.js';
import { NO_CROP, WHOLE, type Place } from './place.js';

/** A file that gets a player at each playout. */
export interface FilePart {
  readonly type: 'file';
  readonly sourceId: string;
  /** The source's in-point. */
  readonly inMs: number;
  /** Tells apart the files of a clip: after the clip's own part of the key. */
  readonly suffix: string;
}

/** A layer within the clip's place. */
export interface ContentLayer extends Place {
  readonly part: SharedPlayer | OverlayPlayer | FilePart;
  readonly fit: Fit;
  readonly opacity: number;
  readonly crop: Crop;
  /** Linear. */
  readonly gain: number;
}

export type Content =
  | {
    readonly is: 'layers';
    readonly layers: readonly ContentLayer[];
    /** On an audio track: no picture. */
    readonly heardOnly: boolean;
  }
  | { readonly is: 'timeline'; readonly document: CompiledDocument };

const NOTHING: Content = { is: 'layers', layers: [], heardOnly: false };

/** dB → linear. */
export function linearOf(db: number): number {
  return 10 ** (db / 20);
}

/** Makes the contents of clips; those of a scene once. */
export class ContentMaker {
  private readonly scenes = new Map<string, Content>();

  /** @param nested gives the compiled timeline of an id, null when there is none */
  constructor(private readonly lookup: TimelineLookup, private readonly nested: (id: string) => CompiledDocument | null) {}

  /** Nothing for what does not belong on a track of that kind. */
  of(track: TrackKind, clip: Clip): Content {
    if (clip.sourceId !== undefined) return track === 'overlay' ? NOTHING : this.ofSource(clip.sourceId, clip.fit, clip.crop, track === 'audio');
    if (clip.overlayId !== undefined) return track === 'overlay' ? this.ofOverlay(clip.overlayId) : NOTHING;
    if (track !== 'video') return NOTHING;
    if (clip.sceneId !== undefined) return this.ofScene(clip.sceneId);
    const document = clip.timelineId === undefined ? null : this.nested(clip.timelineId);
    return document ? { is: 'timeline', document } : NOTHING;
  }

  ofSource(sourceId: string, fit: Fit = 'contain', crop: Crop = NO_CROP, heardOnly = false): Content {
    return { is: 'layers', layers: [{ part: this.part(sourceId, ''), ...WHOLE, fit, opacity: 1, crop, gain: 1 }], heardOnly };
  }

  ofScene(id: string): Content {
    let content = this.scenes.get(id);
    if (!content) {
      content = { is: 'layers', layers: this.layersOf(this.lookup.scene(id)?.layers ?? []), heardOnly: false };
      this.scenes.set(id, content);
    }
    return content;
  }

  private ofOverlay(overlayId: string): Content {
    const place = this.lookup.overlay(overlayId);
    if (!place) return NOTHING;
    const { x, y, width, height } = place;
    const layer: ContentLayer = { part: { type: 'overlay', overlayId }, x, y, width, height, fit: 'fill', opacity: 1, crop: NO_CROP, gain: 0 };
    return { is: 'layers', layers: [layer], heardOnly: false };
  }

  private layersOf(layers: readonly Layer[]): ContentLayer[] {
    // A file is told apart by its source, not by its layer's number: layers that come and go beside it do not reopen it.
    const times = new Map<string, number>();
    return layers.flatMap((layer): ContentLayer[] => {
      const { x, y, width, height, fit, opacity, crop, hidden } = layer;
      const gain = layer.audio.muted ? 0 : linearOf(layer.audio.gainDb);
      if (layer.sourceId === undefined) {
        return hidden ? [] : [{ part: { type: 'overlay', overlayId: layer.overlayId ?? '' }, x, y, width, height, fit, opacity, crop, gain: 0 }];
      }
      // A hidden one counts, so that the next one's file is not reopened when it comes.
      const before = times.get(layer.sourceId) ?? 0;
      times.set(layer.sourceId, before + 1);
      if (hidden) return [];
      const part = this.part(layer.sourceId, `/${layer.sourceId}${before > 0 ? `.${before}` : ''}`);
      return [{ part, x, y, width, height, fit, opacity, crop, gain }];
    });
  }

  private part(sourceId: string, suffix: string): SharedPlayer | FilePart {
    const facts = this.lookup.source(sourceId);
    if (!facts || !isFile(facts.kind)) return { type: 'shared', sourceId };
    return { type: 'file', sourceId, inMs: facts.inMs ?? 0, suffix };
  }
}

/** A filler fills the frame. */
export function fillerContent(filler: NonNullable<TimelineDocument['filler']>, content: ContentMaker): Content {
  return 'sourceId' in filler ? content.ofSource(filler.sourceId) : content.ofScene(filler.sceneId);
}
