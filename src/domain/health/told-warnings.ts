/** What the log of events says of warnings that begin and end, where no other event tells of them. Pure. */
import type { EventKind, Warning, WarningCode } from '../../protocol/health.js';
import type { Happening } from './happenings.js';
import { roughly } from './words.js';

/** Those that no other event tells of. */
const KINDS: Partial<Record<WarningCode, EventKind>> = {
  ENCODER_SLOW: 'encoder', LATE_FRAMES: 'program', PROGRAM_SILENT: 'program', DESTINATION_SLOW: 'destination', PROCESS_RESTARTS: 'process',
  SOURCE_NO_SOUND: 'source', SOURCE_STILL: 'source', SOURCE_BLACK: 'source', SOURCE_SILENT: 'source', SOURCE_KEY_SHARED: 'source',
  DISK_FILLS: 'machine', DISK_LOW: 'machine', DISK_READ_ONLY: 'machine', DISK_SILENT: 'machine', MEMORY_LOW: 'machine', MEMORY_GROWS: 'machine', CLOCK_STEP: 'machine',
};

/** These may be meant, as slides that stand while somebody speaks: such come and go all day. */
const MAY_BE_MEANT: ReadonlySet<WarningCode> = new Set(['SOURCE_NO_SOUND', 'SOURCE_STILL', 'SOURCE_BLACK', 'SOURCE_SILENT']);

/** null: something else tells of it. */
export function begins({ code, level, message, ids }: Warning): Happening | null {
  const kind = KINDS[code];
  return kind === undefined ? null : { level, kind, code, text: message, ids, recurs: MAY_BE_MEANT.has(code) };
}

/** @param wallMs Unix time of its end, ms */
export function ends(warning: Warning, wallMs: number): Happening | null {
  const begun = begins(warning);
  return begun && { ...begun, level: 'info', text: `Over after ${roughly((wallMs - Date.parse(warning.since)) / 1000)}: ${warning.message}` };
}
