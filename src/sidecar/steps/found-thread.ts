/** The thread in which highlights of a long recording are found. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Apart } from './found-apart.js';
import { found } from './found.js';

const { table, options } = workerData as Apart;
parentPort!.postMessage(found(table, options));
