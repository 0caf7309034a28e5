// Decoded sound → the ring's FIFO: resampled to 48 kHz stereo, laid end to end, anchored to source time.
#pragma once

#include <functional>

#include "decoder/audio_resampler.h"
#include "decoder/audio_timeline.h"
#include "decoder/ring_writer.h"

namespace vistter::decoder {

class AudioNormalizer {
 public:
  using Heard = std::function<void(const float* samples, size_t frames)>;

  /// `wanted` false ends a wait for room in the ring (file rules). `heard` gets what was sent, without what gaps were filled with.
  AudioNormalizer(Job& job, AudioTimeline::Rules rules, std::function<bool()> wanted, Heard heard = nullptr);

  /// What follows belongs to `epoch` and has nothing to do with what came before.
  void beginEpoch(uint32_t epoch);
  AudioTimeline& timeline() { return timeline_; }

  /// Adds a frame heard from `ptsUs` on. False when stopped; a frame of an impossible format is left out and counted.
  bool push(const AVFrame& frame, double ptsUs, int64_t arrivalUs);
  /// Writes what the resampler still holds.
  bool drain();

 private:
  bool write(int samples, double ptsUs);

  Job& job_;
  Heard heard_;
  SoundWriter writer_;
  AudioResampler resampler_;
  AudioTimeline timeline_;
  uint32_t epoch_ = 0;
  int64_t arrivalUs_ = 0;
  double endUs_ = 0;  // Where the last frame's input ended.
};

}  // namespace vistter::decoder
