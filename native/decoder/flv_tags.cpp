#include "decoder/flv_tags.h"

#include <cstring>

namespace vistter::decoder {

namespace {

/// A cursor that refuses to pass the end: one check a read instead of one a field.
class Cursor {
 public:
  Cursor(const uint8_t* data, size_t size) : at_(data), left_(size) {}
  bool skip(size_t n) {
    if (n > left_) return ok_ = false;
    at_ += n;
    left_ -= n;
    return true;
  }
  uint32_t u8() { return take(1); }
  uint32_t u16() { return take(2); }
  uint32_t u24() { return take(3); }
  int32_t s24() { return int32_t(take(3) << 8) >> 8; }
  uint32_t u32() { return take(4); }
  bool ok() const { return ok_; }
  const uint8_t* data() const { return at_; }
  size_t left() const { return left_; }
  void cut(size_t n) { n <= left_ ? void(left_ = n) : void(ok_ = false); }

 private:
  uint32_t take(size_t n) {
    if (n > left_) {
      ok_ = false;
      return 0;
    }
    uint32_t value = 0;
    for (size_t i = 0; i < n; i++) value = value << 8 | at_[i];
    at_ += n;
    left_ -= n;
    return value;
  }
  const uint8_t* at_;
  size_t left_;
  bool ok_ = true;
};

constexpr uint32_t fourCc(const char (&name)[5]) {
  return uint32_t(uint8_t(name[0])) << 24 | uint32_t(uint8_t(name[1])) << 16 | uint32_t(uint8_t(name[2])) << 8 | uint8_t(name[3]);
}

MediaCodec videoByFourCc(uint32_t code) {
  switch (code) {
    case fourCc("avc1"): return MediaCodec::H264;
    case fourCc("hvc1"): return MediaCodec::Hevc;
    case fourCc("av01"): return MediaCodec::Av1;
    case fourCc("vp09"): return MediaCodec::Vp9;
    case fourCc("vp08"): return MediaCodec::Vp8;
    default: return MediaCodec::Unknown;
  }
}

MediaCodec audioByFourCc(uint32_t code) {
  switch (code) {
    case fourCc("mp4a"): return MediaCodec::Aac;
    case fourCc(".mp3"): return MediaCodec::Mp3;
    case fourCc("Opus"): return MediaCodec::Opus;
    case fourCc("fLaC"): return MediaCodec::Flac;
    case fourCc("ac-3"): return MediaCodec::Ac3;
    case fourCc("ec-3"): return MediaCodec::Eac3;
    default: return MediaCodec::Unknown;
  }
}

// Packet types of enhanced RTMP.
enum : uint32_t {
  kSequenceStart = 0,
  kCodedFrames = 1,
  kSequenceEnd = 2,
  kCodedFramesX = 3,  // Video only: as CodedFrames, with a composition time of zero left out.
  kVideoMultitrack = 6,
  kAudioMultitrack = 5,
  kModEx = 7,
};

/// Passes over ModEx prefixes (timestamp nano-offsets and the like). Returns the packet type behind them.
uint32_t skipModEx(Cursor& in, uint32_t packetType) {
  while (packetType == kModEx && in.ok()) {
    size_t bytes = in.u8() + 1;
    if (bytes == 256) bytes = in.u16() + 1;
    in.skip(bytes);
    packetType = in.u8() & 0x0f;
  }
  return packetType;
}

/// Steps into track 0 of a multitrack body. Returns false when it holds no such track.
bool enterTrackZero(Cursor& in, uint32_t multitrackType, uint32_t& code) {
  if (multitrackType > 2) return false;
  if (multitrackType != 2) code = in.u32();
  while (in.ok() && in.left() > 0) {
    if (multitrackType == 2) code = in.u32();
    const uint32_t track = in.u8();
    if (multitrackType == 0) return in.ok() && track == 0;
    const size_t bytes = in.u24();
    if (track == 0) {
      in.cut(bytes);
      return in.ok();
    }
    in.skip(bytes);
  }
  return false;
}

void finish(Cursor& in, const uint8_t*& data, size_t& size) {
  data = in.data();
  size = in.left();
}

}  // namespace

bool parseFlvVideo(const uint8_t* body, size_t size, FlvVideo& out) {
  out = FlvVideo();
  Cursor in(body, size);
  const uint32_t first = in.u8();
  if (!in.ok()) return false;
  const uint32_t frameType = first >> 4 & 7;
  out.keyframe = frameType == 1;
  out.disposable = frameType == 3;
  // 5 is a command to the player (seek start and end), never a picture.
  const bool command = frameType == 5;

  if ((first & 0x80) != 0) {
    uint32_t packetType = skipModEx(in, first & 0x0f);
    if (!in.ok()) return false;
    if (command && packetType != 4) return true;
    uint32_t code = 0;
    if (packetType == kVideoMultitrack) {
      const uint32_t kind = in.u8();
      packetType = kind & 0x0f;
      if (!enterTrackZero(in, kind >> 4, code)) return in.ok();
    } else {
      code = in.u32();
    }
    if (!in.ok()) return false;
    out.codec = videoByFourCc(code);
    if (packetType == kSequenceStart) {
      out.packet = FlvPacket::Sequence;
    } else if (packetType == kCodedFrames || packetType == kCodedFramesX) {
      const bool timed = packetType == kCodedFrames && (out.codec == MediaCodec::H264 || out.codec == MediaCodec::Hevc);
      if (timed) out.compositionMs = in.s24();
      out.packet = FlvPacket::Frames;
    }
    finish(in, out.data, out.size);
    return in.ok();
  }

  if (command) return true;
  const uint32_t codecId = first & 0x0f;
  // 12 is what several encoders sent HEVC with before enhanced RTMP had a word for it.
  out.codec = codecId == 7 ? MediaCodec::H264 : codecId == 12 ? MediaCodec::Hevc : MediaCodec::Unknown;
  if (out.codec == MediaCodec::Unknown) return true;
  const uint32_t packetType = in.u8();
  out.compositionMs = in.s24();
  if (!in.ok()) return false;
  out.packet = packetType == 0 ? FlvPacket::Sequence : packetType == 1 ? FlvPacket::Frames : FlvPacket::Ignore;
  finish(in, out.data, out.size);
  return true;
}

bool parseFlvAudio(const uint8_t* body, size_t size, FlvAudio& out) {
  out = FlvAudio();
  Cursor in(body, size);
  const uint32_t first = in.u8();
  if (!in.ok()) return false;
  const uint32_t format = first >> 4;

  if (format == 9) {
    uint32_t packetType = skipModEx(in, first & 0x0f);
    if (!in.ok()) return false;
    uint32_t code = 0;
    if (packetType == kAudioMultitrack) {
      const uint32_t kind = in.u8();
      packetType = kind & 0x0f;
      if (!enterTrackZero(in, kind >> 4, code)) return in.ok();
    } else {
      code = in.u32();
    }
    if (!in.ok()) return false;
    out.codec = audioByFourCc(code);
    if (packetType == kSequenceStart) out.packet = FlvPacket::Sequence;
    if (packetType == kCodedFrames) out.packet = FlvPacket::Frames;
    finish(in, out.data, out.size);
    return true;
  }

  static constexpr uint32_t kRates[4] = {5512, 11025, 22050, 44100};
  out.sampleRate = kRates[first >> 2 & 3];
  out.channels = (first & 1) + 1;
  const bool wide = (first & 2) != 0;
  switch (format) {
    case 10: {
      out.codec = MediaCodec::Aac;
      const uint32_t packetType = in.u8();
      if (!in.ok()) return false;
      out.packet = packetType == 0 ? FlvPacket::Sequence : packetType == 1 ? FlvPacket::Frames : FlvPacket::Ignore;
      finish(in, out.data, out.size);
      return true;
    }
    case 2: out.codec = MediaCodec::Mp3; break;
    case 14:
      out.codec = MediaCodec::Mp3;
      out.sampleRate = 8000;
      break;
    case 3: out.codec = wide ? MediaCodec::PcmS16 : MediaCodec::PcmU8; break;
    case 7:
    case 8:
      out.codec = format == 7 ? MediaCodec::Alaw : MediaCodec::Mulaw;
      out.sampleRate = 8000;
      break;
    default: return true;
  }
  out.packet = FlvPacket::Frames;
  finish(in, out.data, out.size);
  return true;
}

double flvMetadataFps(const uint8_t* body, size_t size) {
  // The key with its length, then an AMF0 number. Walking the whole AMF tree for one hint would only be more to attack.
  static constexpr char kKey[] = "\0\x09" "framerate";
  constexpr size_t kKeyBytes = sizeof kKey;  // With the closing zero, which is also AMF0's marker of a number.
  if (size < kKeyBytes + 8) return 0;
  for (size_t i = 0; i + kKeyBytes + 8 <= size; i++) {
    if (std::memcmp(body + i, kKey, kKeyBytes) != 0) continue;
    uint64_t bits = 0;
    for (size_t k = 0; k < 8; k++) bits = bits << 8 | body[i + kKeyBytes + k];
    double fps = 0;
    std::memcpy(&fps, &bits, sizeof fps);
    return fps > 0.1 && fps < 1000 ? fps : 0;
  }
  return 0;
}

}  // namespace vistter::decoder
