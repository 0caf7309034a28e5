/** The cameras that are wanted, as the studio last said. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { IngestDesired } from '../protocol/link.js';
import type { Clock } from '../runtime/clock.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import type { Paths } from '../runtime/paths.js';
import { Camera, keyDigest } from './camera.js';

export class Cameras implements Owner {
  readonly #cameras = new Map<string, Camera>();
  #known: () => void = () => {};
  /** Settles when the studio has said for the first time which cameras there are. */
  readonly known = new Promise<void>((resolve) => (this.#known = resolve));
  #stopped: Promise<void> | undefined;
  /** Of cameras that are no more. */
  #droppedBefore = 0;
  #cacheOverflowsBefore = 0;

  constructor(
    private readonly paths: Paths,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Clears away the sockets that a killed process left. */
  start(): void {
    for (const name of readdirSync(this.paths.run)) {
      if (/^camera-.*\.sock$/.test(name)) rmSync(join(this.paths.run, name), { force: true });
    }
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.all([...this.#cameras.values()].map((camera) => camera.stop())).then(() => {}));
  }

  /** Makes what is like what is desired; a camera that stays keeps its publisher and readers. */
  apply(desired: IngestDesired): void {
    if (this.#stopped) return;
    const wanted = new Map(desired.cameras.map(({ id, name, key }) => [id, { id, name, digest: keyDigest(key) }]));
    for (const [id, camera] of this.#cameras) {
      if (wanted.has(id)) continue;
      this.#cameras.delete(id);
      this.#droppedBefore += camera.feed.dropped;
      this.#cacheOverflowsBefore += camera.feed.cacheOverflows;
      void camera.stop();
    }
    for (const camera of wanted.values()) {
      const present = this.#cameras.get(camera.id);
      if (present) {
        present.name = camera.name;
        present.rekey(camera.digest);
      } else this.#add(camera);
    }
    this.#known();
  }

  /** The camera whose key this is. Every key is compared, and each in constant time. */
  withKey(key: string): Camera | null {
    const digest = keyDigest(key);
    let found: Camera | null = null;
    for (const camera of this.#cameras.values()) {
      if (camera.matches(digest)) found = camera;
    }
    return found;
  }

  all(): Camera[] {
    return [...this.#cameras.values()];
  }

  get dropped(): number {
    return this.all().reduce((sum, camera) => sum + camera.feed.dropped, this.#droppedBefore);
  }

  get cacheOverflows(): number {
    return this.all().reduce((sum, camera) => sum + camera.feed.cacheOverflows, this.#cacheOverflowsBefore);
  }

  #add({ id, name, digest }: { id: string; name: string; digest: Buffer }): void {
    const camera = new Camera({ id, name, digest, socketPath: this.paths.cameraSocket(id), clock: this.clock, log: this.log });
    this.#cameras.set(id, camera);
    camera.start().catch((error: unknown) => this.log.error({ err: error, camera: id }, `the socket of camera "${name}" could not be opened`));
  }
}
