/** What can be chosen to stand somewhere, as the values of a list: `sourceId:src_…`. */
import type { ProgramTarget } from '../../../protocol/status.js';
import type { Target } from '../../store/state.js';
import { texts } from '../../texts.js';

/** Of null: the empty value, which stands for nothing chosen. */
export function keyOf(target: ProgramTarget | null): string {
  return target === null ? '' : Object.entries(target).map(([kind, id]) => `${kind}:${String(id)}`)[0]!;
}

export function targetOf(key: string): ProgramTarget | null {
  if (key === '') return null;
  const [kind, id] = key.split(':') as [string, string];
  return { [kind]: id } as ProgramTarget;
}

/** Sources and scenes first, in the order of their buttons; then timelines. */
export function choicesOf(targets: readonly Target[], timelines: readonly { id: string; name: string }[]): [key: string, label: string][] {
  return [
    ...targets.map(({ key, name, kind }): [string, string] => [keyOf(key), kind === 'scene' ? texts.setup.sceneNamed(name) : name]),
    ...timelines.map(({ id, name }): [string, string] => [`timelineId:${id}`, texts.setup.timelineNamed(name)]),
  ];
}
