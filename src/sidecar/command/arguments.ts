/** Pure: what is typed behind `vistter` → what is to be done. */
import { parseArgs } from 'node:util';
import { PRESETS, type Preset } from '../finding/find.js';

export const USAGE = `vistter analyze FILE… [--json] [--chat FILE] [--transcript FILE] [--moments FILE] [--top 10] [--preset auto|sound|picture|chat|classic]
vistter models [--json]
vistter models roll-back|newest

analyze finds highlights, chapters and metadata in recordings or any other media files, on this machine. Nothing is written.
  --json             one object on one line for each file: file, durationMs, tookMs, peakRssBytes, highlights, chapters, metadata, notes
  --chat FILE        chat of the one file: a line of JSON for each message, {"atMs": 1000, "user": "ann", "text": "wow"}
  --moments FILE     what was done on air: a line of JSON for each, {"atMs": 1000, "kind": "take|override|marker|alert|insert", "text": "Camera 2"}
  --transcript FILE  VTT or SRT; one beside the media file, of the same name, is found by itself
  --top N            highlights to find at most (10)
  --preset NAME      what counts: auto (all, and --moments), sound, picture or chat alone; classic scores by the published formulas, for comparison
models lists what was learnt from accepting and rejecting highlights; roll-back puts the model before the one in use back in its place and keeps it there,
  newest lets go again: the newest is in use, and each that is learnt later.
The settings are those of the server: VISTTER_HOME, or vistter.yaml.`;

/** A person typed something else than the usage says; the message is for them. */
export class UsageError extends Error {}

export interface AnalyzeCommand {
  is: 'analyze';
  files: string[];
  json: boolean;
  chat: string | null;
  moments: string | null;
  transcript: string | null;
  top: number;
  preset: Preset;
}
export type Command = AnalyzeCommand | { is: 'models'; json: boolean } | { is: 'roll-back' } | { is: 'newest' } | { is: 'help' };

const OPTIONS = {
  json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false },
  chat: { type: 'string' }, moments: { type: 'string' }, transcript: { type: 'string' }, top: { type: 'string', default: '10' }, preset: { type: 'string', default: 'auto' },
} as const;

/** @throws UsageError */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parsed(argv);
  const [name, ...rest] = positionals;
  if (values.help || name === undefined || name === 'help') return { is: 'help' };
  switch (name) {
    case 'analyze': {
      const { json, chat = null, moments = null, transcript = null } = values;
      const preset = PRESETS.find((one) => one === values.preset);
      const top = Number(values.top);
      if (rest.length === 0) throw new UsageError('Name the file to analyse: vistter analyze FILE');
      if (!Number.isInteger(top) || top < 1 || top > 50) throw new UsageError('--top is a number from 1 to 50.');
      if (!preset) throw new UsageError(`--preset is one of ${PRESETS.join(', ')}.`);
      if (rest.length > 1 && (chat ?? moments ?? transcript) !== null) throw new UsageError('--chat, --moments and --transcript belong to one file: analyse one at a time with them.');
      return { is: 'analyze', files: rest, json, chat, moments, transcript, top, preset };
    }
    case 'models':
      if (rest.length === 0) return { is: 'models', json: values.json };
      if (rest.length === 1 && (rest[0] === 'roll-back' || rest[0] === 'newest')) return { is: rest[0] };
      throw new UsageError('After "models" only "roll-back" or "newest" may come.');
    default:
      throw new UsageError(`There is no command "${name.slice(0, 40)}".`);
  }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
