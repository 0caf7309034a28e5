/**
 * Loaded into each process of a product ahead of its own code (NODE_OPTIONS). The sidecar goes mad as soon as the file $MAD_SIDECAR is there: it
 * takes as many processors as there are, and so does a child that it starts as it starts all its programs.
 */
import { spawn } from 'node:child_process';
import { existsSync, watch } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { isMainThread, Worker } from 'node:worker_threads';

const script = process.argv[1] ?? '';

if (isMainThread && script.endsWith('dist/src/sidecar/main.js')) {
  const watcher = watch(dirname(process.env.MAD_SIDECAR), () => {
    if (!existsSync(process.env.MAD_SIDECAR)) return;
    watcher.close();
    void goMad();
  }).unref();
}
if (isMainThread && script === import.meta.filename) takeAll();

async function goMad() {
  const { inBackground } = await import('../../dist/src/runtime/background.js');
  spawn(...inBackground(process.execPath, [import.meta.filename], null), { stdio: 'ignore' });
  takeAll();
}

function takeAll() {
  for (let i = 0; i < availableParallelism(); i += 1) new Worker('for (;;);', { eval: true });
}
