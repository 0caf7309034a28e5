// Mel bands and their cepstrum (MFCC): 26 triangles from 0 to 8 kHz on mel = 2595·log10(1 + f / 700), on power; natural
// logarithm, orthonormal DCT-II.
#pragma once

#include <array>

#include "features/spectrum.h"

namespace vistter::features {

constexpr int kMelBands = 26;
constexpr int kMfccs = 13;

class Mel {
 public:
  Mel();
  void take(const std::array<float, kBands>& power);
  const std::array<float, kMelBands>& bands() const { return bands_; }
  std::array<float, kMfccs> cepstrum() const;

 private:
  struct Slope {
    /// The band below and the one above get these shares of a line of the spectrum; -1: none.
    int lower = -1;
    float lowerShare = 0;
    int upper = -1;
    float upperShare = 0;
  };
  std::array<Slope, kBands> slopes_;
  std::array<std::array<float, kMelBands>, kMfccs> cosines_;
  std::array<float, kMelBands> bands_{};
};

}  // namespace vistter::features
