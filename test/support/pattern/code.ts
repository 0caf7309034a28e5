/**
 * The machine-readable code that every test camera carries at the top of its picture, so that the far end can tell which
 * camera's which frame it shows.
 *
 * A strip over the whole width and the top ninth of the height, 24 × 2 cells of black or white luma: a white cell, 24 bits
 * of frame counter, 4 bits of camera, a flash bit, a spare, a CRC-16 of those 30 bits, a black cell. The two known cells
 * sit in opposite corners and set the threshold, so the code reads at any level and range; the CRC refuses what a fade, a
 * wipe or a broken picture makes of it. Cells are 1/24 of the width, so the code survives x264 at low rates and a
 * picture-in-picture of a quarter of the size.
 */
export const columns = 24;
export const rows = 2;
export const cellCount = columns * rows;
/** Share of the picture's height that the strip takes. */
export const stripHeight = 1 / 9;
export const counterLimit = 2 ** 24;

export interface Code {
  /** 0..15. */
  camera: number;
  /** Frame number modulo `counterLimit`. */
  counter: number;
  /** The frame carries the flash, and the sound's beep begins with it. */
  flash: boolean;
}

/** CRC-16/CCITT-FALSE over bits. */
function crc16(bits: readonly number[]): number {
  let crc = 0xffff;
  for (const bit of bits) {
    const top = (crc >> 15) & 1;
    crc = (crc << 1) & 0xffff;
    if (top !== bit) crc ^= 0x1021;
  }
  return crc;
}

function toBits(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(value / 2 ** (count - 1 - i)) % 2);
}

function fromBits(bits: readonly number[]): number {
  return bits.reduce((value, bit) => value * 2 + bit, 0);
}

/** The cells, row by row, 1 for white. */
export function encodeCells({ camera, counter, flash }: Code): number[] {
  const payload = [...toBits(counter % counterLimit, 24), ...toBits(camera, 4), flash ? 1 : 0, 0];
  return [1, ...payload, ...toBits(crc16(payload), 16), 0];
}

/** Reads 48 luma values (0..255), row by row; null when they carry no valid code. */
export function decodeCells(luma: ArrayLike<number>): Code | null {
  const white = luma[0]!;
  const black = luma[cellCount - 1]!;
  if (white - black < 48) return null;
  const threshold = (white + black) / 2;
  // A cell in between belongs to a mixed picture: a fade must never read as one of its two sides by luck.
  const margin = (white - black) * 0.25;
  const bits: number[] = [];
  for (let i = 1; i < cellCount - 1; i++) {
    const value = luma[i]!;
    if (Math.abs(value - threshold) < margin) return null;
    bits.push(value > threshold ? 1 : 0);
  }
  const payload = bits.slice(0, 30);
  if (crc16(payload) !== fromBits(bits.slice(30))) return null;
  return { counter: fromBits(payload.slice(0, 24)), camera: fromBits(payload.slice(24, 28)), flash: payload[28] === 1 };
}

/** Each camera beeps at a pitch of its own, so that the sound tells whose it is. Hz. */
export const beepFrequencies = [1_000, 1_500, 2_200, 3_100] as const;
export const beepMs = 60;

/** Whether frame `counter` carries the flash: once a second, half a second in, so that no beep lies across a loop's join. */
export function isFlash(counter: number, fps: number): boolean {
  return counter % fps === Math.floor(fps / 2);
}
