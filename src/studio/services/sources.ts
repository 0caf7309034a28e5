/** Sources: what can be shown. A camera has a key, shown when it is made and when somebody asks for it. */
import type { StudioState } from '../../domain/documents.js';
import { fallbackIssues, usesOfSource } from '../../domain/references.js';
import { toSource } from '../../domain/resources.js';
import { SourceInput, type Source } from '../../protocol/resources.js';
import type { SourceAudio } from '../../protocol/sound.js';
import { ServerError } from '../../runtime/errors.js';
import { newCameraKey, newId } from '../ids.js';
import type { MediaPaths } from '../media-paths.js';
import type { Model } from '../model.js';
import { parse, rejectIssues } from '../validate.js';
import { asBody, checkRevision, checkUnused, merge, mergeDeep, withoutOwned, type Body, type ExpectedRevision } from './patch.js';

const OWNED = ['id', 'kind', 'createdAt', 'updatedAt', 'ingest'];

export class Sources {
  constructor(
    private readonly model: Model,
    private readonly media: MediaPaths,
    private readonly rtmpServer: string,
    /** What is on program, takes under way included, and on preview. */
    private readonly buses: () => Pick<StudioState, 'program' | 'preview'>,
    /** Stores what was set at the mixer so far. */
    private readonly settleSound: () => Promise<void> = () => Promise.resolve(),
  ) {}

  list(): Source[] {
    return this.model.state.sources.map((source) => toSource(source, this.rtmpServer));
  }

  /** @throws ServerError NOT_FOUND */
  get(id: string): Source {
    return toSource(this.model.get('source', id), this.rtmpServer);
  }

  /** @throws ServerError VALIDATION, PATH_NOT_ALLOWED */
  async create(body: unknown): Promise<Source> {
    const input = parse(SourceInput, body);
    if ('path' in input) await this.media.check(input.path);
    const id = newId('source');
    await this.model.change((draft) => {
      rejectIssues(fallbackIssues(draft.state, null, input.fallbackSourceId));
      draft.create('source', id, input);
      if (input.kind === 'camera') draft.secret('camera', id, newCameraKey());
    });
    return input.kind === 'camera' ? this.revealKey(id) : this.get(id);
  }

  async patch(id: string, body: unknown, expected: ExpectedRevision): Promise<Source> {
    const change = asBody(body);
    if ('audio' in change) await this.settleSound();
    const before = this.get(id);
    const { path } = merge(SourceInput, this.model.get('source', id).data, withAudio(withoutOwned(change, before, OWNED), before)) as { path?: string };
    if (path !== undefined) await this.media.check(path);
    await this.model.change((draft) => {
      const current = draft.get('source', id);
      checkRevision(current.revision, expected);
      const input = merge(SourceInput, current.data, withAudio(withoutOwned(change, toSource(current, this.rtmpServer), OWNED), current.data));
      rejectIssues(fallbackIssues(draft.state, id, input.fallbackSourceId));
      draft.update('source', id, input);
    });
    return this.get(id);
  }

  /** @throws ServerError IN_USE naming where */
  remove(id: string, expected: ExpectedRevision): Promise<void> {
    return this.model.change((draft) => {
      const { revision, data } = draft.get('source', id);
      checkRevision(revision, expected);
      const uses = usesOfSource({ ...draft.state, ...this.buses() }, id);
      checkUnused(data.name, uses);
      draft.remove('source', id);
      if (data.kind === 'camera') draft.secret('camera', id, null);
    });
  }

  /** The camera with its key. @throws ServerError VALIDATION for what is no camera */
  revealKey(id: string): Source {
    const source = this.#camera(id);
    const key = this.model.secret('camera', id);
    return { ...source, ingest: { ...source.ingest, ...(key ? { key } : {}) } };
  }

  /** Gives the camera another key; whoever sends with the old one is cut off. */
  async rotateKey(id: string): Promise<Source> {
    this.#camera(id);
    await this.model.change((draft) => {
      draft.get('source', id);
      draft.secret('camera', id, newCameraKey());
    });
    return this.revealKey(id);
  }

  #camera(id: string): Extract<Source, { kind: 'camera' }> {
    const source = this.get(id);
    if (source.kind !== 'camera') throw new ServerError('VALIDATION', `"${source.name}" is not a camera: it has no key.`);
    return source;
  }
}

/** What is set at the mixer is changed field by field: a mute leaves the fader where it is. */
function withAudio(change: Body, { audio }: { audio: SourceAudio }): Body {
  return 'audio' in change ? { ...change, audio: mergeDeep(audio, change.audio) } : change;
}
