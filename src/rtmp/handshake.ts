import { randomBytes } from 'node:crypto';

import { RtmpError } from './errors.js';

/** The simple handshake of Adobe RTMP 1.0, section 5.2. The digest variant is only needed by Flash players. */
const SIGNATURE_BYTES = 1536;
const VERSION = 3;

/** `done` comes once: `rest` then holds what came after the handshake. `output` is to be sent at once. */
export type HandshakeStep = { done: false; output: Buffer | null } | { done: true; output: Buffer | null; rest: Buffer };

/** Time (0: simple handshake) and zero, then noise. */
function signature(): Buffer {
  return Buffer.concat([Buffer.alloc(8), randomBytes(SIGNATURE_BYTES - 8)]);
}

/** Collects a fixed number of bytes; a handshake never holds more than these. */
class Collector {
  private parts: Buffer[] = [];
  private have = 0;

  constructor(private readonly want: number) {}

  /** @returns the bytes that were not needed once complete, else null */
  push(bytes: Buffer): Buffer | null {
    const used = bytes.subarray(0, this.want - this.have);
    this.parts.push(used);
    this.have += used.length;
    return this.have === this.want ? bytes.subarray(used.length) : null;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}

/** The side that was called: C0 C1 → S0 S1 S2, then C2. */
export class ServerHandshake {
  private state: 'c0c1' | 'c2' | 'done' = 'c0c1';
  private readonly hello = new Collector(1 + SIGNATURE_BYTES);
  private readonly echo = new Collector(SIGNATURE_BYTES);

  /** @throws RtmpError `HANDSHAKE` when the first byte is not version 3 */
  push(bytes: Buffer): HandshakeStep {
    if (this.state === 'done') throw new RtmpError('HANDSHAKE', 'handshake is already done');
    let rest: Buffer | null = bytes;
    let output: Buffer | null = null;
    if (this.state === 'c0c1') {
      rest = this.hello.push(bytes);
      const first = this.hello.bytes;
      if (first.length > 0 && first[0] !== VERSION) throw new RtmpError('HANDSHAKE', 'not an RTMP 3 client');
      if (rest === null) return { done: false, output: null };
      output = Buffer.concat([Buffer.from([VERSION]), signature(), first.subarray(1)]);
      this.state = 'c2';
    }
    // What C2 echoes is not compared: encoders in use get it wrong, and it proves nothing.
    rest = this.echo.push(rest);
    if (rest === null) return { done: false, output };
    this.state = 'done';
    return { done: true, output, rest };
  }
}

/** The calling side: `start()` gives C0 C1; S0 S1 S2 is answered with C2. */
export class ClientHandshake {
  private done = false;
  private readonly answer = new Collector(1 + 2 * SIGNATURE_BYTES);

  start(): Buffer {
    return Buffer.concat([Buffer.from([VERSION]), signature()]);
  }

  /** @throws RtmpError `HANDSHAKE` when the first byte is not version 3 */
  push(bytes: Buffer): HandshakeStep {
    if (this.done) throw new RtmpError('HANDSHAKE', 'handshake is already done');
    const rest = this.answer.push(bytes);
    const all = this.answer.bytes;
    if (all.length > 0 && all[0] !== VERSION) throw new RtmpError('HANDSHAKE', 'not an RTMP 3 server');
    if (rest === null) return { done: false, output: null };
    this.done = true;
    return { done: true, output: all.subarray(1, 1 + SIGNATURE_BYTES), rest };
  }
}
