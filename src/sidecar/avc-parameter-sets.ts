/**
 * Carries H.264 parameter sets in the stream itself, for the parts of a recording that an encoder with other settings made:
 * an MP4 made by copying has room for the first encoder's only, and everything after a change would not decode.
 *
 * After ISO/IEC 14496-15, 5.3.3.1 (AVCDecoderConfigurationRecord); an FLV video payload has 5 bytes before it.
 */
const PAYLOAD_HEAD_BYTES = 5;

/** SPS and PPS of a sequence header's payload, each with a length in front; null when it cannot be read or used. */
export function parameterSets(headerPayload: Buffer): Buffer | null {
  const record = headerPayload.subarray(PAYLOAD_HEAD_BYTES);
  if (record.length < 7 || record[0] !== 1 || (record.readUInt8(4) & 3) !== 3) return null;
  const sets: Buffer[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    if (at >= record.length) return null;
    const count = record.readUInt8(at) & mask;
    at += 1;
    for (let i = 0; i < count; i += 1) {
      if (at + 2 > record.length) return null;
      const bytes = record.readUInt16BE(at);
      if (at + 2 + bytes > record.length) return null;
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes);
      sets.push(length, record.subarray(at + 2, at + 2 + bytes));
      at += 2 + bytes;
    }
  }
  return Buffer.concat(sets);
}

/** A keyframe's payload with the parameter sets in front of its first NAL unit. */
export function withParameterSets(keyframePayload: Buffer, sets: Buffer): Buffer {
  return Buffer.concat([keyframePayload.subarray(0, PAYLOAD_HEAD_BYTES), sets, keyframePayload.subarray(PAYLOAD_HEAD_BYTES)]);
}
