/**
 * How much may be under way on a line, told from how long its bytes are: a line that is full is given what it carries in that time, and
 * one that is not is given more, as LEDBAT does (RFC 6817). What TCP itself would take is 4 MB and more, and hides 5 s in it.
 */

/** To a line of which nothing is known yet, bytes. On one that carries 320 kb/s even that takes more than a second. */
const FIRST = 48 * 1024;
const LEAST = 16 * 1024;
/** Bytes are under way for so much longer, ms, than on the free line: then it is full. More than lies between two readings. */
const FULL_MS = 300;
/** A line that is not full is given so much at most, beside what its program takes in so long: bytes, ms. It may be read that seldom. */
const MOST = { bytes: 128 * 1024, ms: 1000 };
/** Of what may be under way, where it was held for want of more. */
const USED = 0.8;
/** By so many times what was acknowledged it is given more, until it was full, and after that. */
const GROWTH = { fast: 1, slow: 0.5 };
/** Pieces that are remembered, a minute of them: where nobody says what has arrived they would be more and more. */
const MOST_SENT = 4096;
/** A line that was never free is not taken for one from farther away than by satellite, ms. */
const FAR_MS = 700;

export class LineGauge {
  /** Of what is not acknowledged: how many bytes were sent in all by when. */
  readonly #sent: { atMs: number; bytes: number }[] = [];
  #ackedBytes: number | undefined;
  /** The shortest time that bytes were under way. */
  #freeMs = FAR_MS;
  #isFull = false;
  #wasFull = false;
  #mostBytes = FIRST;

  /** What is remembered of what was sent. */
  get pieces(): number {
    return this.#sent.length;
  }

  /** Bytes that may be under way. */
  get mostBytes(): number {
    return this.#mostBytes;
  }

  /** What it carries is all that it can. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** @param bytes sent in all */
  sent(nowMs: number, bytes: number): void {
    this.#sent.push({ atMs: nowMs, bytes });
    if (this.#sent.length > MOST_SENT) this.#sent.splice(0, MOST_SENT / 2);
  }

  /** @param bytes acknowledged in all, as of now. @param carries what gets through. @param program what is to, both in bytes a millisecond */
  acked(nowMs: number, bytes: number, carries: number, program: number): void {
    const before = this.#ackedBytes ?? bytes;
    // What was not made use of is not known to be too little.
    const isUsed = (this.#sent.at(-1)?.bytes ?? before) - before > this.#mostBytes * USED;
    this.#ackedBytes = bytes;
    while (this.#sent[0] && this.#sent[0].bytes <= bytes) this.#freeMs = Math.min(this.#freeMs, Math.max(0, nowMs - this.#sent.shift()!.atMs));
    const [oldest] = this.#sent;
    this.#isFull = oldest !== undefined && nowMs - oldest.atMs > this.#freeMs + FULL_MS;
    this.#wasFull ||= this.#isFull;
    if (this.#isFull) this.#mostBytes = Math.max(LEAST, (this.#freeMs + FULL_MS) * carries);
    else if (isUsed) this.#mostBytes = Math.min(this.#mostBytes + (bytes - before) * (this.#wasFull ? GROWTH.slow : GROWTH.fast), MOST.bytes + (this.#freeMs + MOST.ms) * Math.max(carries, program));
  }
}
