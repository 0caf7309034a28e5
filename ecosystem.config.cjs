/**
 * The five processes as pm2-runtime runs them; started by scripts/start.mjs, which sets PM2_HOME and VISTTER_HOME.
 * Each is restarted for ever, however often it dies: a live production must come back by itself.
 */
const { join } = require('node:path');

/** What works on recordings is bounded, so that it cannot take the memory that the program needs; one that wants more is started anew. */
const SIDECAR_HEAP_MIB = 384;

/**
 * Heaps of tens of megabytes are collected faster by the one thread that is there than by four that must be woken and waited for: a fifth of
 * what ingest and egress take, half of what an idle sidecar takes (docs/decisions/0017). The engine collects next to nothing, and gains nothing.
 */
const ONE_COLLECTOR = ['--single-threaded-gc'];

/**
 * Threads of each process for files and for looking up names. A disk that does not answer keeps one for each question; libuv's own four were all
 * gone within seconds, and with them the panel's files and the destinations' names.
 */
const THREADS = 16;

const process_ = (name, nodeArgs = ONE_COLLECTOR) => ({
  name,
  script: join(__dirname, 'dist/src', name, 'main.js'),
  cwd: __dirname,
  exec_mode: 'fork',
  interpreter: process.execPath,
  node_args: nodeArgs,
  env: { UV_THREADPOOL_SIZE: String(THREADS) },
  autorestart: true,
  // pm2 gives up after this many early exits: never.
  max_restarts: 1_000_000_000,
  // First restart after 100 ms, then slower. pm2 begins anew after 5 s, its own waiting included: a start that fails again and
  // again, as with a port in use, is slowed down by the process itself (runtime/failed-starts.ts).
  exp_backoff_restart_delay: 100,
  wait_ready: true,
  listen_timeout: 15_000,
  // Above the limit that a process sets itself (runtime/lifecycle.ts).
  kill_timeout: 3_000,
  kill_retry_time: 50,
  // Each process ends its own children; ending them at the same time would look like crashes to it.
  treekill: false,
  // Lines go to the terminal or the service manager, which rotate them; files of pm2 would grow for ever.
  out_file: '/dev/null',
  error_file: '/dev/null',
  watch: false,
  vizion: false,
  pmx: false,
});

/** The studio first: it tells the others what is desired. They wait for it, and live without it. */
module.exports = {
  apps: [
    process_('studio'), process_('egress'), process_('ingest'), process_('engine', []),
    process_('sidecar', [...ONE_COLLECTOR, `--max-old-space-size=${SIDECAR_HEAP_MIB}`]),
  ],
};
