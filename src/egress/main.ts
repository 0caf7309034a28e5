/** The egress process: program in on one socket, out to destinations, recording and preview. This file is its floor plan. */
import { readFileSync } from 'node:fs';
import type { EgressActual } from '../protocol/link.js';
import { BoundedLookup } from '../rtmp/bounded-lookup.js';
import { readBootId, systemClock } from '../runtime/clock.js';
import { ServerError } from '../runtime/errors.js';
import { runProcess } from '../runtime/lifecycle.js';
import { LinkClient } from '../runtime/link-client.js';
import { DestinationSet } from './destination-set.js';
import { realDisk } from './disk.js';
import { PreviewServer } from './preview-server.js';
import { ProgramHub } from './program-hub.js';
import { ProgramListener } from './program-listener.js';
import { ProgramOrder } from './program-order.js';
import { ProgramSwitch } from './program-switch.js';
import { Recorder } from './recorder.js';
import { TcpQueues } from './tcp-queues.js';

await runProcess('egress', ({ config, paths, log }) => {
  const clock = systemClock;
  const nowMs = () => clock.monotonicMs();

  const hub = new ProgramHub(nowMs);
  const programSwitch = new ProgramSwitch({ nowMs, sink: new ProgramOrder({ clock, sink: hub }) });
  const listener = new ProgramListener({ socketPath: paths.programSocket, nowMs, programSwitch, log });
  const preview = new PreviewServer({ socketPath: paths.previewSocket, hub, nowMs, log });
  const names = new BoundedLookup();
  const destinations = new DestinationSet({
    hub, clock, log, tcpQueues: new TcpQueues(), lookup: names.lookup, extraCa: readExtraCa(config.tlsCaFile), onChange: () => link.reportSoon(),
  });
  const recorder = new Recorder({
    recordingsFolder: paths.recordings, disk: realDisk, hub, clock, log, bootId: readBootId(),
    onChange: () => link.reportSoon(),
    onEvent: (name, payload) => {
      link.event(name, payload);
      link.reportSoon();
    },
  });

  const actual = (): EgressActual => ({
    input: {
      connected: listener.connections > 0, kbps: hub.kbps, ...hub.size, ageMs: hub.ageMs,
      switches: programSwitch.switches, dropped: programSwitch.dropped, refused: listener.refused, cacheOverflows: hub.cacheOverflows,
    },
    destinations: destinations.status(), lookupsDropped: names.dropped,
    recording: recorder.status(), openRecordings: recorder.open(),
    preview: preview.status(),
  });
  const link = new LinkClient({
    role: 'egress', socketPath: paths.studioSocket, log, actual,
    onDesired: (desired) => {
      destinations.apply(desired.destinations);
      recorder.apply(desired.recording);
    },
  });

  // Started in this order, stopped in the reverse: the recording is closed before the program goes away.
  return [listener, preview, recorder, destinations, link];
});

function readExtraCa(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ServerError('CONFIG_BAD_VALUE', `VISTTER_TLS_CA names a file that cannot be read: ${(cause as Error).message}`, { cause });
  }
}
