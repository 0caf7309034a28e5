/** The figures as a table that a person reads, each beside what it must reach. */
import type { Measured } from './meter.js';
import type { BesideResult } from './beside.js';
import type { EditorFigures } from './editor.js';
import type { MetadataFigures } from './metadata.js';
import type { ClipsResult } from './clips.js';
import type { FeaturesResult } from './features.js';
import { formatHighlights, type HighlightsResult } from './highlights.js';
import { learningRows, type LearningFigures } from './learning.js';
import type { MultiviewResult } from './multiview.js';
import type { OpenResult } from './open.js';
import type { PanelResult } from './panel.js';
import type { PeopleResult } from './people.js';
import type { ScalingResult, SingleResult, SwitchResult } from './runs.js';
import type { EditFigures } from './timeline-edits.js';
import type { TimelineFigures } from './timeline-resolve.js';

export interface Results {
  machine: { cpus: number; model: string; node: string; ffmpeg: string };
  mix: { width: number; height: number; fps: number; kbps: number };
  seconds: number;
  rounds: Measured[][];
  single?: SingleResult;
  switching?: SwitchResult;
  scaling?: ScalingResult;
  long?: TimelineFigures;
  edits?: EditFigures;
  multiview?: MultiviewResult;
  open?: OpenResult;
  panel?: PanelResult;
  editor?: EditorFigures;
  clips?: ClipsResult;
  beside?: BesideResult;
  features?: FeaturesResult;
  highlights?: HighlightsResult;
  people?: PeopleResult;
  metadata?: MetadataFigures;
  learning?: LearningFigures;
  skipped: string[];
}

/** So long after a camera was late its frames may show it at the far end. */
const UNREST_SECONDS = 1;

const n = (value: number | undefined, digits = 1): string => (value === undefined || Number.isNaN(value) ? '–' : value === Infinity ? 'never' : value.toFixed(digits));

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ').trimEnd()).join('\n');
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean cores of a contestant over the rounds; NaN when it did not run. */
export function coresOf(results: Results, name: string, besides = false): number {
  return mean(results.rounds.flat().filter((one) => one.name === name).map((one) => (besides ? one.coresWithBesides : one.cores)));
}

/** Mean cores of the sidecar and its children over the product's rounds. */
function sidecarCores(results: Results): number {
  return mean(results.rounds.flat().filter((one) => one.name === 'VistterStudio').map(({ byProcess = {} }) => (byProcess.sidecar ?? 0) + (byProcess['vistter-feature'] ?? 0)));
}

export function formatReport(results: Results): string {
  const { machine, mix } = results;
  const out = [`Reference mix M: two cameras by RTMP, picture-in-picture, alpha overlay → ${mix.width}×${mix.height} ${mix.fps} fps x264 ${mix.kbps} kb/s, a destination and a recording`,
    `${machine.cpus} × ${machine.model}, Node ${machine.node}, ${machine.ffmpeg}, ${results.seconds} s each, ${results.rounds.length} rounds`, ''];
  const rows = [['', 'cores', '+server', 'others', 'PSS MB', 'MB/min', 'frames', 'lost', 'rep.', 'miss.', 'pip l/r', 'A/V p50', 'p99', 'max ms', 'light p50', 'p99 ms', 'cam. late']];
  for (const [i, round] of results.rounds.entries()) {
    for (const m of round) {
      rows.push([`${i + 1} ${m.name}`, n(m.cores, 3), n(m.coresWithBesides, 3), n(m.othersCores, 2), n(m.pssMb, 0), n(m.slopeMbPerMinute), String(m.frames), String(m.lost), String(m.repeated), String(m.missing),
        m.pip ? `${m.pip.lost}/${m.pip.repeated}` : '–', n(m.syncP50Ms), n(m.syncP99Ms), n(m.syncMaxMs), n(m.lightP50Ms, 0), n(m.lightP99Ms, 0), n(m.camerasLateMs, 0)]);
    }
  }
  if (rows.length > 1) out.push(table(rows), '');
  out.push(table([['figure', 'measured', 'wanted'], ...goals(results)]), '');
  if (results.rounds.flat().some((m) => m.othersCores > 0.2)) {
    out.push('The machine was busy with other things (column "others", cores): frames lost and delays are not the product\'s alone.', '');
  }
  for (const m of results.rounds.flat()) {
    if (m.byProcess) out.push(`cores by process: ${Object.entries(m.byProcess).sort((a, b) => b[1] - a[1]).map(([role, cores]) => `${role} ${n(cores, 3)}`).join(', ')}`);
    if (m.growthMb) out.push(`memory of its own, growth from the first third to the last, MB: ${Object.entries(m.growthMb).map(([role, mb]) => `${role} ${n(mb)}`).join(', ')}`);
    if (m.stolenSeconds > 0) out.push(`${m.name}: the machine was not run by its host for ${n(m.stolenSeconds, 2)} s`);
    if (m.complaint) out.push(`${m.name} said: ${m.complaint.trim()}`);
  }
  if (results.scaling) out.push(`destinations: ${results.scaling.steps.map((s) => `${s.destinations}: egress ${n(s.egressCores, 3)}, all ${n(s.allCores, 3)}, ${n(s.deliveredKbps / 1_000)} Mb/s delivered`).join('; ')}`);
  if (results.highlights) out.push(formatHighlights(results.highlights));
  if (results.learning) out.push('what the models of the first operators say:', ...results.learning.verdicts.map((verdict) => `  ${verdict}`));
  out.push(...results.skipped.map((why) => `skipped: ${why}`));
  return out.join('\n');
}

/** Frames lost or repeated though no camera had sent late in the second before; what arrives was sent half a second ago. */
function whileSteady({ faults, stalls }: Measured): number {
  const unexcused = faults.filter(({ at }) => !stalls.some((stall) => stall.at <= at && at - stall.at < UNREST_SECONDS));
  return unexcused.reduce((sum, { frames }) => sum + frames, 0);
}

function goals(results: Results): string[][] {
  const rows: string[][] = [];
  const add = (figure: string, value: number, wanted: string, digits = 2): void => { if (!Number.isNaN(value)) rows.push([figure, n(value, digits), wanted]); };
  const ours = coresOf(results, 'VistterStudio');
  add('CPU over ffmpeg -filter_complex', ours / coresOf(results, 'ffmpeg -filter_complex'), '≤ 1.00, aim 0.90', 3);
  add('the same without the sidecar, which looks for highlights meanwhile', (ours - sidecarCores(results)) / coresOf(results, 'ffmpeg -filter_complex'), '', 3);
  add('CPU over ffmpeg, its RTMP server counted', ours / coresOf(results, 'ffmpeg -filter_complex', true), '', 3);
  add('CPU over GStreamer compositor', ours / coresOf(results, 'GStreamer compositor'), '', 3);
  add('CPU over decode + encode alone', ours / coresOf(results, 'decode + encode alone'), '≤ 1.15', 3);
  add('timeline: CPU over ffmpeg with the same films', coresOf(results, 'VistterStudio, timeline') / coresOf(results, 'ffmpeg, the same films'), '≤ 1.00', 3);
  for (const m of results.rounds.flat().filter((one) => one.name === 'VistterStudio, timeline')) {
    add('timeline: frames late, lost and missing', (m.status?.lateInWindow ?? NaN) + m.lost + m.missing, '0', 0);
    add('timeline: sound against picture, p99 ms', m.syncP99Ms, '≤ 20', 1);
  }
  const runs = results.rounds.flat().filter((one) => one.name === 'VistterStudio');
  const last = runs.at(-1);
  if (last) {
    const worst = (pick: (m: Measured) => number): number => Math.max(...runs.map(pick));
    add('compositor, M, mean ms a frame', (last.status?.program?.composeUsAvg ?? NaN) / 1_000, '≤ 1.0', 3);
    add('compositor, M, p99 ms a frame', (last.status?.program?.composeUsP99 ?? NaN) / 1_000, '', 3);
    add('memory of everything, MB', worst((m) => m.pssMb), '≤ 900', 0);
    add('memory slope, MB a minute', last.slopeMbPerMinute, '0 over 10 min', 1);
    add('program frames late by more than one', worst((m) => m.status?.lateInWindow ?? NaN), '0', 0);
    add('program frames skipped', worst((m) => m.status?.skippedInWindow ?? NaN), '0', 0);
    add('lost at the far end', worst((m) => m.lost + m.missing), '0', 0);
    add('repeated at the far end', worst((m) => m.repeated), '0', 0);
    add('lost or repeated while the cameras were steady', worst(whileSteady), '0', 0);
    add('sound against picture, p99 ms', worst((m) => m.syncP99Ms), '≤ 20', 1);
    add('camera light to far end, p50 ms', last.lightP50Ms, 'aim ≤ 700', 0);
    add('camera light to far end, p99 ms', last.lightP99Ms, 'aim ≤ 700', 0);
  }
  if (results.single) add('compositor, one camera, mean ms a frame', results.single.composeUsAvg / 1_000, '≤ 0.1', 3);
  if (results.switching) {
    add(`camera:switch to due time, p50 ms of ${results.switching.count}`, results.switching.p50Ms, '', 1);
    add('camera:switch to due time, p99 ms', results.switching.p99Ms, '≤ 50', 1);
  }
  const { panel } = results;
  if (panel) {
    add('panel: first load, kB', panel.firstLoadKb, '≤ 250', 0);
    add('panel: until a source can be pressed, ms', panel.usableMs, '≤ 1000', 0);
    add(`panel: key to acknowledgement, p50 ms of ${panel.presses}`, panel.keyP50Ms, '', 1);
    add('the same, p99 ms', panel.keyP99Ms, '≤ 60', 1);
    add(`camera:switch with ${panel.clients} panels, p50 ms`, panel.switchP50Ms, '', 1);
    add('the same, p99 ms', panel.switchP99Ms, '≤ 100', 1);
    add('program frames late or skipped meanwhile', panel.late + panel.skipped, '0', 0);
    add('messages to each panel a second', panel.messagesEach, '', 1);
  }
  const { long, edits } = results;
  if (long) {
    add(`timeline of ${long.clips} clips: one frame resolved, mean ms`, long.resolveMsAvg, '≤ 0.05', 4);
    add('the same, p99 ms', long.resolveMsP99, '', 4);
    add('read and compiled, ms', long.parseMs + long.compileMs, '≤ 200', 1);
    add('compiled, ms', long.compileMs, '', 1);
  }
  if (edits) {
    add('put on program, message to acknowledgement, ms', edits.openMs, '', 0);
    add('an edit on air: frames from its acknowledgement to the picture, worst', edits.framesLate, '≤ 1', 0);
    add('the same, from its message', edits.framesSinceSentMax, '', 0);
    add('an edit: message to acknowledgement, p50 ms', edits.ackP50Ms, '', 1);
    add('the same, worst ms', edits.ackMaxMs, '', 1);
    add(`camera:switch during edits, p50 ms of ${edits.switches}`, edits.switchP50Ms, '', 1);
    add('camera:switch during edits, p99 ms', edits.switchP99Ms, '≤ 50', 1);
  }
  const { editor } = results;
  if (editor) {
    add(`the editor with ${editor.clips} clips: opened in ms`, editor.openMs, '', 0);
    add('scrolling, from frame to frame p50 ms', editor.scrollP50Ms, '', 1);
    add('scrolling, from frame to frame p95 ms', editor.scrollP95Ms, '≤ 16.7', 1);
    add('zooming, from frame to frame p50 ms', editor.zoomP50Ms, '', 1);
    add('zooming, from frame to frame p95 ms', editor.zoomP95Ms, '≤ 16.7', 1);
    add('handling and painting a frame, p95 ms', editor.workP95Ms, '', 1);
    add('tasks above 50 ms meanwhile', editor.longTasks, '0', 0);
  }
  const { open } = results;
  if (open) {
    add(`the page's own memory after ${open.seconds} s open, MB (${n(open.fromMb)} at first)`, open.toMb, '', 1);
    add('its trend, MB an hour', open.mbPerHour, 'flat', 1);
    add(`nodes of the page (${open.nodesFrom} at first)`, open.nodesTo, '', 0);
    add(`tasks above 50 ms (the longest ${n(open.longestMs, 0)} ms)`, open.longTasks, '0', 0);
  }
  const { people } = results;
  if (people) {
    add('a change by one operator at another, p50 ms', people.p50Ms, '', 1);
    add('a change by one operator at another, p99 ms', people.p99Ms, '≤ 200', 1);
    add(`the same among ${people.panels} panels, p50 ms`, people.crowdP50Ms, '', 1);
    add(`the same among ${people.panels} panels, p99 ms`, people.crowdP99Ms, '≤ 200', 1);
  }
  const { multiview } = results;
  if (multiview) {
    add('six sources and the program watched, % of a core', multiview.percent, '≤ 15', 1);
    add('of it in the engine and the studio, who make them', multiview.makersPercent, '', 1);
    add('pictures a second, of the slowest source', multiview.sourceRate, '10', 1);
    add('of the program', multiview.programRate, '15', 1);
    add('behind the frame that has the picture, p50 ms', multiview.behindP50Ms, '', 0);
    add('behind the frame that has the picture, p95 ms', multiview.behindP95Ms, '≤ 250', 0);
    add('to one client, kb/s', multiview.kbps, '', 0);
  }
  const { metadata } = results;
  if (metadata) {
    add(`metadata of ${metadata.inputs} nasty recordings: beyond the limits`, metadata.beyond, '0', 0);
    add('without a title or a description', metadata.empty, '0', 0);
    add('each, mean ms', metadata.eachMs, '', 2);
    add('of eight hours of speech: chapters, ms', metadata.longChaptersMs, '', 0);
    add('title, description and tags, ms', metadata.longTextsMs, '', 0);
    add('lint of what is made by itself, least of ten', metadata.lintLeast, '', 0);
  }
  const { clips } = results;
  if (clips) {
    add(`${clips.clips} clips of 30 s (copied ${clips.ways.copy}, ends anew ${clips.ways.smart}, all anew ${clips.ways.full}), s`, clips.seconds, '≤ 10', 1);
    add('their loudness beside −14 LUFS, worst', clips.loudnessOff, '≤ 0.5', 1);
    add('their true peak, dBTP', clips.truePeakDb, '≤ −1', 1);
    add('a vertical one, times its own length', clips.verticalShare, '≤ 1', 2);
    add('its thumbnails, s', clips.thumbnailsSeconds, '', 1);
    add('the largest of them, kB', clips.thumbnailsMostBytes / 1_000, '≤ 2000', 0);
  }
  const { beside } = results;
  if (beside) {
    const what = `while ${beside.clips} clips were cut and ${beside.analyses} analyses made in ${beside.seconds} s`;
    add(`program frames late or skipped ${what} (${beside.alone.late + beside.alone.skipped} in as long without)`, beside.beside.late + beside.beside.skipped, '0', 0);
    add(`lost or repeated at the far end meanwhile (${beside.alone.lost + beside.alone.repeated} without)`, beside.beside.lost + beside.beside.repeated, '0', 0);
    add('cores that took', beside.cores, '', 2);
  }
  const { features } = results;
  if (features) {
    for (const run of features.runs) {
      const film = `features of ${run.hours} h, ${n(run.gigabytes)} GB`;
      add(`${film}: s`, run.seconds, run.hours === 8 ? '≤ 80' : '', 1);
      add('of it of processors, s', run.cpuSeconds, '', 1);
      add('memory of its own at most, MB', run.peakRssMb, '≤ 120', 0);
      add(`MB of the film a second (${n(run.gigabytesRead)} GB of it read)`, run.mbPerSecond, '', 0);
    }
    if (features.isExtrapolated) add('8 h, extrapolated: there was no room for such a film, s', features.eightHoursSeconds, '≤ 80', 1);
    add('while it is recorded, % of a core', features.livePercent, '≤ 3', 2);
    add('the same with who reads and writes the parts', features.livePercentWithReader, '', 2);
    add('from the end of the recording to the whole table, ms', features.liveDoneMs, '≤ 5000', 0);
  }
  if (results.learning) rows.push(...learningRows(results.learning));
  if (results.scaling) add('each further destination, % of a core', results.scaling.percentEach, '≤ 3', 2);
  return rows;
}
