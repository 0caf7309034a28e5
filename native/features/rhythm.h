// Onsets, tempo and how steady the beat is, from how much the mel bands rise from frame to frame.
#pragma once

#include <array>

#include "features/mel.h"

namespace vistter::features {

struct Beat {
  /// 60 to 180; NaN where there is no beat to speak of.
  float tempoBpm;
  /// 0 to 1: how well the onsets of the last 8 s repeat after one beat.
  float strength;
};

class Rhythm {
 public:
  Rhythm() { reset(); }
  void reset();
  /// Takes the bands of the next frame. True when the frame before it was an onset.
  bool take(const std::array<float, kMelBands>& bands);
  /// Over the last 8 s.
  Beat beat() const;

 private:
  /// 8 s of frames.
  static constexpr int kMemory = 8 * kRate / kHop;
  float back(int frames) const { return rises_[size_t((at_ - 1 - frames + kMemory) % kMemory)]; }

  std::array<float, kMelBands> before_;
  std::array<float, kMemory> rises_;
  int at_ = 0;
  int filled_ = 0;
  int sinceOnset_ = 0;
  double second_ = 0;
};

}  // namespace vistter::features
