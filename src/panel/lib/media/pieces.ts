/** How a file is cut into pieces, how fast it goes, and by what it is known again. Pure. */

const LEAST_BYTES = 64 * 1024;
const FIRST_BYTES = 512 * 1024;
/** A piece takes about so long: little is lost when the line is cut, and the studio's limit of a minute is far. */
const WANTED_MS = 1000;
/** Speed is that of the last so many ms. */
const SPEED_MS = 6000;
/** Of the file's beginning and end. */
export const SAMPLE_BYTES = 64 * 1024;

/** The size of the next piece, by how long the last ones took. */
export class PieceSize {
  #bytes = FIRST_BYTES;

  get bytes(): number {
    return this.#bytes;
  }

  took(bytes: number, ms: number, most: number): void {
    const wanted = (bytes / Math.max(1, ms)) * WANTED_MS;
    this.#bytes = Math.round(Math.min(most, Math.max(LEAST_BYTES, Math.min(wanted, this.#bytes * 2))));
  }

  /** It did not get through. */
  failed(): void {
    this.#bytes = Math.max(LEAST_BYTES, Math.floor(this.#bytes / 2));
  }
}

/** Bytes a second, over the last pieces. */
export class Speed {
  #pieces: { atMs: number; bytes: number }[] = [];
  #beganMs: number | null = null;

  began(nowMs: number): void {
    this.#beganMs ??= nowMs;
  }

  sent(bytes: number, nowMs: number): void {
    this.#pieces = [...this.#pieces.filter(({ atMs }) => nowMs - atMs < SPEED_MS), { atMs: nowMs, bytes }];
  }

  stopped(): void {
    this.#pieces = [];
    this.#beganMs = null;
  }

  /** null: nothing was sent yet. */
  perSecond(nowMs: number): number | null {
    if (this.#beganMs === null || this.#pieces.length === 0) return null;
    const over = Math.max(1, Math.min(SPEED_MS, nowMs - this.#beganMs));
    return (this.#pieces.reduce((sum, { bytes }) => sum + bytes, 0) / over) * 1000;
  }
}

/** By this the same file is known again after the page was loaded anew: its size, and what its beginning and end are. */
export function fingerprintOf(bytes: number, head: Uint8Array, tail: Uint8Array): string {
  return `${bytes}-${fnv(head)}-${fnv(tail)}`;
}

/** FNV-1a: it is to tell files apart, not to keep anybody out. */
function fnv(data: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of data) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** A name that every disk can store: what cannot be in one becomes a line. */
export function fitFileName(name: string): string {
  const fit = name.normalize('NFC').replace(/[\\/:*?"<>|\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/gu, '_').replace(/^[.\s]+/, '').replace(/[.\s]+$/, '');
  const dot = fit.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [fit.slice(0, dot), fit.slice(dot)] : [fit, ''];
  return `${cutTo(stem.trimEnd() || '_', 240 - end.length)}${end}`;
}

/** `film.mp4` → `film 2.mp4`, `film 3.mp4`: the first that is not taken. */
export function otherName(path: string, isTaken: (path: string) => boolean): string {
  const dot = path.lastIndexOf('.');
  for (let i = 2; ; i++) {
    const other = `${path.slice(0, dot)} ${i}${path.slice(dot)}`;
    if (!isTaken(other)) return other;
  }
}

function cutTo(text: string, bytes: number): string {
  let cut = text;
  while (new TextEncoder().encode(cut).length > bytes) cut = [...cut].slice(0, -1).join('');
  return cut;
}
