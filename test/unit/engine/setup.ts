/** For every test of this folder, so that all of them can share the engine's modules: what the engine starts are doubles. */
import { vi } from 'vitest';

vi.mock('node:child_process', async (original) => ({ ...(await original<object>()), spawn: (await import('./doubles.js')).spawn }));
vi.mock('node:worker_threads', async () => ({ Worker: (await import('./doubles.js')).FakeWorker }));
vi.mock('../../../src/runtime/proc-sight.js', async () => ({ sightOf: (await import('./doubles.js')).sightOf }));
