/** Newline-delimited text from a byte stream, with a bound on one line. */
import type { Readable } from 'node:stream';

/**
 * Calls `onLine` for each line of `stream` (without its newline). A line longer than `maxBytes` calls `onOverflow` and is
 * dropped up to its end.
 */
export function readLines(stream: Readable, maxBytes: number, onLine: (line: string) => void, onOverflow: () => void = () => {}): void {
  let pending: Buffer[] = [];
  let bytes = 0;
  let skipping = false;
  stream.on('data', (chunk: Buffer | string) => {
    let rest = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    for (;;) {
      const end = rest.indexOf(10);
      const piece = end < 0 ? rest : rest.subarray(0, end);
      if (!skipping && bytes + piece.length > maxBytes) {
        skipping = true;
        pending = [];
        bytes = 0;
        onOverflow();
      }
      if (!skipping) {
        pending.push(piece);
        bytes += piece.length;
      }
      if (end < 0) return;
      if (!skipping) onLine(Buffer.concat(pending).toString('utf8'));
      pending = [];
      bytes = 0;
      skipping = false;
      rest = rest.subarray(end + 1);
    }
  });
}
