/** A WebSocket whose far end is the test. */
import type { SocketLike } from '../../../src/panel/lib/socket.js';

export class FakeSocket implements SocketLike {
  readyState = 0;
  readonly sent: { type: string; id?: string; payload: unknown }[] = [];
  onopen: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;

  constructor(readonly rev: number | null) {}

  send(data: string): void {
    this.sent.push(JSON.parse(data) as FakeSocket['sent'][0]);
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.(undefined as never);
  }

  say(message: unknown): void {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }

  close(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.(undefined as never);
  }
}
