/**
 * Sound on its way from the network to the loudspeaker: kept back as little as its unevenness allows. Runs out, and it waits until
 * there is enough again, and keeps back more from then on; has too much, and it leaves some out. Both without a click. Pure.
 */

const RATE = 48_000;
const SIZE = 1 << 15;
const FADE = 240;
const RUN_OUT = 100;

const LEAST_S = 0.06;
const FIRST_S = 0.08;
/** With a frame of sound on the way, whoever listens is not behind by more than 0.2 s. */
const MOST_S = 0.14;
const MORE_S = 0.02;
/** So much more than is wanted is left out. */
const EXCESS_S = 0.06;
/** Without a gap for so long, a little less is tried. */
const CALM_S = 30;
const LESS_S = 0.005;

export class JitterBuffer {
  readonly #ring = new Float32Array(SIZE * 2);
  #written = 0;
  #read = 0;
  #targetS = FIRST_S;
  #playing = false;
  /** What was played last, and for how many frames it still goes to nothing. */
  #last: [number, number] = [0, 0];
  #runsOut = 0;
  /** Frames played since the last gap. */
  #calm = 0;
  gaps = 0;

  /** Frames that wait. */
  get waiting(): number {
    return this.#written - this.#read;
  }

  get targetS(): number {
    return this.#targetS;
  }

  /** @param samples 48 kHz stereo, interleaved */
  push(samples: Int16Array): void {
    const frames = samples.length >> 1;
    for (let i = 0; i < frames; i++) {
      const at = ((this.#written + i) % SIZE) * 2;
      this.#ring[at] = samples[2 * i]! / 32768;
      this.#ring[at + 1] = samples[2 * i + 1]! / 32768;
    }
    this.#written += frames;
    // Nobody plays: the newest is kept.
    if (this.waiting > SIZE / 2) this.#skipTo(this.#written - Math.round(this.#targetS * RATE));
  }

  /** Fills both channels. */
  pull(left: Float32Array, right: Float32Array): void {
    const count = left.length;
    if (!this.#playing && this.waiting < this.#targetS * RATE) {
      for (let i = 0; i < count; i++) [left[i], right[i]] = this.#runOut();
      return;
    }
    const begins = !this.#playing;
    this.#playing = true;
    const excess = this.waiting - Math.round((this.#targetS + EXCESS_S) * RATE);
    const from = this.#read;
    if (excess > 0) this.#skipTo(this.#written - Math.round(this.#targetS * RATE));
    const skipped = this.#read - from;
    const ready = Math.min(count, this.waiting);
    for (let i = 0; i < count; i++) {
      let [l, r] = i < ready ? this.#at(this.#read + i) : this.#runOut();
      const fade = Math.min(FADE, count);
      if (skipped > 0 && !begins && i < fade) {
        const share = (i + 1) / (fade + 1);
        const [l0, r0] = this.#at(from + i);
        l = l0 + (l - l0) * share;
        r = r0 + (r - r0) * share;
      } else if (begins && i < fade) {
        l *= (i + 1) / (fade + 1);
        r *= (i + 1) / (fade + 1);
      }
      left[i] = l;
      right[i] = r;
      if (i < ready) {
        this.#last = [l, r];
        this.#runsOut = RUN_OUT;
      }
    }
    this.#read += ready;
    this.#calm += count;
    if (ready < count) {
      this.#playing = false;
      this.gaps += 1;
      this.#calm = 0;
      this.#targetS = Math.min(MOST_S, this.#targetS + MORE_S);
    } else if (this.#calm > CALM_S * RATE) {
      this.#calm = 0;
      this.#targetS = Math.max(LEAST_S, this.#targetS - LESS_S);
    }
  }

  /** What comes next is of another mix. */
  clear(): void {
    this.#read = this.#written;
    this.#playing = false;
  }

  #runOut(): [number, number] {
    if (this.#runsOut === 0) return [0, 0];
    this.#runsOut -= 1;
    const share = this.#runsOut / RUN_OUT;
    return [this.#last[0] * share, this.#last[1] * share];
  }

  #at(index: number): [number, number] {
    const at = (index % SIZE) * 2;
    return [this.#ring[at]!, this.#ring[at + 1]!];
  }

  #skipTo(index: number): void {
    this.#read = Math.max(this.#read, index);
  }
}
