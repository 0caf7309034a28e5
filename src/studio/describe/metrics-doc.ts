/** docs/metrics.md: every series, and what to alarm on. */
import { SERIES } from '../metrics-series.js';

/** Rules an operator can copy; each names series of the table, which a test checks. */
export const ALARMS: readonly { when: string; means: string }[] = [
  { when: 'vistter_process_up == 0 for 10 s', means: 'A process does not report. It is restarted by itself; for longer than this, read its log.' },
  { when: 'increase(vistter_process_restarts_total[1h]) > 3', means: 'A process keeps dying: its log says why.' },
  { when: 'vistter_program_fps < 0.98 × the configured fps for 10 s', means: 'The program stutters: the machine is too busy.' },
  { when: 'increase(vistter_program_frames_late_total[5m]) > 0', means: 'Frames were not ready in time: less on screen, a smaller picture, or a bigger machine.' },
  { when: 'increase(vistter_encoder_frames_dropped_total[5m]) > 0', means: 'The program loses frames: the encoder is too slow (a faster preset), or hung or died (the engine\'s log).' },
  { when: 'vistter_encoder_state{state="running"} == 0 for 10 s', means: 'Nothing is being encoded.' },
  { when: 'vistter_broadcast_state{state="starting"} == 1 for 30 s', means: 'On air is wanted and no destination acknowledges anything.' },
  { when: 'vistter_destination_state{state=~"reconnecting|failed"} == 1 for 30 s', means: 'This destination is off. `GET /api/v1/broadcast` says why.' },
  { when: 'increase(vistter_destination_frames_dropped_total[5m]) > 0', means: 'The line to this destination is too slow for the bitrate.' },
  { when: 'vistter_source_state{state=~"gone|failed"} == 1 for 10 s', means: 'A source is away, and its fallback stands in where it is on screen.' },
  { when: 'increase(vistter_timeline_clips_failed_total[10m]) > 0', means: 'A clip\'s file could not be played: `POST /api/v1/timelines/{id}/check` names it.' },
  { when: 'increase(vistter_timeline_clips_late_total[10m]) > 0', means: 'Files are not opened in time: a slow disk, or too many clips at once.' },
  { when: 'vistter_timeline_state{state="ended"} == 1 for 10 s', means: 'The timeline on program is over, and its filler stands. One that is to run for ever has `loop`.' },
  { when: 'vistter_schedule_failed == 1 for 30 s', means: 'The schedule cannot do what is due: `GET /api/v1/broadcast` says why, under `schedule.problem`.' },
  { when: 'vistter_emergency_on == 1', means: 'The emergency picture is on program. `playback:control` with `release` takes it away.' },
  { when: 'increase(vistter_inserts_failed_total[1h]) > 0', means: 'An insert was due and its file could not be played, or what it shows has no length: the log says which.' },
  { when: 'increase(vistter_airings_total{ended=~"partly|failed"}[1h]) > 0', means: 'An insert was aired without its own picture, in part or as a whole: its file may be damaged, its camera away. `GET /airings` says in how many frames.' },
  { when: 'increase(vistter_airings_total{ended="engine"}[1h]) > 0', means: 'An insert was cut short by an engine that died or changed its video format: it may have to be aired again.' },
  { when: 'vistter_recording_failed == 1', means: 'The recorder stopped by itself, most often because the disk is full.' },
  { when: 'increase(vistter_job_steps_total{outcome="dead"}[1h]) > 0', means: 'The sidecar has given up a step of a job. `GET /api/v1/jobs` says which and why; asked for again, it is tried anew.' },
  { when: 'vistter_analyses{state="failed"} > 0', means: 'The analysis of a recording did not work: the page Highlights, or `GET /api/v1/recordings/{id}/analysis`, says why.' },
  { when: 'vistter_disk_free_bytes < 20e9', means: 'At 6 Mb/s an hour of recording takes 2.7 GB.' },
  { when: 'increase(vistter_auth_refused_total[10m]) > 60', means: 'Somebody guesses the token.' },
];

export function metricsMarkdown(): string {
  const rows = Object.entries(SERIES).map(([name, { help, labels }]) =>
    `| \`vistter_${name}\` | ${name.endsWith('_total') ? 'counter' : 'gauge'} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`);
  return [
    '# Metrics\n',
    '<!-- Generated from src/studio/metrics-series.ts by "npm run docs"; do not edit. -->\n',
    'For Prometheus, at `/metrics`, with the operator\'s token as bearer token. Counters of a process start anew when it does.\n',
    '## What to alarm on\n',
    '| when | it means |\n|---|---|',
    ...ALARMS.map(({ when, means }) => `| \`${when.replaceAll('|', '\\|')}\` | ${means} |`),
    '',
    '## All series\n',
    '| series | type | labels | what it is |\n|---|---|---|---|',
    '| `vistter_http_requests_total` | counter | `method`, `status` | HTTP requests by method and status. |',
    ...rows,
    '',
  ].join('\n');
}
