/** A small picture of the program, of preview, of a source or of a scene, as it goes to those who asked for it: one binary message. */

/** The program, among the ids of tiles, and what is armed on preview, as it would be on program; all others are sources and scenes. */
export const PROGRAM_TILE = 'program';
export const PREVIEW_TILE = 'preview';
/** That a client may ask for, and that are made at once for all. */
export const MOST_TILES = 64;

export interface Tile {
  id: string;
  /** The program frame at which its picture was there. */
  frame: number;
  width: number;
  height: number;
  jpeg: Uint8Array<ArrayBuffer>;
}

/** Of the layout below. */
const VERSION = 1;
const AFTER_ID = 12;

/**
 * A tile as one binary message: version (1 byte), length of the id (1), the id in ASCII, frame (float64), width and height (uint16
 * each), big-endian, and the JPEG.
 */
export function writeTile({ id, frame, width, height, jpeg }: Tile): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 + id.length + AFTER_ID + jpeg.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, id.length);
  for (let i = 0; i < id.length; i++) view.setUint8(2 + i, id.charCodeAt(i));
  const at = 2 + id.length;
  view.setFloat64(at, frame);
  view.setUint16(at + 8, width);
  view.setUint16(at + 10, height);
  bytes.set(jpeg, at + AFTER_ID);
  return bytes;
}

/** The same read back; null for what is none. The JPEG is a part of `bytes`, not a copy. */
export function readTile(bytes: Uint8Array<ArrayBuffer>): Tile | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 2 || view.getUint8(0) !== VERSION) return null;
  const at = 2 + view.getUint8(1);
  if (bytes.length < at + AFTER_ID) return null;
  return {
    id: String.fromCharCode(...bytes.subarray(2, at)), frame: view.getFloat64(at), width: view.getUint16(at + 8), height: view.getUint16(at + 10),
    jpeg: bytes.subarray(at + AFTER_ID),
  };
}
