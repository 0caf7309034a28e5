// Sound at 16 kHz in, one bin a second out. Frames of 512 samples lie on a grid of 256 from the file's start, and belong to the bin
// in which their middle lies.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "features/columns.h"
#include "features/loudness.h"
#include "features/mel.h"
#include "features/rhythm.h"
#include "features/spectrum.h"
#include "features/voice.h"

namespace vistter::features {

/// What one channel counts for in loudness (BS.1770) and in the mono that everything else is taken from.
struct ChannelWeight {
  float loudness = 1;
  float mono = 1;
};

struct SoundSink {
  /// Bins come in order; one that is left out is unknown.
  std::function<void(int64_t bin, const SoundBin&)> bin;
  std::function<void(int64_t startMs, int64_t endMs)> silence;
};

class SoundAnalyzer {
 public:
  explicit SoundAnalyzer(SoundSink sink) : sink_(std::move(sink)) {}

  /// The channels from now on.
  void channels(const std::vector<ChannelWeight>& weights);
  /// The samples that follow, one pointer a channel.
  void push(const float* const* samples, int count);
  /// Nothing is known from here to `sample`; never goes back.
  void skipTo(int64_t sample);
  void finish();
  /// Of the next sample, at 16 kHz from the file's start.
  int64_t position() const { return position_; }

 private:
  /// Sums over the frames of one bin.
  struct Sums {
    int frames = 0;
    double rms = 0, rmsSquares = 0, zeroCrossings = 0, centroid = 0, rolloff = 0, flatness = 0, flux = 0, hf = 0;
    std::array<double, kMfccs> mfcc{};
    int steps = 0;
    double momentary = 0, momentarySquares = 0, shortTerm = 0;
    int onsets = 0, hops = 0, silentHops = 0;
  };
  void mix(const float* const* samples, int from, int count);
  void hop();
  void frame();
  void loudnessStep();
  void closeBin();
  void endSilence(int64_t atSample);

  SoundSink sink_;
  std::vector<ChannelWeight> weights_;
  int64_t position_ = 0;
  int64_t bin_ = 0;
  Sums sums_;
  /// The last whole hop and the one that is being filled.
  alignas(64) std::array<float, kFrame> mono_{};
  int filled_ = 0;
  bool hasHop_ = false;
  float hopRms_ = 0;
  int64_t silentSince_ = -1;
  std::array<float, kBands> sharesBefore_{};
  bool hasBefore_ = false;
  Loudness loudness_;
  Spectrum spectrum_;
  Mel mel_;
  Rhythm rhythm_;
  VoiceMeter voice_;
};

}  // namespace vistter::features
