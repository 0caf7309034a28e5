/**
 * H.264 parameter sets of an MP4's sample entry: read, and those of another encoder added.
 *
 * Where only the ends of a clip are encoded anew, two encoders' pictures stand in one track. Each refers to its parameter sets
 * by number, and the encoder of the ends is given numbers that the source does not use. So the sets of both stand side by side
 * in the one `avcC` that every player reads before the first picture, and nothing changes in mid-stream: neither a second
 * sample entry nor sets in the stream, both of which ordinary players and hardware decoders are known to pass over.
 *
 * After ISO/IEC 14496-15, 5.3.3.1 (AVCDecoderConfigurationRecord) and ITU-T H.264, 7.3.1 and 7.3.2.
 */
import { boxesIn, box, u16 } from './mp4/boxes.js';

/** Of a VisualSampleEntry, before the boxes in it. */
const ENTRY_HEAD_BYTES = 78;
const NAL_SLICE_LAST = 5;
const NAL_IDR = 5;
const NAL_SPS = 7;
const NAL_PPS = 8;
/** ITU-T H.264, 7.4.2.1.1: from 0 to 31. */
const MOST_SPS_ID = 31;

export interface AvcConfig {
  profile: number;
  /** As in the SPS: 40 is level 4. */
  level: number;
  /** Of a NAL unit's length in the samples. */
  lengthBytes: number;
  sps: readonly Buffer[];
  pps: readonly Buffer[];
  /** The first four bytes, and what follows the sets: chroma format and bit depths. */
  head: Buffer;
  tail: Buffer;
}

/** Null where an entry has no `avcC`, or one that cannot be read. */
export function avcConfig(entry: Buffer): AvcConfig | null {
  const record = boxesIn(entry.subarray(8 + ENTRY_HEAD_BYTES)).find(({ type }) => type === 'avcC')?.body;
  if (!record || record.length < 7 || record[0] !== 1) return null;
  let at = 5;
  const sets = (mask: number): Buffer[] => {
    const count = record.readUInt8(at) & mask;
    at += 1;
    return Array.from({ length: count }, () => {
      const bytes = record.readUInt16BE(at);
      if (at + 2 + bytes > record.length) throw new RangeError();
      at += 2 + bytes;
      return record.subarray(at - bytes, at);
    });
  };
  try {
    const sps = sets(0x1f);
    const pps = sets(0xff);
    if (sps.length === 0 || pps.length === 0) return null;
    return { profile: record[1]!, level: record[3]!, lengthBytes: (record[4]! & 3) + 1, sps, pps, head: record.subarray(0, 4), tail: record.subarray(at) };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** A number from 1 that none of the sets uses, for x264's `sps-id`, which is the PPS's too; null where all are taken. */
export function freeSetId({ sps, pps }: Pick<AvcConfig, 'sps' | 'pps'>): number | null {
  const used = new Set([...sps.map(spsId), ...pps.map(ppsId)]);
  for (let id = 1; id <= MOST_SPS_ID; id += 1) if (!used.has(id)) return id;
  return null;
}

/**
 * The entry with sets of its own first, then those of `added`. Null where two have the same number and are not the same, or
 * where the formats of the pictures differ.
 */
export function withSets(entry: Buffer, own: Pick<AvcConfig, 'sps' | 'pps'>, added: AvcConfig): Buffer | null {
  const config = avcConfig(entry);
  if (!config || added.lengthBytes !== config.lengthBytes || added.profile !== config.profile) return null;
  if (added.tail.length > 0 && config.tail.length > 0 && !added.tail.subarray(0, 3).equals(config.tail.subarray(0, 3))) return null;
  const sps = merged([...own.sps, ...added.sps], spsId);
  const pps = merged([...own.pps, ...added.pps], ppsId);
  if (!sps || !pps || sps.length > 31) return null;
  const head = Buffer.from(config.head);
  head[3] = Math.max(config.level, added.level);
  const listed = (sets: readonly Buffer[]): Buffer[] => sets.flatMap((set) => [u16(set.length), set]);
  const record = box('avcC', head, Buffer.from([0xfc | (config.lengthBytes - 1), 0xe0 | sps.length]), listed(sps), Buffer.from([pps.length]), listed(pps), config.tail);
  const others = boxesIn(entry.subarray(8 + ENTRY_HEAD_BYTES)).map(({ type, whole }) => (type === 'avcC' ? record : whole));
  return box(entry.toString('latin1', 4, 8), entry.subarray(8, 8 + ENTRY_HEAD_BYTES), others);
}

function merged(sets: readonly Buffer[], id: (set: Buffer) => number): Buffer[] | null {
  const byId = new Map<number, Buffer>();
  for (const set of sets) {
    const before = byId.get(id(set));
    if (before && !before.equals(set)) return null;
    byId.set(id(set), set);
  }
  return [...byId.values()];
}

export interface SampleUnits {
  /** Its first picture is an IDR: nothing after it refers to anything before. */
  isIdr: boolean;
  /** Sets that stand in the stream itself, as behind a change of encoders. */
  sps: Buffer[];
  pps: Buffer[];
}

/** What the NAL units of a sample are. A damaged one has no IDR. */
export function sampleUnits(sample: Buffer, lengthBytes: number): SampleUnits {
  const units: SampleUnits = { isIdr: false, sps: [], pps: [] };
  for (let at = 0; at + lengthBytes < sample.length;) {
    const bytes = sample.readUIntBE(at, lengthBytes);
    const unit = sample.subarray(at + lengthBytes, at + lengthBytes + bytes);
    if (unit.length < bytes || bytes === 0) break;
    const type = unit[0]! & 0x1f;
    if (type === NAL_SPS) units.sps.push(unit);
    if (type === NAL_PPS) units.pps.push(unit);
    if (type > 0 && type <= NAL_SLICE_LAST) {
      units.isIdr = type === NAL_IDR;
      break;
    }
    at += lengthBytes + bytes;
  }
  return units;
}

/** seq_parameter_set_id stands behind the NAL head, profile, constraints and level. */
const spsId = (sps: Buffer): number => expGolomb(sps, 4);
/** pic_parameter_set_id is a PPS's first field. */
const ppsId = (pps: Buffer): number => expGolomb(pps, 1);

/** ue(v), ITU-T H.264, 9.1. The bytes to prevent false start codes cannot stand so early. */
function expGolomb(bytes: Buffer, fromByte: number): number {
  let at = fromByte * 8;
  const bit = (): number => {
    const value = ((bytes[at >> 3] ?? 0xff) >> (7 - (at & 7))) & 1;
    at += 1;
    return value;
  };
  let zeros = 0;
  while (bit() === 0) zeros += 1;
  let value = 1;
  for (let i = 0; i < zeros; i += 1) value = value * 2 + bit();
  return value - 1;
}
