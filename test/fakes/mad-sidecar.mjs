/**
 * Loaded into each process of a product ahead of its own code (NODE_OPTIONS). The sidecar goes mad when the file $MAD_SIDECAR says so: a child that it
 * starts as it starts all its programs takes as many processors as there are ("child"), and so does it itself ("sidecar"), beside which a child would not
 * come to anything.
 */
import { spawn } from 'node:child_process';
import { readFileSync, watch } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { isMainThread, Worker } from 'node:worker_threads';

const script = process.argv[1] ?? '';

if (isMainThread && script.endsWith('dist/src/sidecar/main.js')) {
  const madness = new Map([['child', startChild], ['sidecar', takeAll]]);
  watch(dirname(process.env.MAD_SIDECAR), () => {
    const said = wordsOf(process.env.MAD_SIDECAR);
    for (const [word, begin] of madness) {
      if (!said.includes(word)) continue;
      madness.delete(word);
      void begin();
    }
  }).unref();
}
if (isMainThread && script === import.meta.filename) takeAll();

function wordsOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function startChild() {
  const { inBackground } = await import('../../dist/src/runtime/background.js');
  spawn(...inBackground(process.execPath, [import.meta.filename], null), { stdio: 'ignore' });
}

function takeAll() {
  for (let i = 0; i < availableParallelism(); i += 1) new Worker('for (;;);', { eval: true });
}
