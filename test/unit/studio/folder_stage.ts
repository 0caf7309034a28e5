/** A folder with real files, on a clock and a store of the test; a stand-in says what ffprobe would. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MediaState } from '../../../src/domain/timeline/check.js';
import type { FolderInput } from '../../../src/protocol/folder.js';
import { silentLog } from '../../../src/runtime/log.js';
import type { DesiredState } from '../../../src/studio/desired-state.js';
import { setUpNewHome } from '../../../src/studio/first-start.js';
import { FolderWatcher } from '../../../src/studio/folders/folder-watcher.js';
import { Sync } from '../../../src/studio/folders/sync.js';
import type { FileToProbe, MediaProbe } from '../../../src/studio/media-probe.js';
import { Model } from '../../../src/studio/model.js';
import { Vault } from '../../../src/studio/secrets/vault.js';
import { Folders } from '../../../src/studio/services/folders.js';
import type { Program } from '../../../src/studio/services/program.js';
import { FakeClock } from '../../fakes/fake-clock.js';
import { MemoryStore } from '../../fakes/memory-store.js';
import { removeFolder, tempFolder } from '../../support/temp.js';
import { waitFor } from '../../support/wait.js';

export class FolderStage {
  readonly home = tempFolder();
  readonly media = join(this.home, 'media');
  readonly clock = new FakeClock();
  readonly store = new MemoryStore();
  /** Files that were to be probed. */
  readonly probed: FileToProbe[] = [];
  /** What ffprobe says of a path; a promise: later, or never. */
  says: (path: string) => MediaState | Promise<MediaState> = () => ({ is: 'ok', durationMs: 10_000 });
  /** What was taken and is not stored yet. */
  readonly desired: Pick<DesiredState, 'unstored'> = { unstored: undefined };
  model!: Model;
  sync!: Sync;
  watcher!: FolderWatcher;
  folders!: Folders;

  async open(): Promise<this> {
    mkdirSync(this.media, { recursive: true });
    const { clock, media } = this;
    this.model = await this.load();
    if (this.model.isNew) await setUpNewHome(this.model);
    const probe = { look: (files: Map<string, FileToProbe>) => this.#look(files) } as unknown as MediaProbe;
    this.sync = new Sync({ model: this.model, desired: this.desired as DesiredState, now: () => ({ monotonicMs: clock.monotonicMs(), bootId: 'boot', wallMs: clock.wallMs() }) });
    this.watcher = new FolderWatcher({ model: this.model, probe, sync: this.sync, mediaFolder: media, clock, log: silentLog });
    this.folders = new Folders(this.model, {} as Program, this.watcher);
    this.watcher.start();
    return this;
  }

  async close(): Promise<void> {
    await this.watcher.stop();
    removeFolder(this.home);
  }

  /** As a studio that starts now would find what is stored. */
  async load(): Promise<Model> {
    const model = new Model(this.store, () => new Vault(Buffer.alloc(32, 1)), this.clock);
    await model.start();
    return model;
  }

  put(...path: string[]): void {
    const file = join(this.media, ...path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, 'a film');
  }

  async make(path: string, more: Partial<FolderInput> = {}): Promise<string> {
    return (await this.folders.create({ name: 'Folder', path, ...more })).id;
  }

  read(id: string) {
    return this.folders.withFiles(id);
  }

  /** Paths of the files that the engine would be told of, as they are played. */
  files(id: string): string[] {
    return this.model.find('folder-files', id)!.data.files.map(({ path }) => path);
  }

  clips(id: string) {
    return this.model.find('timeline', this.model.find('folder', id)!.data.timelineId)!.data.tracks[0]!.clips;
  }

  /** Lets time pass until something is so. */
  until<T>(what: string, is: () => T | undefined | null | false): Promise<T> {
    return waitFor(what, async () => {
      await this.clock.advance(250);
      return is();
    }, { everyMs: 5 });
  }

  async #look(files: Map<string, FileToProbe>): Promise<Map<string, MediaState>> {
    this.probed.push(...files.values());
    return new Map(await Promise.all([...files].map(async ([key, { path }]) => [key, await this.says(path)] as const)));
  }
}
