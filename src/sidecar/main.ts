/** The sidecar process: work on what was recorded, away from the live chain. This file is its floor plan. */
import { systemClock } from '../runtime/clock.js';
import { runProcess } from '../runtime/lifecycle.js';
import { LinkClient } from '../runtime/link-client.js';
import { RecordingFinisher } from './recording-finisher.js';

await runProcess('sidecar', ({ paths, log }) => {
  const finisher = new RecordingFinisher({ recordingsFolder: paths.recordings, clock: systemClock, log, onChange: () => link.reportSoon() });
  const link = new LinkClient({
    role: 'sidecar', socketPath: paths.studioSocket, log,
    actual: () => ({ recordings: finisher.reports() }),
    onDesired: (desired) => finisher.apply(desired),
  });
  return [finisher, link];
});
