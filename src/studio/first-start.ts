/** What a new home begins with: two cameras that can be pushed to at once, and something to see before anybody does. */
import { OFF_AIR } from '../domain/documents.js';
import { OverlayInput, SceneInput, Settings, SourceInput } from '../protocol/resources.js';
import type { Owner } from '../runtime/lifecycle.js';
import { newCameraKey, newId } from './ids.js';
import type { Model } from './model.js';

/** Picture in picture: 0.3 of the frame wide and high, 0.03 from the edges. */
const PIP = { size: 0.3, margin: 0.03 } as const;

export interface FirstCamera {
  name: string;
  key: string;
}

/** Furnishes a home that has never been used. */
export class FirstStart implements Owner {
  /** The cameras that were made; undefined when the home was in use before. */
  cameras: readonly FirstCamera[] | undefined;

  constructor(private readonly model: Model) {}

  async start(): Promise<void> {
    if (this.model.isNew) this.cameras = await setUpNewHome(this.model);
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

/** Fills an empty store in one step. @returns the cameras with their keys, to be shown once */
export async function setUpNewHome(model: Model): Promise<FirstCamera[]> {
  const cameras = ['Camera 1', 'Camera 2'].map((name) => ({ id: newId('source'), name, key: newCameraKey() }));
  const [first, second] = cameras as [typeof cameras[0] & object, typeof cameras[0] & object];
  const testCard = newId('source');
  const corner = 1 - PIP.size - PIP.margin;
  await model.change((draft) => {
    for (const { id, name, key } of cameras) {
      draft.create('source', id, SourceInput.parse({ kind: 'camera', name }));
      draft.secret('camera', id, key);
    }
    draft.create('source', testCard, SourceInput.parse({ kind: 'test', name: 'Test card' }));
    draft.create('scene', newId('scene'), SceneInput.parse({
      name: 'Both cameras',
      layers: [
        { sourceId: first.id },
        { sourceId: second.id, x: corner, y: corner, width: PIP.size, height: PIP.size, fit: 'cover' },
      ],
    }));
    draft.create('overlay', newId('overlay'), OverlayInput.parse({ kind: 'lower-third', name: 'Lower third', title: 'Your name', subtitle: 'What you do' }));
    draft.create('overlay', newId('overlay'), OverlayInput.parse({
      kind: 'clock', name: 'Clock', timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    }));
    draft.put('settings', Settings.parse({}));
    draft.put('program', { sourceId: testCard });
    draft.put('broadcast', OFF_AIR);
  });
  return cameras;
}
