/** What codec configuration records say of picture and sound. Never throws: what cannot be read is left out. */

export interface Picture {
  width: number;
  height: number;
}

/** Bits of an H.264 or HEVC parameter set, emulation prevention taken out. Reading past the end gives zeros. */
class Bits {
  private at = 0;
  private readonly bytes: number[] = [];

  constructor(nal: Buffer) {
    for (let index = 0; index < nal.length; index += 1) {
      const stuffing = nal[index] === 3 && nal[index - 1] === 0 && nal[index - 2] === 0 && index >= 2;
      if (!stuffing) this.bytes.push(nal[index] as number);
    }
  }

  get exhausted(): boolean {
    return this.at > this.bytes.length * 8;
  }

  u(count: number): number {
    let value = 0;
    for (let index = 0; index < count; index += 1) {
      const byte = this.bytes[this.at >> 3] ?? 0;
      value = value * 2 + ((byte >> (7 - (this.at & 7))) & 1);
      this.at += 1;
    }
    return value;
  }

  skip(count: number): void {
    this.at += count;
  }

  /** Exp-Golomb. */
  ue(): number {
    let zeros = 0;
    while (this.u(1) === 0 && zeros < 32 && !this.exhausted) zeros += 1;
    return 2 ** zeros - 1 + this.u(zeros);
  }

  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}

const CHROMA_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const MAX_SIDE = 16_384;

function sane(width: number, height: number, bits: Bits): Picture | null {
  if (bits.exhausted || width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) return null;
  return { width, height };
}

function skipScalingLists(bits: Bits, count: number): void {
  for (let list = 0; list < count; list += 1) {
    if (bits.u(1) === 0) continue;
    let next = 8;
    for (let index = 0, last = 8; index < (list < 6 ? 16 : 64); index += 1) {
      if (next !== 0) next = (last + bits.se() + 256) % 256;
      last = next === 0 ? last : next;
    }
  }
}

/** H.264 7.3.2.1.1. @param nal a sequence parameter set with its header byte */
function avcSps(nal: Buffer): Picture | null {
  const bits = new Bits(nal.subarray(1));
  const profile = bits.u(8);
  bits.skip(16);
  bits.ue();
  let chroma = 1;
  if (CHROMA_PROFILES.has(profile)) {
    chroma = bits.ue();
    if (chroma === 3) bits.skip(1);
    bits.ue();
    bits.ue();
    bits.skip(1);
    if (bits.u(1) === 1) skipScalingLists(bits, chroma === 3 ? 12 : 8);
  }
  bits.ue();
  const orderType = bits.ue();
  if (orderType === 0) bits.ue();
  else if (orderType === 1) {
    bits.skip(1);
    bits.se();
    bits.se();
    for (let left = Math.min(bits.ue(), 255); left > 0; left -= 1) bits.se();
  }
  bits.ue();
  bits.skip(1);
  const width = (bits.ue() + 1) * 16;
  const mapUnits = bits.ue() + 1;
  const frameOnly = bits.u(1);
  if (frameOnly === 0) bits.skip(1);
  bits.skip(1);
  const height = mapUnits * 16 * (2 - frameOnly);
  if (bits.u(1) === 0) return sane(width, height, bits);
  const [left, right, top, bottom] = [bits.ue(), bits.ue(), bits.ue(), bits.ue()];
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = (chroma === 1 ? 2 : 1) * (2 - frameOnly);
  return sane(width - unitX * (left + right), height - unitY * (top + bottom), bits);
}

/** HEVC 7.3.2.2.1. @param nal a sequence parameter set with its two header bytes */
function hevcSps(nal: Buffer): Picture | null {
  const bits = new Bits(nal.subarray(2));
  bits.skip(4);
  const subLayers = bits.u(3);
  bits.skip(1 + 88 + 8);
  const present = Array.from({ length: subLayers }, () => [bits.u(1), bits.u(1)] as const);
  if (subLayers > 0) bits.skip(2 * (8 - subLayers));
  for (const [profile, level] of present) bits.skip((profile === 1 ? 88 : 0) + (level === 1 ? 8 : 0));
  bits.ue();
  const chroma = bits.ue();
  if (chroma === 3) bits.skip(1);
  const width = bits.ue();
  const height = bits.ue();
  if (bits.u(1) === 0) return sane(width, height, bits);
  const [left, right, top, bottom] = [bits.ue(), bits.ue(), bits.ue(), bits.ue()];
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = chroma === 1 ? 2 : 1;
  return sane(width - unitX * (left + right), height - unitY * (top + bottom), bits);
}

/** Picture size from an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1). */
export function avcPicture(record: Buffer): Picture | null {
  if (record.length < 8 || ((record[5] as number) & 0x1f) === 0) return null;
  const length = record.readUInt16BE(6);
  return record.length < 8 + length || length < 4 ? null : avcSps(record.subarray(8, 8 + length));
}

/** Picture size from an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, 8.3.3.1). */
export function hevcPicture(record: Buffer): Picture | null {
  if (record.length < 23) return null;
  let at = 23;
  for (let arrays = record[22] as number; arrays > 0; arrays -= 1) {
    if (at + 3 > record.length) return null;
    const type = (record[at] as number) & 0x3f;
    let units = record.readUInt16BE(at + 1);
    at += 3;
    for (; units > 0; units -= 1) {
      if (at + 2 > record.length) return null;
      const length = record.readUInt16BE(at);
      if (at + 2 + length > record.length) return null;
      if (type === 33) return hevcSps(record.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return null;
}

const AAC_RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];
const AAC_CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];

/** Rate in Hz and channels from an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1). */
export function aacSound(config: Buffer): { sampleRate?: number; channels?: number } {
  if (config.length < 2) return {};
  const bits = new Bits(config);
  if (bits.u(5) === 31) bits.skip(6);
  const index = bits.u(4);
  const sampleRate = index === 15 ? bits.u(24) : AAC_RATES[index];
  const channels = AAC_CHANNELS[bits.u(4)];
  return { ...(sampleRate ? { sampleRate } : {}), ...(channels ? { channels } : {}) };
}
