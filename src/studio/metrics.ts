/** What an operator would alarm on, for Prometheus; docs/metrics.md says when. Read from the last reports when asked. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { AnalysisState } from '../protocol/analysis.js';
import type { MomentKind } from '../protocol/highlights.js';
import type { AiringEnd } from '../protocol/inserts.js';
import { TimelineStatus } from '../protocol/playback.js';
import { BroadcastState, DestinationState, EncoderStatus, RecordingStatus, SourceState, type BroadcastStatus } from '../protocol/status.js';
import type { Reports } from '../domain/status.js';
import type { JobCounts } from '../protocol/jobs.js';
import { PRODUCT_VERSION } from '../runtime/version.js';
import { SERIES } from './metrics-series.js';
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
  /** Of the recordings; null: that is not known. */
  disk(): { freeBytes: number | null; sizeBytes: number | null };
}

/** The states of a thing become one series each, of which one is 1. */
const STATES = {
  broadcast: BroadcastState.options,
  encoder: EncoderStatus.shape.state.options,
  source: SourceState.options,
  destination: DestinationState.options,
  recording: RecordingStatus.shape.state.options,
  timeline: TimelineStatus.shape.state.options,
};

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
    const { freeBytes, sizeBytes } = sources.disk();
    if (freeBytes !== null) this.#set('disk_free_bytes', {}, freeBytes);
    if (sizeBytes !== null) this.#set('disk_size_bytes', {}, sizeBytes);
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
