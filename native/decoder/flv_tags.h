// What an FLV tag's body says: the classic audio and video tags, and enhanced RTMP (v1 and what cameras use of v2).
// Sources: Adobe's FLV 10.1 specification, annex E; Veovera's "Enhanced RTMP" v1 and v2.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vistter::decoder {

enum class MediaCodec : uint8_t { Unknown, H264, Hevc, Av1, Vp9, Vp8, Aac, Mp3, Opus, Flac, Ac3, Eac3, PcmU8, PcmS16, Alaw, Mulaw };

enum class FlvPacket : uint8_t {
  Ignore,    // Nothing for a decoder: an end of sequence, colour metadata, a command frame.
  Sequence,  // `data` is the codec's own header (avcC, hvcC, av1C, AudioSpecificConfig …).
  Frames,    // `data` is one coded picture or a run of sound.
};

struct FlvVideo {
  FlvPacket packet = FlvPacket::Ignore;
  MediaCodec codec = MediaCodec::Unknown;
  bool keyframe = false;
  bool disposable = false;
  int32_t compositionMs = 0;  // pts = dts + this
  const uint8_t* data = nullptr;
  size_t size = 0;
};

struct FlvAudio {
  FlvPacket packet = FlvPacket::Ignore;
  MediaCodec codec = MediaCodec::Unknown;
  uint32_t sampleRate = 0;  // From the tag; AAC and the enhanced codecs say it in their own header instead.
  uint32_t channels = 0;
  const uint8_t* data = nullptr;
  size_t size = 0;
};

/// False when the body is too short for what it claims. `codec` Unknown with true: well formed, but not one we play.
bool parseFlvVideo(const uint8_t* body, size_t size, FlvVideo& out);
bool parseFlvAudio(const uint8_t* body, size_t size, FlvAudio& out);

/// The `framerate` of an onMetaData tag, 0 when it has none that is plausible.
double flvMetadataFps(const uint8_t* body, size_t size);

}  // namespace vistter::decoder
