/** Who points to whom among the operator's things. Pure. */
import type { DataOf, StudioState } from './documents.js';
import { scheduleUses } from './schedule/events.js';

/** Where a source is used, in words an operator reads; empty when it may go. */
export function usesOfSource(state: StudioState, id: string): string[] {
  const uses: string[] = [];
  if ('sourceId' in state.program && state.program.sourceId === id) uses.push('on program');
  uses.push(...onPreview(state, 'sourceId', id), ...toComeBack(state, 'sourceId', id), ...inEmergency(state, 'sourceId', id));
  for (const scene of state.scenes) if (scene.data.layers.some((layer) => layer.sourceId === id)) uses.push(`in scene "${scene.data.name}"`);
  uses.push(...inTimelines(state, 'sourceId', id), ...inInserts(state, 'sourceId', id), ...scheduleUses(state, 'sourceId', id));
  for (const source of state.sources) {
    if (source.data.fallbackSourceId === id) uses.push(`the fallback of "${source.data.name}"`);
    if (source.id === id && source.data.audio.mode === 'always') uses.push('heard whatever is on program');
  }
  return uses;
}

export function usesOfScene(state: StudioState, id: string): string[] {
  const onProgram = 'sceneId' in state.program && state.program.sceneId === id ? ['on program'] : [];
  return [...onProgram, ...onPreview(state, 'sceneId', id), ...toComeBack(state, 'sceneId', id), ...inEmergency(state, 'sceneId', id), ...inTimelines(state, 'sceneId', id), ...inInserts(state, 'sceneId', id), ...scheduleUses(state, 'sceneId', id)];
}

export function usesOfOverlay(state: StudioState, id: string): string[] {
  const scenes = state.scenes.filter(({ data }) => data.layers.some((layer) => layer.overlayId === id));
  return [...scenes.map(({ data }) => `in scene "${data.name}"`), ...inTimelines(state, 'overlayId', id)];
}

function onPreview({ preview }: StudioState, field: 'sourceId' | 'sceneId', id: string): string[] {
  return (preview as Partial<Record<string, string>> | null)?.[field] === id ? ['armed on preview'] : [];
}

/** What `release` brings in the place of a timeline whose time on the schedule is over. */
function toComeBack({ override }: StudioState, field: 'sourceId' | 'sceneId', id: string): string[] {
  const instead = override?.instead as Partial<Record<string, string>> | undefined;
  return instead?.[field] === id ? ['to come back when the override is released'] : [];
}

/** On program as the emergency picture, or prepared as that. */
function inEmergency(state: StudioState, field: 'sourceId' | 'sceneId', id: string): string[] {
  const names = (target: object | null | undefined): boolean => (target as Partial<Record<string, string>> | null | undefined)?.[field] === id;
  return [...(names(state.emergency?.target) ? ['the emergency picture on program'] : []), ...(names(state.settings.data.emergency) ? ['prepared for an emergency'] : [])];
}

function inInserts(state: StudioState, field: 'sourceId' | 'sceneId', id: string): string[] {
  return state.inserts.filter(({ data }) => data[field] === id).map(({ data }) => `in the insert "${data.name}"`);
}

/** In a clip, or as the filler. */
function inTimelines(state: StudioState, field: 'sourceId' | 'sceneId' | 'overlayId', id: string): string[] {
  const isIn = ({ tracks, filler }: DataOf['timeline']): boolean =>
    tracks.some(({ clips }) => clips.some((clip) => clip[field] === id)) || (filler !== null && (filler as Record<string, string>)[field] === id);
  return state.timelines.filter(({ data }) => isIn(data)).map(({ data }) => `in timeline "${data.name}"`);
}

export interface Issue {
  /** Which field, dotted. */
  path: string;
  message: string;
}

/** Layers that name what is not there. */
export function layerIssues(state: StudioState, layers: DataOf['scene']['layers']): Issue[] {
  return layers.flatMap((layer, i): Issue[] => {
    if (layer.sourceId !== undefined && !state.sources.some(({ id }) => id === layer.sourceId)) {
      return [{ path: `layers.${i}.sourceId`, message: `There is no source ${layer.sourceId}.` }];
    }
    if (layer.overlayId !== undefined && !state.overlays.some(({ id }) => id === layer.overlayId)) {
      return [{ path: `layers.${i}.overlayId`, message: `There is no overlay ${layer.overlayId}.` }];
    }
    return [];
  });
}

/** A fallback that is not there, or a chain of fallbacks that comes back to where it began. `id` is null for a new source. */
export function fallbackIssues(state: StudioState, id: string | null, fallbackSourceId: string | null): Issue[] {
  const path = 'fallbackSourceId';
  const seen = new Set(id ? [id] : []);
  for (let next = fallbackSourceId; next !== null;) {
    if (seen.has(next)) return [{ path, message: 'A source cannot stand in for itself, directly or through others.' }];
    seen.add(next);
    const source = state.sources.find((candidate) => candidate.id === next);
    if (!source) return [{ path, message: `There is no source ${next}.` }];
    next = source.data.fallbackSourceId;
  }
  return [];
}
