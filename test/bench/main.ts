/**
 * `npm run bench`: measures the product beside others that do the same, in turn on the same machine, and prints what came
 * out beside what must be reached. Nothing in it passes or fails: a benchmark on a shared machine is read by a person.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { type Contestant, ffmpegMix, floor, gstreamer, product, startProduct } from './contestants.js';
import { measure, type Measured } from './meter.js';
import { parseOptions, PARTS_WITHOUT_STAGE, usage, type BenchOptions, type Peer } from './options.js';
import { timelineFfmpeg, timelineProduct } from './timeline-contestants.js';
import { measureEdits } from './timeline-edits.js';
import { browserMissing } from '../support/browser.js';
import { measureBeside } from './beside.js';
import { measureEditor } from './editor.js';
import { measureMetadata } from './metadata.js';
import { measureFeatures } from './features.js';
import { measureClips } from './clips.js';
import { measureHighlights } from './highlights.js';
import { endAllOnSignal } from './interrupt.js';
import { measureLearning } from './learning.js';
import { measureMultiview } from './multiview.js';
import { measureOpen } from './open.js';
import { measurePanel } from './panel.js';
import { measurePeople } from './people.js';
import { measureTimeline } from './timeline-resolve.js';
import { formatReport, type Results } from './report.js';
import { measureScaling, measureSingle, measureSwitches } from './runs.js';
import { fps, Stage } from './stage.js';
import { productBuilt } from '../support/product.js';
import { hasNginxRtmp } from '../support/nginx_rtmp.js';

const peerContestants: Readonly<Record<Peer, Contestant>> = { ffmpeg: ffmpegMix, gstreamer, floor };

/** Of the long timeline. */
const EDITOR_CLIPS = 2_000;
const CLIPS = 10_000;

const say = (text: string): void => { process.stderr.write(`${text}\n`); };

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(usage);
    return;
  }
  endAllOnSignal();
  const results: Results = {
    machine: { cpus: cpus().length, model: cpus()[0]?.model.trim() ?? 'unknown', node: process.versions.node, ffmpeg: ffmpegVersion() },
    mix: { width: options.width, height: options.height, fps, kbps: 0 },
    seconds: options.seconds, rounds: [], skipped: [],
  };
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    say(`${what} …`);
    await work().catch((error: unknown) => { results.skipped.push(`${what}: ${error instanceof Error ? error.message : String(error)}`); });
  };
  if ([...options.parts].some((part) => !PARTS_WITHOUT_STAGE.has(part))) await measureOnStage(options, results, attempt);
  if (options.parts.has('learn')) {
    await attempt('Learning what a simulated operator likes', () => Promise.resolve().then(() => { results.learning = measureLearning(); }));
  }
  if (options.parts.has('metadata')) await attempt('Metadata of nasty recordings', async () => { results.metadata = await measureMetadata(); });
  console.log(formatReport(results));
  const json = JSON.stringify(results, null, 2);
  if (options.jsonFile) writeFileSync(options.jsonFile, `${json}\n`);
  else console.log(`\n${json}`);
}

/** All that needs cameras and far ends. */
async function measureOnStage(options: BenchOptions, results: Results, attempt: (what: string, work: () => Promise<void>) => Promise<void>): Promise<void> {
  if (!hasNginxRtmp) throw new Error('The benchmark needs Debian\'s nginx and libnginx-mod-rtmp.');
  say('Making the cameras\' footage, once …');
  const stage = await new Stage(options.width, options.height).start();
  results.mix.kbps = stage.settings.encoder.bitrateKbps;
  try {
    const { parts } = options;
    const wanted = [...(parts.has('m') ? [product] : []), ...(parts.has('peers') ? [...options.peers].map((peer) => peerContestants[peer]) : [])];
    if (parts.has('timeline')) wanted.push(timelineProduct, ...(options.peers.has('ffmpeg') ? [timelineFfmpeg] : []));
    const able = wanted.filter((one) => {
      const missing = (one === product || one === timelineProduct) && !productBuilt() ? 'not built' : one.missing;
      if (missing) results.skipped.push(`${one.name}: ${missing}`);
      return missing === null;
    });
    for (let round = 0; round < options.rounds && able.length > 0; round++) {
      const measured: Measured[] = [];
      results.rounds.push(measured);
      for (const contestant of able) {
        say(`Round ${round + 1}: ${contestant.name}, ${options.seconds} s …`);
        try {
          measured.push(await measure(contestant, stage, options.seconds, options.settleSeconds));
        } catch (error) {
          results.skipped.push(`${contestant.name}, round ${round + 1}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    }
    if ((parts.has('switch') || parts.has('single')) && productBuilt()) {
      const run = await startProduct(stage);
      try {
        if (parts.has('switch')) await attempt(`Switching ${options.switches} times`, async () => { results.switching = await measureSwitches(run, options.switches); });
        if (parts.has('single')) await attempt('One camera alone', async () => { results.single = await measureSingle(run, Math.min(options.seconds, 15)); });
      } finally {
        await run.stop();
      }
    }
    if (parts.has('long')) {
      await attempt(`A timeline of ${CLIPS} clips`, () => Promise.resolve().then(() => { results.long = measureTimeline(CLIPS); }));
      if (productBuilt()) await attempt('Edits of it on air', async () => { results.edits = await measureEdits(CLIPS, options.switches); });
    }
    if (parts.has('editor') && productBuilt() && browserMissing === null) {
      await attempt(`The editor with ${EDITOR_CLIPS} clips`, async () => { results.editor = await measureEditor(EDITOR_CLIPS); });
    }
    if (parts.has('scaling') && productBuilt()) {
      await attempt('More and more destinations', async () => { results.scaling = await measureScaling(stage, Math.min(options.seconds, 20)); });
    }
    if (parts.has('multiview') && productBuilt()) {
      await attempt('Watching six sources', async () => { results.multiview = await measureMultiview(stage); });
    }
    if (parts.has('panel') && productBuilt()) {
      await attempt('Panels', async () => { results.panel = await measurePanel(stage); });
    }
    if (parts.has('open') && productBuilt()) {
      await attempt(`The panel left open, ${options.seconds} s`, async () => { results.open = await measureOpen(stage, options.seconds); });
    }
    if (parts.has('people') && productBuilt()) {
      await attempt('Two operators, and 200', async () => { results.people = await measurePeople(stage); });
    }
    if (parts.has('clips') && productBuilt()) {
      await attempt('Ten clips, a vertical one, thumbnails', async () => { results.clips = await measureClips(stage); });
    }
    if (parts.has('beside') && productBuilt()) {
      await attempt('The sidecar at work beside the program', async () => { results.beside = await measureBeside(stage); });
    }
    if (parts.has('highlights') && productBuilt()) {
      await attempt('Planted highlights', async () => { results.highlights = await measureHighlights(21, 40, say); });
    }
    if (parts.has('features') && productBuilt()) {
      await attempt('Films of hours analysed', async () => { results.features = await measureFeatures(stage, say); });
    }
  } finally {
    await stage.stop();
  }
}

function ffmpegVersion(): string {
  return execFileSync('ffmpeg', ['-version'], { encoding: 'utf8' }).split('\n')[0]?.split(' ').slice(0, 3).join(' ') ?? 'ffmpeg';
}

main().catch((error: unknown) => {
  say(error instanceof Error ? (process.env.DEBUG ? error.stack ?? error.message : error.message) : String(error));
  process.exitCode = 1;
});
