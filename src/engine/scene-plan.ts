/** Pure: what the operator wants on program → what the compositor draws. */
import { shownLayers } from '../protocol/scene-rules.js';
import { linearOf } from '../domain/timeline/content.js';
import { NO_CROP, WHOLE } from '../domain/timeline/place.js';
import { framesOf, rateOf, type Rate } from '../domain/timeline/rate.js';
import type { EmergencyTarget, EngineDesired, EngineOverlay } from '../protocol/link.js';
import type { Layer, Settings, Transition } from '../protocol/resources.js';
import type { ProgramTarget } from '../protocol/status.js';
import type { NativeLayer, NativeNode, NativeProgramOptions, NativeScene, NativeTransition, TransitionKind } from './native.js';
import { MOST_LAYERS } from './scene-bounds.js';

export const SLATE_ID = 'slate';
/** Overlay pictures and sources share the compositor's name space. */
export const overlayPictureId = (overlayId: string): string => `overlay:${overlayId}`;

export interface VideoFormat {
  width: number;
  height: number;
  rate: Rate;
}

/** The program's format in whole numbers. */
export function videoFormat({ width, height, fps }: Settings['video']): VideoFormat {
  return { width, height, rate: rateOf(fps) };
}

/** The same as the native core takes it. */
export function programOptions({ width, height, rate }: VideoFormat): NativeProgramOptions {
  return { width, height, fpsNum: rate.num, fpsDen: rate.den };
}

/** The scene for a target. A target that is not there any more is an empty scene, which shows the slate. */
export function planScene(target: ProgramTarget, desired: Pick<EngineDesired, 'sources' | 'scenes'>): NativeScene {
  if ('sourceId' in target) {
    const known = desired.sources.some((source) => source.id === target.sourceId);
    return { id: target.sourceId, layers: [fullFrame(known ? target.sourceId : SLATE_ID)] };
  }
  // A timeline makes its scenes itself; until it is ready there is the slate.
  if ('timelineId' in target) return { id: target.timelineId, layers: [fullFrame(SLATE_ID)] };
  const scene = desired.scenes.find((candidate) => candidate.id === target.sceneId);
  if (!scene) return { id: target.sceneId, layers: [fullFrame(SLATE_ID)] };
  return { id: scene.id, layers: shownLayers(scene.layers).map(planLayer) };
}

/** What an emergency shows. A target that is not there any more is the slate, so that there always is something. */
export function emergencyScene(target: EmergencyTarget, desired: Pick<EngineDesired, 'sources' | 'scenes'>): NativeScene {
  const scene = 'slate' in target ? { layers: [fullFrame(SLATE_ID)] } : planScene(target, desired);
  return { id: 'emergency', layers: scene.layers, overBlack: true };
}

function fullFrame(sourceId: string): NativeLayer {
  return { sourceId, ...WHOLE, fit: 'contain', opacity: 1, crop: NO_CROP, gain: 1 };
}

function planLayer(layer: Layer): NativeLayer {
  return {
    sourceId: layer.sourceId ?? overlayPictureId(layer.overlayId ?? ''),
    x: layer.x, y: layer.y, width: layer.width, height: layer.height,
    fit: layer.fit, opacity: layer.opacity, crop: layer.crop,
    gain: layer.audio.muted ? 0 : linearOf(layer.audio.gainDb),
  };
}

/** The layers of overlays that are up, over everything; of more than the compositor takes those on top. */
export function planOverlays(overlays: EngineOverlay[], isUp: (id: string) => boolean): NativeLayer[] {
  return overlays.filter((overlay) => isUp(overlay.id)).slice(-MOST_LAYERS).map((overlay) => ({
    sourceId: overlayPictureId(overlay.id),
    x: overlay.x, y: overlay.y, width: overlay.width, height: overlay.height,
    fit: 'fill', opacity: 1, crop: NO_CROP, gain: 0,
  }));
}

export const CUT: NativeTransition = { kind: 'cut', frames: 0 };

const DIRECTIONLESS: Partial<Record<Transition['kind'], TransitionKind>> = { wipe: 'wipe-left', slide: 'slide-left', push: 'push-left' };

/** A transition as asked for → as the compositor takes it; none is a cut. */
export function planTransition(transition: Transition | undefined, format: VideoFormat): NativeTransition {
  if (!transition || transition.kind === 'cut') return CUT;
  return nativeTransition(transition.kind, framesOf(transition.durationMs, format.rate), transition.color);
}

/** The first frame of a transition that shows what it leads to: a dip does so in its second half. */
export function firstShown(frame: number, { kind, frames }: NativeTransition): number {
  return kind === 'dip' ? frame + Math.floor((frames + 1) / 2) : frame;
}

/** @param color "#rrggbb", of a dip */
export function nativeTransition(kind: Transition['kind'], frames: number, color?: string): NativeTransition {
  const plan: NativeTransition = { kind: DIRECTIONLESS[kind] ?? (kind as TransitionKind), frames };
  if (color) plan.color = Number.parseInt(color.slice(1), 16);
  return plan;
}

/** Ids of the sources a scene shows or sounds, those in the midst of a transition too. */
export function sourcesOf(scene: NativeScene): Set<string> {
  const ids = new Set<string>();
  const collect = (nodes: readonly NativeNode[]): void => {
    for (const node of nodes) {
      if ('mix' in node) {
        collect(node.mix.from);
        collect(node.mix.to);
      } else ids.add(node.sourceId);
    }
  };
  collect(scene.layers);
  return ids;
}
