/** The parts of node-media-server 4.4.3 that are used, as its source has them; it ships no types of its own. */
import type { EventEmitter } from 'node:events';

/** What a session asks of its socket. Ours is a stand-in: node-media-server never holds a client's real one. */
export interface NmsSocket extends EventEmitter {
  readonly remoteAddress: string;
  readonly remotePort: number;
  write(bytes: Buffer): boolean;
  end(): void;
}

/** `data` is the session's own buffer, used again for the next message: copy what is kept. */
export interface NmsPacket {
  codec_type: number;
  dts: number;
  size: number;
  data: Buffer;
}

export interface NmsBroadcast {
  publisher: NmsSession | null;
  publishGraceMs: number;
  _finishPublish(): void;
}

export interface NmsSession {
  id: string;
  broadcast: NmsBroadcast;
  onData(bytes: Buffer): void;
  onPacket(packet: NmsPacket): void;
  run(): void;
}

export type NmsSessionConstructor = new (socket: NmsSocket) => NmsSession;

export interface NmsContext {
  config: Record<string, unknown>;
  sessions: Map<string, NmsSession>;
  broadcasts: Map<string, NmsBroadcast>;
}

export interface NmsLogger {
  log(message: unknown, level?: string): void;
}
