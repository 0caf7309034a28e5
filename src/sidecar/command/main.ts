/** The command line `vistter`: its floor plan. */
import { setFlagsFromString } from 'node:v8';
import { systemClock } from '../../runtime/clock.js';
import { forgetSecrets, loadConfig } from '../../runtime/config.js';
import { toProblem } from '../../runtime/errors.js';
import { Paths } from '../../runtime/paths.js';
import { inUse } from '../learning/shelf.js';
import { readShelf } from '../learning/shelf-files.js';
import type { Model } from '../learning/model.js';
import { analyzeFile } from '../steps/analyze-file.js';
import { VECTORS } from '../steps/found.js';
import { changeShelf, summaryOf } from '../steps/models.js';
import { parseCommand, USAGE, UsageError, type AnalyzeCommand } from './arguments.js';
import { findings, modelLines, progressLine } from './print.js';

/** A line that moves is drawn anew this often, ms. */
const REDRAW_MS = 200;

/** @returns the exit code: 0; 1 when a file could not be analyzed; 2 when the command is none */
export async function run(argv: readonly string[]): Promise<number> {
  // Nothing here needs them, and a file that is hostile least of all.
  forgetSecrets();
  try {
    const command = parseCommand(argv);
    switch (command.is) {
      case 'help':
        process.stdout.write(`${USAGE}\n`);
        return 0;
      case 'analyze': return await analyze(command);
      case 'models': return await listModels(command.json);
      case 'roll-back':
        process.stdout.write(`${await changeShelf(modelsFolder(), { action: 'roll-back' })}\n`);
        return 0;
      case 'newest':
        process.stdout.write(`${await changeShelf(modelsFolder(), { action: 'choose', id: null, askedAtMs: systemClock.wallMs() })}\n`);
        return 0;
      default: return command satisfies never;
    }
  } catch (error) {
    process.stderr.write(`${error instanceof UsageError ? `${error.message}\n\n${USAGE}` : toProblem(error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

const modelsFolder = (): string => new Paths(loadConfig().home).models;

async function analyze({ files, json, chat, moments, transcript, top, preset }: AnalyzeCommand): Promise<number> {
  // V8 lets garbage grow to far more than what is in use: with captions of 99,000 cues 245 MB, and so 138.
  setFlagsFromString('--optimize-for-size');
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(new Error('It was stopped.'));
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const { model, notes } = await modelInUse();
  let code = 0;
  for (const path of files) {
    const bar = new Bar();
    try {
      const analyzed = await analyzeFile({
        path, chatPath: chat, momentsPath: moments, transcriptPath: transcript, top, preset, model, clock: systemClock, signal: stop.signal, onProgress: (share, what) => bar.draw(share, what),
      });
      bar.clear();
      const told = { ...analyzed, notes: [...analyzed.notes, ...notes] };
      process.stdout.write(json ? `${JSON.stringify(told)}\n` : findings(told));
    } catch (error) {
      bar.clear();
      code = 1;
      const { code: what, message } = toProblem(error);
      if (json && !stop.signal.aborted) process.stdout.write(`${JSON.stringify({ file: path, error: { code: what, message } })}\n`);
      process.stderr.write(`${path}: ${message}\n`);
      if (stop.signal.aborted) return code;
    }
  }
  return code;
}

/** What people taught this server ranks here too. */
async function modelInUse(): Promise<{ model: Model | null; notes: string[] }> {
  const { shelf, notes } = await readShelf(modelsFolder());
  const { model, why } = inUse(shelf, VECTORS);
  return { model, notes: [...notes, ...(model?.ranking ? [`Ranked by model ${model.id}. ${why}`] : [])] };
}

async function listModels(json: boolean): Promise<number> {
  const { models, held } = await summaryOf(modelsFolder());
  if (json) process.stdout.write(`${JSON.stringify({ models, held })}\n`);
  else process.stdout.write(modelLines(models, held));
  return 0;
}

/** Where a person watches. */
class Bar {
  readonly #beganMs = systemClock.monotonicMs();
  #drawnMs = -Infinity;

  draw(share: number, what: string): void {
    const nowMs = systemClock.monotonicMs();
    if (!process.stderr.isTTY || nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    process.stderr.write(`\r\x1b[K${progressLine(what, share, nowMs - this.#beganMs)}`);
  }

  clear(): void {
    if (process.stderr.isTTY && this.#drawnMs > -Infinity) process.stderr.write('\r\x1b[K');
  }
}
