/** What to measure and for how long. */
import { parseArgs } from 'node:util';

export const parts = ['m', 'peers', 'single', 'switch', 'scaling', 'timeline', 'long'] as const;
export type Part = (typeof parts)[number];

export interface BenchOptions {
  seconds: number;
  rounds: number;
  switches: number;
  parts: ReadonlySet<Part>;
  jsonFile: string | undefined;
  width: number;
  height: number;
}

export const usage = `npm run bench -- [--seconds 60] [--rounds 2] [--switches 200] [--only ${parts.join(',')}] [--size 1920x1080] [--json FILE]

  m        the reference mix by the product: CPU, memory, frames, sound, delay
  peers    the same mix by ffmpeg and GStreamer, and decoding and encoding alone, in turn with the product
  single   one camera full-frame: what the compositor takes then
  switch   camera:switch, message to due time
  timeline two tracks of films, an overlay and an audio track, by the product and by ffmpeg
  long     a timeline of 10,000 clips: resolving a frame, opening it, editing it on air
  scaling  what each further destination costs
Everything by default. A table goes to stdout, and JSON to FILE or after the table.`;

/** Throws with the usage for anything it does not know. */
export function parseOptions(argv: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seconds: { type: 'string', default: '60' }, rounds: { type: 'string', default: '2' }, switches: { type: 'string', default: '200' },
      only: { type: 'string' }, json: { type: 'string' }, size: { type: 'string', default: '1920x1080' }, help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const chosen = (values.only ?? parts.join(',')).split(',').map((name) => name.trim());
  const unknown = chosen.filter((name) => !parts.includes(name as Part));
  const size = /^(\d+)x(\d+)$/.exec(values.size);
  const seconds = Number(values.seconds);
  const rounds = Number(values.rounds);
  const switches = Number(values.switches);
  if (unknown.length > 0 || !size || !(seconds >= 5) || !(rounds >= 1) || !(switches >= 1)) throw new Error(usage);
  return { seconds, rounds, switches, parts: new Set(chosen as Part[]), jsonFile: values.json, width: Number(size[1]), height: Number(size[2]) };
}
