// The one place that opens a codec. Hardware decoding belongs here: pick the decoder and its device in `openDecoder`, and
// hand frames on after av_hwframe_transfer_data; nothing else in the decoder needs to know.
#pragma once

#include <string>

#include "decoder/av.h"
#include "decoder/slot_frames.h"

namespace vistter::decoder {

/// Larger pictures are refused: their memory would be that of everything else together.
constexpr int64_t kMaxPixels = 160'000'000;

struct DecoderSpec {
  const AVCodecParameters* parameters = nullptr;
  AVRational timeBase = kMicroseconds;
  /// A camera: no frame may be held back longer than the stream itself demands, and one core is all it gets.
  bool live = false;
  /// The stream carries transparency beside the picture (VP8 and VP9 in WebM).
  bool alpha = false;
  /// At least so many frames are reordered; for H.264 streams that do not say it themselves.
  int reorder = 0;
  /// Of a film; 0: not known.
  double fps = 0;
  /// Draws its pictures there where it can. Null: into memory of its own.
  SlotFrames* frames = nullptr;
};

/// Returns null and fills `why` when there is no decoder or it refuses the stream's header.
CodecPtr openDecoder(const DecoderSpec& spec, std::string& why);

}  // namespace vistter::decoder
