/**
 * What the far end of one connection has really received, and whether it still receives.
 *
 * Two witnesses: RTMP acknowledgements, where the server sends them, and bytes acknowledged by TCP. TCP alone says less: the
 * kernel of a frozen server goes on acknowledging until its buffer of several megabytes is full. So RTMP counts where a
 * server acknowledges regularly; TCP counts where it never does.
 */

/** One look at a connection. Byte counts are of the whole connection, 64 bits. */
export interface DeliveryReading {
  nowMs: number;
  /** Handed to the connection so far. */
  sentBytes: number;
  /** Latest RTMP acknowledgement, and how many came; null and 0 when none did. */
  rtmpAckedBytes: number | null;
  rtmpAcks: number;
  /** Acknowledged by TCP; null when that cannot be known here. */
  tcpAckedBytes: number | null;
}

/** Seen 6 s after the last byte arrived, at any rate above 300 kb/s. */
export const STALL_MS = 5500;
/** A server that has not acknowledged for so long after media began is taken for one that never does. */
const RTMP_GRACE_MS = 2500;
/** Fewer acknowledgements do not show how often a server sends them. */
const REGULAR_ACKS = 3;
/** A server that lets more than this go by between two acknowledgements tells too little. */
const FINE_STEP_BYTES = 512 * 1024;
/** Handshake and commands that some servers count and others do not. */
const COUNT_SLACK_BYTES = 16 * 1024;

export class Delivery {
  /** Bytes and time when media began; acknowledgements of less prove nothing. */
  #media: { bytes: number; atMs: number } | null = null;
  #acked: number | null = null;
  #acksAtMedia = 0;
  #regularAcks = 0;
  #largestStep = 0;
  #tcpAcked = -1;
  /** Since when each witness owes an answer; null: it owes none. */
  #rtmpOwedSinceMs: number | null = null;
  #tcpOwedSinceMs: number | null = null;
  #confirmed = false;
  #stalledMs = 0;

  /** The far end has received media: it is live. */
  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** Bytes the far end has, by the better witness. */
  get ackedBytes(): number {
    return this.#acked ?? Math.max(0, this.#tcpAcked);
  }

  /** How long an answer is owed; 0 while all is well. */
  get stalledMs(): number {
    return this.#stalledMs;
  }

  get stalled(): boolean {
    return this.#stalledMs >= STALL_MS;
  }

  /** The server acknowledges so often that TCP need not be asked. */
  get rtmpSuffices(): boolean {
    return this.#regularAcks >= REGULAR_ACKS && this.#largestStep <= FINE_STEP_BYTES;
  }

  /**
   * Bytes on their way: where a server acknowledges regularly, what waits unread in its kernel counts too, but for what it may leave
   * unacknowledged; TCP tells that part which has not arrived. Null when nobody tells.
   */
  inFlightBytes(sentBytes: number, rtmpAckedBytes: number | null, tcpAckedBytes: number | null): number | null {
    const byTcp = tcpAckedBytes === null ? null : sentBytes - tcpAckedBytes;
    if (rtmpAckedBytes === null || !this.rtmpSuffices) return byTcp;
    return Math.max(0, sentBytes - rtmpAckedBytes - this.#owedAbove, byTcp ?? 0);
  }

  /** What a server may leave unacknowledged without owing anything. */
  get #owedAbove(): number {
    return this.#largestStep * 1.25 + COUNT_SLACK_BYTES;
  }

  /** Media begins now. */
  beginMedia(reading: DeliveryReading): void {
    this.#media = { bytes: reading.sentBytes, atMs: reading.nowMs };
    this.#acked = reading.rtmpAckedBytes;
    this.#acksAtMedia = reading.rtmpAcks;
  }

  /** To be called several times a second. */
  observe(reading: DeliveryReading): void {
    const media = this.#media;
    if (media === null) return;
    const { nowMs } = reading;
    this.#observeRtmp(reading);
    this.#observeTcp(reading);
    this.#stalledMs = Math.max(
      this.#rtmpOwedSinceMs === null ? 0 : nowMs - this.#rtmpOwedSinceMs,
      this.#tcpOwedSinceMs === null ? 0 : nowMs - this.#tcpOwedSinceMs,
    );
    if (this.#confirmed) return;
    if (reading.rtmpAcks > this.#acksAtMedia && this.#acked !== null && this.#acked > media.bytes) this.#confirmed = true;
    else if (nowMs - media.atMs >= RTMP_GRACE_MS && reading.rtmpAcks === this.#acksAtMedia) {
      this.#confirmed = reading.sentBytes > media.bytes && this.#tcpAcked > media.bytes;
    }
  }

  #observeRtmp(reading: DeliveryReading): void {
    const { nowMs, sentBytes, rtmpAckedBytes, rtmpAcks } = reading;
    if (rtmpAckedBytes !== null && (this.#acked === null || rtmpAckedBytes > this.#acked)) {
      const acks = rtmpAcks - this.#acksAtMedia - this.#regularAcks;
      // The first step reaches back to before media began, and says nothing about how far apart they are.
      if (this.#acked !== null && this.#regularAcks > 0) this.#largestStep = Math.max(this.#largestStep, (rtmpAckedBytes - this.#acked) / Math.max(1, acks));
      this.#regularAcks = rtmpAcks - this.#acksAtMedia;
      this.#acked = rtmpAckedBytes;
      this.#rtmpOwedSinceMs = null;
    }
    const owed = this.#acked !== null && this.#regularAcks >= REGULAR_ACKS && sentBytes - this.#acked > this.#owedAbove;
    if (!owed) this.#rtmpOwedSinceMs = null;
    else this.#rtmpOwedSinceMs ??= nowMs;
  }

  #observeTcp(reading: DeliveryReading): void {
    const { nowMs, sentBytes, tcpAckedBytes } = reading;
    if (tcpAckedBytes === null) {
      this.#tcpOwedSinceMs = null;
      return;
    }
    if (tcpAckedBytes > this.#tcpAcked) {
      this.#tcpAcked = tcpAckedBytes;
      this.#tcpOwedSinceMs = null;
    }
    if (sentBytes <= this.#tcpAcked) this.#tcpOwedSinceMs = null;
    else this.#tcpOwedSinceMs ??= nowMs;
  }
}
