/** The sidecar process: work on what was recorded, away from the live chain. This file is its floor plan. */
import { join } from 'node:path';
import { standBack } from '../runtime/background.js';
import { systemClock } from '../runtime/clock.js';
import { runProcess } from '../runtime/lifecycle.js';
import { LinkClient } from '../runtime/link-client.js';
import { RemoteJobs } from './jobs/remote-store.js';
import { JobWorker } from './jobs/worker.js';
import { LiveAnalysis } from './live-analysis.js';
import { RecordingFinisher } from './recording-finisher.js';
import { writeEarly } from './steps/early.js';
import { analysisLanes, analysisSteps } from './steps/registry.js';

await runProcess('sidecar', ({ config, paths, log }) => {
  standBack(log);
  const clock = systemClock;
  // Until the studio has said otherwise.
  let isOnAir = true;
  const finisher = new RecordingFinisher({ recordingsFolder: paths.recordings, clock, log, onChange: () => link.reportSoon() });
  const link = new LinkClient({
    role: 'sidecar', socketPath: paths.studioSocket, log,
    actual: () => ({ recordings: finisher.reports() }),
    onDesired: (desired) => {
      finisher.apply(desired);
      live.apply(desired.watch?.recordingId ?? null);
      isOnAir = desired.onAir;
    },
  });
  const services = {
    home: paths.home, modelsFolder: paths.models, scratchFolder: join(paths.cache, 'sidecar'), transcript: config.transcript, llm: config.llm, clock,
    live: (recordingId: string, durationMs: number) => live.take(recordingId, durationMs),
  };
  const live = new LiveAnalysis({
    folderOf: (recordingId) => paths.recording(recordingId), log, clock,
    onEnded: async (recordingId, table) => {
      await writeEarly(services, recordingId, table, await link.ask('analysis:facts', { recordingId }));
      await link.ask('analysis:early', { recordingId });
    },
  });
  const worker = new JobWorker({ store: new RemoteJobs(link), steps: analysisSteps(services), lanes: analysisLanes(services, () => isOnAir), name: 'sidecar', clock, log });
  return [finisher, link, live, worker];
});
