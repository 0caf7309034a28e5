/** What an operator would alarm on, for Prometheus; docs/metrics.md says when. Read from the last reports when asked. */
import { Counter, Gauge, Registry } from 'prom-client';
import { statfs } from 'node:fs/promises';
import type { AnalysisState } from '../protocol/analysis.js';
import type { MomentKind } from '../protocol/highlights.js';
import type { AiringEnd } from '../protocol/inserts.js';
import type { BroadcastStatus } from '../protocol/status.js';
import type { Reports } from '../domain/status.js';
import type { JobCounts } from '../protocol/jobs.js';
import { PRODUCT_VERSION } from '../runtime/version.js';
import type { StepSums } from './services/jobs.js';

export interface MetricsSources {
  status(): BroadcastStatus;
  reports(): Reports;
  clients(): { connected: number; evicted: number; tilesSkipped: number; tilesLeftOut: number; soundSkipped: number };
  /** Since the studio was started; uploads now. */
  media(): { made: number; dropped: number; uploads: number };
  attempts(): { refused: number; blocked: number };
  /** Unix time, ms. */
  wallMs(): number;
  /** Since the studio was started. */
  inserts(): { airings: Readonly<Record<AiringEnd, number>>; failed: number };
  /** Of recordings that are ready, now; the rest since the studio was started. */
  analyses(): { states: Readonly<Record<AnalysisState, number>>; decisions: Readonly<Record<string, number>>; moments: Readonly<Record<MomentKind, number>>; momentsLost: number };
  /** Those that are kept; and of steps, by name, since the studio was started. */
  jobs: { counts(): Promise<JobCounts>; sums(): ReadonlyMap<string, StepSums> };
  recordingsFolder: string;
}

/** The states of a thing become one series each, of which one is 1. */
const STATES = {
  broadcast: ['standby', 'starting', 'live', 'stopping'],
  encoder: ['starting', 'running', 'restarting', 'failed'],
  source: ['idle', 'waiting', 'live', 'late', 'gone', 'ended', 'failed'],
  destination: ['idle', 'connecting', 'live', 'reconnecting', 'failed'],
  recording: ['idle', 'recording', 'stopped'],
  timeline: ['preparing', 'playing', 'paused', 'ended'],
} as const;

export class Metrics {
  readonly #registry = new Registry();
  readonly #series: Record<string, Gauge | Counter> = {};
  readonly #requests: Counter;

  constructor(private readonly sources: MetricsSources) {
    for (const [name, { help, labels }] of Object.entries(SERIES)) {
      const Kind = name.endsWith('_total') ? Counter : Gauge;
      this.#series[name] = new Kind({ name: `vistter_${name}`, help, labelNames: [...labels], registers: [this.#registry] });
    }
    this.#requests = new Counter({ name: 'vistter_http_requests_total', help: 'HTTP requests by method and status.', labelNames: ['method', 'status'], registers: [this.#registry] });
  }

  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8';

  /** Counts a request; call the result with its status. */
  request(method: string): (status: number) => void {
    const known = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS'].includes(method) ? method : 'other';
    return (status) => this.#requests.inc({ method: known, status: String(status) });
  }

  async text(): Promise<string> {
    await this.#collect(this.sources);
    return this.#registry.metrics();
  }

  async #collect(sources: MetricsSources): Promise<void> {
    for (const series of Object.values(this.#series)) series.reset();
    this.#set('build_info', { version: PRODUCT_VERSION, node: process.version }, 1);
    const status = sources.status();
    const reports = sources.reports();
    this.#states('broadcast_state', {}, STATES.broadcast, status.state);
    this.#set('broadcast_uptime_seconds', {}, status.uptimeMs / 1000);
    for (const { role, connected, restarts, unsent } of status.processes) {
      this.#set('process_up', { process: role }, connected ? 1 : 0);
      this.#set('process_restarts_total', { process: role }, restarts);
      this.#set('process_reports_unsent_total', { process: role }, unsent);
    }
    this.#program(status);
    this.#timeline(status);
    this.#schedule(status);
    this.#set('emergency_on', {}, status.emergency ? 1 : 0);
    this.#set('insert_on', {}, status.insert ? 1 : 0);
    const inserts = sources.inserts();
    for (const [ended, count] of Object.entries(inserts.airings)) this.#set('airings_total', { ended }, count);
    this.#set('inserts_failed_total', {}, inserts.failed);
    const { states, decisions, moments, momentsLost } = sources.analyses();
    for (const [state, count] of Object.entries(states)) this.#set('analyses', { state }, count);
    for (const [verdict, count] of Object.entries(decisions)) this.#set('highlight_decisions_total', { verdict }, count);
    for (const [kind, count] of Object.entries(moments)) this.#set('recording_moments_total', { kind }, count);
    this.#set('recording_moments_lost_total', {}, momentsLost);
    for (const source of status.sources) {
      this.#states('source_state', { source: source.id }, STATES.source, source.state);
      if (source.ageMs >= 0) this.#set('source_age_seconds', { source: source.id }, source.ageMs / 1000);
      if (source.repeated !== undefined) this.#set('source_frames_repeated_total', { source: source.id }, source.repeated);
      if (source.dropped !== undefined) this.#set('source_frames_dropped_total', { source: source.id }, source.dropped);
      if (source.skipped !== undefined) this.#set('source_frames_skipped_total', { source: source.id }, source.skipped);
      if (source.audioUnderruns !== undefined) this.#set('source_audio_underruns_total', { source: source.id }, source.audioUnderruns);
    }
    for (const destination of status.destinations) {
      const label = { destination: destination.id };
      this.#states('destination_state', label, STATES.destination, destination.state);
      this.#set('destination_bits_per_second', label, destination.kbps * 1000);
      this.#set('destination_acked_bytes_total', label, destination.ackedBytes);
      this.#set('destination_reconnects_total', label, destination.reconnects);
      this.#set('destination_frames_dropped_total', label, destination.droppedFrames);
      this.#set('destination_queue_seconds', label, destination.queueMs / 1000);
    }
    this.#states('recording_state', {}, STATES.recording, status.recording.state);
    this.#set('recording_bytes', {}, status.recording.bytes);
    this.#set('recording_frames_dropped', {}, status.recording.droppedFrames);
    this.#set('recording_failed', {}, status.recording.error ? 1 : 0);
    this.#chain(reports);
    const media = sources.media();
    this.#set('media_pictures_made_total', {}, media.made);
    this.#set('media_pictures_dropped_total', {}, media.dropped);
    this.#set('uploads', {}, media.uploads);
    const { connected, evicted, tilesSkipped, tilesLeftOut, soundSkipped } = sources.clients();
    this.#set('ws_clients', {}, connected);
    this.#set('ws_evicted_total', {}, evicted);
    this.#set('ws_tiles_skipped_total', {}, tilesSkipped);
    this.#set('ws_tiles_left_out', {}, tilesLeftOut);
    this.#set('ws_sound_skipped_total', {}, soundSkipped);
    const { refused, blocked } = sources.attempts();
    this.#set('auth_refused_total', {}, refused);
    this.#set('auth_blocked_total', {}, blocked);
    await this.#jobs(sources.jobs);
    this.#set('studio_memory_bytes', {}, process.memoryUsage.rss());
    const disk = await statfs(sources.recordingsFolder).catch(() => undefined);
    if (disk) {
      this.#set('disk_free_bytes', {}, disk.bavail * disk.bsize);
      this.#set('disk_size_bytes', {}, disk.blocks * disk.bsize);
    }
  }

  async #jobs(jobs: MetricsSources['jobs']): Promise<void> {
    for (const [step, { outcomes, seconds }] of jobs.sums()) {
      for (const [outcome, count] of Object.entries(outcomes)) this.#set('job_steps_total', { step, outcome }, count);
      this.#set('job_step_seconds_total', { step }, seconds);
    }
    // A store that cannot be read has no figures.
    const counts = await jobs.counts().catch(() => undefined);
    for (const [state, count] of Object.entries(counts?.jobs ?? {})) this.#set('jobs', { state }, count);
    if (counts) this.#set('job_dead_letters', {}, counts.deadLetters);
  }

  #program({ program, encoder }: BroadcastStatus): void {
    if (program) {
      this.#set('program_frame', {}, program.frame);
      this.#set('program_fps', {}, program.fps);
      this.#set('program_frames_late_total', {}, program.late);
      this.#set('program_frames_skipped_total', {}, program.skipped);
      this.#set('program_frames_repeated_total', {}, program.repeated);
      this.#set('compose_seconds_avg', {}, program.composeUsAvg / 1e6);
      this.#set('compose_seconds_p99', {}, program.composeUsP99 / 1e6);
    }
    if (encoder) {
      this.#states('encoder_state', {}, STATES.encoder, encoder.state);
      this.#set('encoder_bits_per_second', {}, encoder.kbps * 1000);
      this.#set('encoder_fps', {}, encoder.fps);
      this.#set('encoder_frames_dropped_total', {}, encoder.dropped);
      this.#set('encoder_restarts_total', {}, encoder.restarts);
    }
  }

  #timeline({ timeline }: BroadcastStatus): void {
    if (!timeline) return;
    const label = { timeline: timeline.timelineId };
    this.#states('timeline_state', label, STATES.timeline, timeline.state);
    this.#set('timeline_overridden', label, timeline.overridden ? 1 : 0);
    this.#set('timeline_position_seconds', label, timeline.positionMs / 1000);
    this.#set('timeline_laps', label, timeline.lap);
    // Of one that is overridden nothing is played: it has no such counts.
    if (timeline.overridden) return;
    this.#set('timeline_clips_failed_total', label, timeline.failedClips);
    this.#set('timeline_clips_late_total', label, timeline.lateClips);
    this.#set('timeline_players_open', label, timeline.open);
  }

  #schedule({ schedule }: BroadcastStatus): void {
    this.#set('schedule_held', {}, schedule.enabled ? 0 : 1);
    this.#set('schedule_failed', {}, schedule.problem ? 1 : 0);
    this.#set('schedule_planned', {}, schedule.now ? 1 : 0);
    if (schedule.next) this.#set('schedule_next_seconds', {}, (Date.parse(schedule.next.at) - this.sources.wallMs()) / 1000);
  }

  #chain({ ingest, egress, engine }: Reports): void {
    for (const camera of ingest?.cameras ?? []) {
      this.#set('camera_publishing', { source: camera.id }, camera.state === 'live' ? 1 : 0);
      this.#set('camera_bits_per_second', { source: camera.id }, camera.kbps * 1000);
    }
    if (ingest) {
      this.#set('ingest_connections', {}, ingest.openConnections);
      this.#set('ingest_connections_total', {}, ingest.counters.connections);
      this.#set('ingest_publishes_accepted_total', {}, ingest.counters.accepted);
      this.#set('ingest_publishes_refused_total', {}, ingest.counters.refused);
      this.#set('ingest_takeovers_total', {}, ingest.counters.takeovers);
      this.#set('ingest_frames_dropped_total', {}, ingest.counters.droppedToSubscribers);
      this.#set('ingest_gop_cache_overflows_total', {}, ingest.counters.cacheOverflows);
    }
    if (engine) this.#set('overlay_failures_total', {}, engine.overlays.failed);
    if (engine) this.#set('tiles_made_total', {}, engine.tiles.made);
    if (engine) this.#set('tiles_dropped_total', {}, engine.tiles.dropped);
    if (engine) this.#set('listen_dropped_total', {}, engine.sound.dropped);
    if (egress) {
      this.#set('egress_input_connected', {}, egress.input.connected ? 1 : 0);
      this.#set('egress_input_bits_per_second', {}, egress.input.kbps * 1000);
      this.#set('egress_encoder_switches_total', {}, egress.input.switches);
      this.#set('egress_input_tags_dropped_total', {}, egress.input.dropped);
      this.#set('egress_input_refused_total', {}, egress.input.refused);
      this.#set('egress_gop_cache_overflows_total', {}, egress.input.cacheOverflows);
      this.#set('egress_lookups_dropped_total', {}, egress.lookupsDropped);
      this.#set('preview_viewers', {}, egress.preview.viewers);
      this.#set('preview_frames_dropped_total', {}, egress.preview.dropped);
    }
  }

  #set(name: keyof typeof SERIES, labels: Record<string, string>, value: number): void {
    const series = this.#series[name]!;
    // All were reset: a counter takes the whole count of the process that reported it.
    if (series instanceof Gauge) series.set(labels, value);
    else series.inc(labels, value);
  }

  #states(name: keyof typeof SERIES, labels: Record<string, string>, states: readonly string[], now: string): void {
    for (const state of states) this.#set(name, { ...labels, state }, state === now ? 1 : 0);
  }
}

const plain = (help: string) => ({ help, labels: [] as const });
const each = <L extends string>(label: L, help: string) => ({ help, labels: [label] as const });

/** Every series but the request counter. Counters of other processes start anew with them, as Prometheus expects. */
export const SERIES = {
  build_info: { help: 'Always 1; the labels say which version runs.', labels: ['version', 'node'] },
  broadcast_state: each('state', '1 for the state the broadcast is in.'),
  broadcast_uptime_seconds: plain('Since the broadcast was started; 0 in standby.'),
  process_up: each('process', '1 while the process reports.'),
  process_restarts_total: each('process', 'How often the process came back since the studio was started.'),
  process_reports_unsent_total: each('process', 'Reports and events the process could not send because the studio did not read or was away.'),
  program_frame: plain('Number of the last program frame; it must grow by fps every second.'),
  program_fps: plain('Program frames in the last second.'),
  program_frames_late_total: plain('Frames composed more than one frame after they were due.'),
  program_frames_skipped_total: plain('Frames never composed because the machine stood still.'),
  program_frames_repeated_total: plain('Frames on which a live source on screen had nothing new.'),
  compose_seconds_avg: plain('Composition of one frame, mean of the last 300.'),
  compose_seconds_p99: plain('Composition of one frame, 99th percentile of the last 300.'),
  timeline_state: { help: '1 for the state of the timeline that is on program or overridden.', labels: ['timeline', 'state'] },
  timeline_overridden: each('timeline', '1 while something else was taken over it.'),
  timeline_position_seconds: each('timeline', 'From its start, laps included; while it plays it must grow by one a second.'),
  timeline_laps: each('timeline', 'Laps of a loop that are over.'),
  timeline_clips_failed_total: each('timeline', 'Clips whose file could not be played since it was put on program; the filler stood in.'),
  timeline_clips_late_total: each('timeline', 'Clips that were not ready on their first frame since it was put on program.'),
  timeline_players_open: each('timeline', 'Film and sound players open now.'),
  schedule_held: plain('1 while the schedule is switched off.'),
  schedule_failed: plain('1 while what the schedule has could not be done; it is tried again.'),
  schedule_planned: plain('1 while an event or the filler is planned.'),
  schedule_next_seconds: plain('Until the schedule does something next; none when there is nothing within a year.'),
  emergency_on: plain('1 while the emergency picture is over everything.'),
  insert_on: plain('1 while an insert is on air.'),
  airings_total: each('ended', 'Airings of inserts since the studio was started, by how they ended: whole; partly or failed, where its own picture was missing in some frames or in all; or cut short by a take, emergency, stop or engine.'),
  media_pictures_made_total: plain('Small pictures and waveforms of files made.'),
  media_pictures_dropped_total: plain('Small pictures and waveforms not begun, because nobody waited for them any more or too many were asked for.'),
  uploads: plain('Uploads begun and not done.'),
  inserts_failed_total: plain('Times an insert that was due by itself was left out, as when its file cannot be played.'),
  analyses: each('state', 'Recordings that are ready, by the state of their analysis.'),
  highlight_decisions_total: each('verdict', 'What people decided about highlights since the studio was started: accepted, rejected, withdrawn.'),
  recording_moments_total: each('kind', 'Moments kept with recordings since the studio was started, by kind: take, override, marker, alert, insert.'),
  recording_moments_lost_total: plain('Moments not kept, because the disk was full for long or the recording had as many as it may.'),
  encoder_state: each('state', '1 for the state the encoder is in.'),
  encoder_bits_per_second: plain('What the encoder puts out.'),
  encoder_fps: plain('Frames a second that the encoder finishes.'),
  encoder_frames_dropped_total: plain('Frames the encoder was too slow to take.'),
  encoder_restarts_total: plain('Times the encoder had to be started again.'),
  source_state: { help: '1 for the state the source is in.', labels: ['source', 'state'] },
  source_age_seconds: each('source', 'Since the source\'s last new picture; since its last sound, of a camera that sends nothing else.'),
  source_frames_repeated_total: each('source', 'Program frames on which the source had to repeat.'),
  source_frames_dropped_total: each('source', 'Frames of the source that were lost before they could be shown.'),
  source_frames_skipped_total: each('source', 'Pictures of the source never shown because a newer one was due.'),
  source_audio_underruns_total: each('source', 'Mixer blocks for which the source\'s sound came too late.'),
  camera_publishing: each('source', '1 while the camera sends.'),
  camera_bits_per_second: each('source', 'What the camera sends.'),
  ingest_connections: plain('RTMP connections open.'),
  ingest_connections_total: plain('RTMP connections taken in.'),
  ingest_publishes_accepted_total: plain('Publishers let in.'),
  ingest_publishes_refused_total: plain('Publishers turned away, most often for a wrong key.'),
  ingest_takeovers_total: plain('Publishers that took over their own key.'),
  ingest_frames_dropped_total: plain('Frames dropped because a decoder read too slowly.'),
  ingest_gop_cache_overflows_total: plain('GOPs of cameras too long to be kept for a decoder that comes late.'),
  overlay_failures_total: plain('Overlay drawings that failed.'),
  tiles_made_total: plain('Small pictures made for those who watch.'),
  tiles_dropped_total: plain('Small pictures that a newer one replaced before they were fetched.'),
  listen_dropped_total: plain('Pieces of mixes for listening that were not fetched or read in time.'),
  destination_state: { help: '1 for the state the destination is in.', labels: ['destination', 'state'] },
  destination_bits_per_second: each('destination', 'What goes to the destination.'),
  destination_acked_bytes_total: each('destination', 'Bytes that the far end acknowledged.'),
  destination_reconnects_total: each('destination', 'Times the connection had to be made again.'),
  destination_frames_dropped_total: each('destination', 'Frames dropped because the far end was too slow.'),
  destination_queue_seconds: each('destination', 'Media waiting to be sent.'),
  egress_input_connected: plain('1 while the encoder\'s stream comes in.'),
  egress_input_bits_per_second: plain('What comes in from the encoder.'),
  egress_encoder_switches_total: plain('Encoders put on air; one more at each restart of the encoder.'),
  egress_input_tags_dropped_total: plain('Tags from the encoder that stepped back in time or came from one that was replaced.'),
  egress_input_refused_total: plain('Encoder connections closed because of what they sent.'),
  egress_gop_cache_overflows_total: plain('GOPs of the program too long to be kept for a destination or viewer that comes late.'),
  egress_lookups_dropped_total: plain('Look-ups of destinations\' names never begun, because too many were under way.'),
  preview_viewers: plain('Browsers that watch the preview.'),
  preview_frames_dropped_total: plain('Frames dropped for slow preview viewers.'),
  recording_state: each('state', '1 for the state the recorder is in.'),
  recording_bytes: plain('Written by the running recording.'),
  recording_frames_dropped: plain('Frames missing in the running recording because the disk was too slow.'),
  recording_failed: plain('1 when the recorder stopped by itself, as on a full disk.'),
  jobs: each('state', 'Jobs that are kept, by state.'),
  job_dead_letters: plain('Steps of jobs that were given up, and wait for a person.'),
  job_steps_total: { help: 'Steps of jobs that came to an end, by name and outcome: done, tried again, given up (dead), handed in too late (lost).', labels: ['step', 'outcome'] },
  job_step_seconds_total: each('step', 'How long they took.'),
  ws_clients: plain('Websocket clients.'),
  ws_evicted_total: plain('Websocket clients closed because they did not read.'),
  ws_tiles_skipped_total: plain('Small pictures not sent to a client that had not read the last ones.'),
  ws_tiles_left_out: plain('Different small pictures that clients ask for and that are not made, because there are more than 64 of them.'),
  ws_sound_skipped_total: plain('Pieces of sound not sent to a client that had not read the last ones.'),
  auth_refused_total: plain('Wrong tokens.'),
  auth_blocked_total: plain('Tries that were not looked at, because their address had too many wrong ones.'),
  disk_free_bytes: plain('Free for recordings.'),
  disk_size_bytes: plain('Size of the disk that recordings go to.'),
  studio_memory_bytes: plain('Resident memory of the studio process.'),
} as const satisfies Record<string, { help: string; labels: readonly string[] }>;
