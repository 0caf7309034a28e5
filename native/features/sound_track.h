// The sound of a recording: decoded, brought to 16 kHz, laid on the recording's own time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "decoder/av.h"
#include "features/sound_analyzer.h"

namespace vistter::features {

class SoundTrack {
 public:
  /// `gap` hears of parts that could not be used, ms.
  SoundTrack(SoundSink sink, std::function<void(int64_t startMs, int64_t endMs)> gap) : analyzer_(std::move(sink)), gap_(std::move(gap)) {}

  /// False with `why` when there is no decoder for it.
  bool open(const AVStream* stream, std::string& why);
  /// The packet's `pts` is its place from the recording's start, µs.
  void take(const AVPacket& packet);
  void finish();

  int64_t endMs() const { return analyzer_.position() * 1000 / kRate; }
  bool hasAny() const { return hasAny_; }
  int64_t damagedPackets() const { return damagedPackets_; }

 private:
  void drain();
  void lay(const AVFrame& frame);
  bool prepare(const AVFrame& frame);
  void convert(const AVFrame* frame);
  void moveTo(int64_t us);

  SoundAnalyzer analyzer_;
  std::function<void(int64_t, int64_t)> gap_;
  decoder::CodecPtr codec_;
  decoder::FramePtr frame_ = decoder::makeFrame();
  decoder::SwrPtr resampler_;
  AVChannelLayout layout_{};
  int rate_ = 0;
  int format_ = -1;
  std::vector<std::vector<float>> planes_;
  /// Where the next sample of the source is expected, µs.
  double nextUs_ = 0;
  bool hasAny_ = false;
  bool isDamaged_ = false;
  int64_t damagedPackets_ = 0;
  /// Samples at 16 kHz that lie before where we are already.
  int64_t drop_ = 0;
};

}  // namespace vistter::features
