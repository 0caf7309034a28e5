/** What a person should act on, from what is reported, what was in the last minutes, and the settings. Pure. */
import type { Machine, Warning } from '../../protocol/health.js';
import type { Settings } from '../../protocol/resources.js';
import type { BroadcastStatus, CameraStatus } from '../../protocol/status.js';
import { destinationWarnings } from './destination-warnings.js';
import { machineWarnings } from './machine-warnings.js';
import { programWarnings } from './program-warnings.js';
import type { Recent } from './recent.js';
import { sourceWarnings } from './source-warnings.js';

export interface WarningFacts {
  status: Omit<BroadcastStatus, 'warnings' | 'machine'>;
  settings: Settings;
  recent: Recent;
  machine: Machine | null;
  cameras: readonly CameraStatus[];
  /** What things are called, by id. */
  names: ReadonlyMap<string, string>;
  /** How long each process has been away, by role, ms. */
  awayMs: ReadonlyMap<string, number>;
  /** How often each process came back in the last hour, by role. */
  restarts: ReadonlyMap<string, number>;
  /** Nothing can be stored: the disk takes no writes. */
  readOnly: boolean;
  /** The disk of the recordings does not answer. */
  diskSilent: boolean;
  /** By how much the wall clock was set in the last ten minutes, ms; 0: it was not. */
  clockStepMs: number;
}

/** Without when it began: who looks each second knows. */
export type Found = Omit<Warning, 'since'>;

/** The worst first. */
export function warnings(facts: WarningFacts): Found[] {
  const all = [...machineWarnings(facts), ...programWarnings(facts), ...destinationWarnings(facts), ...sourceWarnings(facts)];
  return all.sort((a, b) => Number(b.level === 'error') - Number(a.level === 'error'));
}

/** Since when each is so: one that was away for a moment is the same. */
export class WarningBook {
  #last: Warning[] = [];

  /** @param wallMs Unix time, ms */
  look(found: readonly Found[], wallMs: number): { warnings: Warning[]; begun: Warning[]; ended: Warning[] } {
    const before = new Map(this.#last.map((warning) => [keyOf(warning), warning]));
    const warnings = found.map((one): Warning => ({ ...one, since: before.get(keyOf(one))?.since ?? new Date(wallMs).toISOString() }));
    const now = new Set(warnings.map(keyOf));
    const ended = this.#last.filter((warning) => !now.has(keyOf(warning)));
    const begun = warnings.filter((warning) => !before.has(keyOf(warning)));
    this.#last = warnings;
    return { warnings, begun, ended };
  }
}

const keyOf = ({ code, ids }: Found): string => [code, ...ids].join(' ');
