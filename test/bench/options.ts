/** What to measure and for how long. */
import { parseArgs } from 'node:util';

export const parts = ['m', 'peers', 'single', 'switch', 'scaling', 'multiview', 'panel', 'open', 'people', 'timeline', 'long', 'editor', 'clips', 'beside', 'features', 'metadata', 'highlights', 'learn'] as const;
export type Part = (typeof parts)[number];

/** Those that need neither cameras nor far ends. */
export const PARTS_WITHOUT_STAGE: ReadonlySet<Part> = new Set(['learn', 'metadata']);

/** Who is measured beside the product. */
export const peers = ['ffmpeg', 'gstreamer', 'floor'] as const;
export type Peer = (typeof peers)[number];

export interface BenchOptions {
  seconds: number;
  rounds: number;
  switches: number;
  /** Before the window: processes that run for months are not measured while they are being compiled. */
  settleSeconds: number;
  parts: ReadonlySet<Part>;
  peers: ReadonlySet<Peer>;
  jsonFile: string | undefined;
  width: number;
  height: number;
}

export const usage = `npm run bench -- [--seconds 60] [--settle 30] [--rounds 2] [--switches 200] [--only ${parts.join(',')}]
                  [--peers ${peers.join(',')}] [--size 1920x1080] [--json FILE]

  m        the reference mix by the product: CPU, memory, frames, sound, delay
  peers    the same mix by ffmpeg and GStreamer, and decoding and encoding alone, in turn with the product
  single   one camera full-frame: what the compositor takes then
  switch   camera:switch, message to due time
  timeline two tracks of films, an overlay and an audio track, by the product and by ffmpeg
  long     a timeline of 10,000 clips: resolving a frame, opening it, editing it on air
  scaling  what each further destination costs
  editor   scrolling and zooming the panel's timeline editor over 2,000 clips, in Chromium
  multiview what it costs that somebody watches the program and six sources, and how far behind they are
  panel    the panel in Chromium: its first load, a key to its answer; and two hundred panels at once
  open     the Live page left open with meters and pictures: its memory, and tasks that take long (an hour: --seconds 3600)
  clips    ten clips of 30 s of a recording, a vertical one, thumbnails
  beside   M on air alone, and while the sidecar cuts clips of an earlier recording and analyses it again without a pause: frames of the program
  features the analysis of films of 1, 2 and 8 hours (22 GB below the system's folder for temporary files; less where there is no room), and of one that is being recorded
  highlights how many of those planted in generated streams are found, beside the published formulas and chance
  people   from a change by one operator to its arrival at another, alone and among 200 panels
  metadata titles, descriptions and tags of 10,000 nasty recordings against the platforms' limits, and what those of eight hours of speech cost
  learn    how soon the taste of a simulated operator is learnt from what they accept and reject, and what it never costs
Everything by default. A table goes to stdout, and JSON to FILE or after the table.`;

/** Throws with the usage for anything it does not know. */
export function parseOptions(argv: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seconds: { type: 'string', default: '60' }, rounds: { type: 'string', default: '2' }, switches: { type: 'string', default: '200' },
      settle: { type: 'string', default: '30' }, only: { type: 'string' }, peers: { type: 'string' }, json: { type: 'string' }, size: { type: 'string', default: '1920x1080' }, help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const chosen = listed(values.only, parts);
  const beside = listed(values.peers, peers);
  const size = /^(\d+)x(\d+)$/.exec(values.size);
  const seconds = Number(values.seconds);
  const settleSeconds = Number(values.settle);
  const rounds = Number(values.rounds);
  const switches = Number(values.switches);
  if (!chosen || !beside || !size || !(seconds >= 5) || !(settleSeconds >= 1) || !(rounds >= 1) || !(switches >= 1)) throw new Error(usage);
  return {
    seconds, settleSeconds, rounds, switches, parts: chosen, peers: beside, jsonFile: values.json, width: Number(size[1]), height: Number(size[2]),
  };
}

/** Names of a comma-separated list, all of them by default; null when one is not known. */
function listed<T extends string>(text: string | undefined, known: readonly T[]): ReadonlySet<T> | null {
  if (text === undefined) return new Set(known);
  const names = text.split(',').map((name) => name.trim());
  return names.every((name): name is T => known.includes(name as T)) ? new Set(names as T[]) : null;
}
