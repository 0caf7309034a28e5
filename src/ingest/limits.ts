import { CHUNK_LIMITS, type ChunkLimits } from '../rtmp/chunk-reader.js';

const MIB = 2 ** 20;

/** What a stranger may cost before it has shown a key. */
export const STRANGER_CHUNKS: Readonly<ChunkLimits> = { ...CHUNK_LIMITS, maxMessageBytes: MIB, maxPendingBytes: 2 * MIB };
/** What an accepted publisher may send. */
export const PUBLISHER_CHUNKS: Readonly<ChunkLimits> = { ...CHUNK_LIMITS, maxMessageBytes: 10 * MIB, maxPendingBytes: 20 * MIB };

export interface ConnectionLimits {
  handshakeMs: number;
  publishMs: number;
  /** No byte for this long, and the connection is closed. */
  idleMs: number;
  maxConnections: number;
  maxConnectionsPerAddress: number;
}

export const CONNECTION_LIMITS: Readonly<ConnectionLimits> = {
  handshakeMs: 5000,
  publishMs: 10_000,
  idleMs: 12_000,
  maxConnections: 512,
  maxConnectionsPerAddress: 64,
};

/** A camera without media for this long counts as gone, though its connection may still be there. */
export const CAMERA_GONE_MS = 4000;

export interface FeedLimits {
  /** What a late reader is given at once, from the last keyframe on. */
  cacheBytes: number;
  cacheMs: number;
  /** Unsent bytes of one reader; above it whole GOP tails are dropped. */
  queueBytes: number;
  maxReaders: number;
}

export const FEED_LIMITS: Readonly<FeedLimits> = { cacheBytes: 64 * MIB, cacheMs: 10_000, queueBytes: 8 * MIB, maxReaders: 16 };
