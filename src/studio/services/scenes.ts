/** Scenes and overlays: how things are arranged, and what is drawn over them. */
import type { StudioState } from '../../domain/documents.js';
import { layerIssues, usesOfOverlay, usesOfScene } from '../../domain/references.js';
import { toOverlay, toScene } from '../../domain/resources.js';
import { OverlayInput, SceneInput, type Overlay, type Scene } from '../../protocol/resources.js';
import { newId } from '../ids.js';
import type { Model } from '../model.js';
import { parse, rejectIssues } from '../validate.js';
import { asBody, checkRevision, checkUnused, merge, withoutOwned, type ExpectedRevision } from './patch.js';

const OWNED = ['id', 'createdAt', 'updatedAt'];

export class Scenes {
  constructor(private readonly model: Model, private readonly buses: () => Pick<StudioState, 'program' | 'preview'>) {}

  list(): Scene[] {
    return this.model.state.scenes.map(toScene);
  }

  get(id: string): Scene {
    return toScene(this.model.get('scene', id));
  }

  async create(body: unknown): Promise<Scene> {
    const input = parse(SceneInput, body);
    return toScene(await this.model.change((draft) => {
      rejectIssues(layerIssues(draft.state, input.layers));
      return draft.create('scene', newId('scene'), input);
    }));
  }

  async patch(id: string, body: unknown, expected: ExpectedRevision): Promise<Scene> {
    const change = asBody(body);
    return toScene(await this.model.change((draft) => {
      const current = draft.get('scene', id);
      checkRevision(current.revision, expected);
      const input = merge(SceneInput, current.data, withoutOwned(change, toScene(current), OWNED));
      rejectIssues(layerIssues(draft.state, input.layers));
      return draft.update('scene', id, input);
    }));
  }

  remove(id: string, expected: ExpectedRevision): Promise<void> {
    return this.model.change((draft) => {
      const { revision, data } = draft.get('scene', id);
      checkRevision(revision, expected);
      const uses = usesOfScene({ ...draft.state, ...this.buses() }, id);
      checkUnused(data.name, uses, uses[0] === 'on program' ? 'Put something else on program first.' : undefined);
      draft.remove('scene', id);
    });
  }
}

export class Overlays {
  constructor(private readonly model: Model) {}

  list(): Overlay[] {
    return this.model.state.overlays.map(toOverlay);
  }

  get(id: string): Overlay {
    return toOverlay(this.model.get('overlay', id));
  }

  async create(body: unknown): Promise<Overlay> {
    const input = parse(OverlayInput, body);
    return toOverlay(await this.model.change((draft) => draft.create('overlay', newId('overlay'), input)));
  }

  async patch(id: string, body: unknown, expected: ExpectedRevision): Promise<Overlay> {
    const change = asBody(body);
    return toOverlay(await this.model.change((draft) => {
      const current = draft.get('overlay', id);
      checkRevision(current.revision, expected);
      return draft.update('overlay', id, merge(OverlayInput, current.data, withoutOwned(change, toOverlay(current), [...OWNED, 'kind'])));
    }));
  }

  async show(id: string, visible: boolean): Promise<Overlay> {
    return toOverlay(await this.model.change((draft) => draft.update('overlay', id, { ...draft.get('overlay', id).data, visible })));
  }

  remove(id: string, expected: ExpectedRevision): Promise<void> {
    return this.model.change((draft) => {
      const { revision, data } = draft.get('overlay', id);
      checkRevision(revision, expected);
      const uses = usesOfOverlay(draft.state, id);
      checkUnused(data.name, uses);
      draft.remove('overlay', id);
    });
  }
}
