/** Names and keys that nobody can guess and everybody can read out. */
import { randomInt } from 'node:crypto';

/** Without 0/o, 1/l/i: keys are typed from a screen at times. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

function letters(count: number): string {
  return Array.from({ length: count }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

const PREFIX = {
  source: 'src', scene: 'scn', overlay: 'ovl', destination: 'dst', timeline: 'tml', folder: 'fld', track: 'trk', clip: 'clp', version: 'ver', event: 'evt',
  insert: 'ins', airing: 'air', upload: 'upl', job: 'job',
} as const;

export function newId(kind: keyof typeof PREFIX): string {
  return `${PREFIX[kind]}_${letters(10)}`;
}

/** Recordings are folders on a disk: their id sorts by when they began. */
export function newRecordingId(startedAt: Date): string {
  return `rec_${startedAt.toISOString().slice(0, 19).replace(/[-:]/g, '')}_${letters(4)}`;
}

/** A camera's stream key: 99 bits in five groups. */
export function newCameraKey(): string {
  return Array.from({ length: 5 }, () => letters(4)).join('-');
}
