/** Processes, memory, disk and clock. Pure. */
import { READ_ONLY_ADVICE } from '../../protocol/disk-advice.js';
import type { Found, WarningFacts } from './warnings.js';
import { bytes, roughly } from './words.js';

/** A process that is restarted is back within this time. */
const AWAY_MS = 4000;
const MANY_RESTARTS = 3;
const DISK_LOW_BYTES = 5e9;
const DISK_SOON_S = 3 * 3600;
const DISK_NOW_S = 15 * 60;
/** Part of the memory that is left. */
const MEMORY_LOW = 0.08;
/** A process that grew by this factor and so many MB within an hour is not settling. */
const GROWTH = 1.3;
const GROWTH_MB = 200;
const OVER_MINUTES = 10;
const HOUR_MINUTES = 60;
const CLOCK_MS = 2000;

const WITHOUT: Readonly<Record<string, string>> = {
  ingest: 'Cameras are taken in again as soon as it is back; the program shows their fallbacks.',
  engine: 'The program is interrupted; destinations stay connected.',
  egress: 'Destinations, recording and preview come back by themselves.',
  sidecar: 'Recordings are finished as soon as it is back; nothing on air is affected.',
};

export function machineWarnings(facts: WarningFacts): Found[] {
  return [...processes(facts), ...readOnly(facts), ...silent(facts), ...disk(facts), ...memory(facts), ...clock(facts)];
}

function processes({ awayMs, restarts }: WarningFacts): Found[] {
  const away = [...awayMs].filter(([, ms]) => ms > AWAY_MS).map(([role]): Found => ({
    code: 'PROCESS_AWAY', level: 'error', ids: [role], message: `The ${role} process does not answer and is being started again.`,
    advice: `${WITHOUT[role] ?? ''} If it stays away, its log says why.`.trim(),
  }));
  const often = [...restarts].filter(([, count]) => count >= MANY_RESTARTS).map(([role, count]): Found => ({
    code: 'PROCESS_RESTARTS', level: 'warning', ids: [role], message: `The ${role} process was started again ${count} times within an hour.`,
    advice: 'Its log says why. Where memory or disk are short, free some.',
  }));
  return [...away, ...often];
}

function readOnly(facts: WarningFacts): Found[] {
  if (!facts.readOnly) return [];
  return [{
    code: 'DISK_READ_ONLY', level: 'error', ids: [], message: 'The disk of VISTTER_HOME, or of the recordings, is read-only: nothing can be stored on it.',
    advice: `${READ_ONLY_ADVICE} Until then what is on air goes on, but no process comes back that ends.`,
  }];
}

function silent({ diskSilent }: WarningFacts): Found[] {
  if (!diskSilent) return [];
  return [{
    code: 'DISK_SILENT', level: 'error', ids: [], message: 'The disk of the recordings does not answer: nothing is recorded, and recordings cannot be played.',
    advice: 'Look at its cable and power, or at the server that it is on. What is on air goes on, and a recording goes on by itself when the disk answers.',
  }];
}

function disk({ machine, status, settings }: WarningFacts): Found[] {
  const free = machine?.diskFreeBytes ?? null;
  if (free === null) return [];
  if (status.recording.state === 'recording') {
    const bytesPerS = ((status.encoder?.kbps || settings.encoder.bitrateKbps) * 1000) / 8;
    const left = free / bytesPerS;
    if (left < DISK_SOON_S) {
      return [{
        code: 'DISK_FILLS', level: left < DISK_NOW_S ? 'error' : 'warning', ids: [],
        message: left < 60 ? 'The disk is full.' : `At this rate the disk is full in ${roughly(left)}: ${bytes(free)} are left for the recording.`,
        advice: 'Delete recordings that are published, or lower the bitrate. The broadcast goes on without a recording.',
      }];
    }
  }
  if (free >= DISK_LOW_BYTES) return [];
  return [{ code: 'DISK_LOW', level: 'warning', ids: [], message: `Only ${bytes(free)} are free on the disk.`, advice: 'Delete recordings that are published before you record again.' }];
}

function memory({ machine, recent }: WarningFacts): Found[] {
  if (!machine) return [];
  const found: Found[] = [];
  if (machine.memoryBytes > 0 && machine.memoryAvailableBytes < machine.memoryBytes * MEMORY_LOW) {
    found.push({
      code: 'MEMORY_LOW', level: 'error', ids: [], message: `The machine has only ${bytes(machine.memoryAvailableBytes)} of memory left.`,
      advice: 'End other programs on it, or use fewer sources: what needs more is killed and started again.',
    });
  }
  for (const { role } of machine.processes) {
    const key = `process.${role}.memory`;
    const now = average((ago) => recent.minuteMean(key, ago), 0);
    const then = average((ago) => recent.minuteMean(key, ago), HOUR_MINUTES - OVER_MINUTES);
    // Half an hour ago it had grown already, and goes on: a process that opened more cameras has settled by then.
    const between = average((ago) => recent.minuteMean(key, ago), HOUR_MINUTES / 2 - OVER_MINUTES);
    if (now === undefined || then === undefined || between === undefined) continue;
    if (now < then * GROWTH || now - then < GROWTH_MB || now - between < (now - then) / 4) continue;
    found.push({
      code: 'MEMORY_GROWS', level: 'warning', ids: [role], message: `The ${role} process takes ${bytes(now * 1e6)} of memory, ${bytes((now - then) * 1e6)} more than an hour ago, and grows.`,
      advice: 'Restart VistterStudio between two broadcasts, and report it with the graph of this hour.',
    });
  }
  return found;
}

function average(minute: (ago: number) => number | undefined, from: number): number | undefined {
  const values = Array.from({ length: OVER_MINUTES }, (_, i) => minute(from + i)).filter((value) => value !== undefined);
  return values.length < OVER_MINUTES / 2 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function clock({ clockStepMs }: WarningFacts): Found[] {
  if (Math.abs(clockStepMs) < CLOCK_MS) return [];
  return [{
    code: 'CLOCK_STEP', level: 'warning', ids: [], message: `The machine's clock was set ${clockStepMs > 0 ? 'forward' : 'back'} by ${roughly(Math.abs(clockStepMs) / 1000)}.`,
    advice: 'What is on air is not touched; the schedule follows the new time. Let the machine keep its time by NTP.',
  }];
}

