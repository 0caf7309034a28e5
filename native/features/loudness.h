// Momentary and short-term loudness after EBU R128 / ITU-R BS.1770-4, at 16 kHz: what lies above 8 kHz is not heard, which on
// speech, music and film costs less than 0.2 LU, and on white noise as much as there is above.
#pragma once

#include <array>
#include <vector>

#include "features/spectrum.h"

namespace vistter::features {

constexpr int kMostChannels = 8;
/// What silence is said to have: the absolute gate of R128.
constexpr float kQuietestLufs = -70.0f;

class Loudness {
 public:
  static constexpr int kStep = kRate / 10;

  Loudness();
  /// `weights` are the channels' of BS.1770: 1, 1.41 for surrounds, 0 for LFE. Forgets what was.
  void begin(const std::vector<float>& weights);
  /// Takes samples of each channel, at most up to the next full step. True when a step of 100 ms is full.
  bool push(const float* const* channels, int from, int count);
  /// Samples that are missing to the next full step.
  int room() const { return kStep - filled_; }

  /// Of the last 400 ms and 3 s before the last full step, LUFS.
  float momentary() const { return over(4); }
  float shortTerm() const { return over(30); }

 private:
  struct Biquad {
    double b0, b1, b2, a1, a2;
  };
  struct Memory {
    double shelf1 = 0, shelf2 = 0, high1 = 0, high2 = 0;
  };
  float over(int steps) const;

  Biquad shelf_;
  Biquad highPass_;
  std::vector<float> weights_;
  std::array<Memory, kMostChannels> memory_;
  /// Weighted energies of the last 30 steps.
  std::array<double, 30> steps_;
  int at_ = 0;
  int filled_ = 0;
  double energy_ = 0;
};

}  // namespace vistter::features
