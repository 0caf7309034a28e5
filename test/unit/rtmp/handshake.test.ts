import { describe, expect, it } from 'vitest';

import { ClientHandshake, ServerHandshake, type HandshakeStep } from '../../../src/rtmp/handshake.js';

/** Push byte for byte or all at once; gather output and what was left. */
function feed(side: { push(bytes: Buffer): HandshakeStep }, bytes: Buffer, step: number): { output: Buffer; rest: Buffer | null } {
  const output: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += step) {
    const result = side.push(bytes.subarray(at, at + step));
    if (result.output) output.push(result.output);
    if (result.done) return { output: Buffer.concat(output), rest: result.rest };
  }
  return { output: Buffer.concat(output), rest: null };
}

describe('handshake', () => {
  it.each([1, 100, 10_000])('both sides agree, %i bytes at a time', (step) => {
    const client = new ClientHandshake();
    const server = new ServerHandshake();
    const hello = client.start();
    const answer = feed(server, hello, step);
    expect(answer.rest).toBeNull();
    expect(answer.output.length).toBe(1 + 2 * 1536);
    expect(answer.output.subarray(1 + 1536).equals(hello.subarray(1))).toBe(true);
    const echo = feed(client, answer.output, step);
    expect(echo.rest?.length).toBe(0);
    expect(echo.output.equals(answer.output.subarray(1, 1 + 1536))).toBe(true);
    expect(feed(server, Buffer.concat([echo.output, Buffer.from('more')]), 10_000).rest?.toString()).toBe('more');
  });

  it('refuses other versions at the first byte', () => {
    expect(() => new ServerHandshake().push(Buffer.from([6]))).toThrow(expect.objectContaining({ code: 'HANDSHAKE' }));
    expect(() => new ServerHandshake().push(Buffer.from('GET / HTTP/1.1'))).toThrow(expect.objectContaining({ code: 'HANDSHAKE' }));
    expect(() => new ClientHandshake().push(Buffer.from([0x15]))).toThrow(expect.objectContaining({ code: 'HANDSHAKE' }));
  });
});
