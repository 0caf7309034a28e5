// Decoded sound of any rate, format and layout → interleaved stereo float at 48 kHz.
#pragma once

#include <vector>

#include "decoder/av.h"

namespace vistter::decoder {

class AudioResampler {
 public:
  AudioResampler() = default;
  AudioResampler(const AudioResampler&) = delete;
  AudioResampler& operator=(const AudioResampler&) = delete;
  ~AudioResampler();

  /// Whether the next frame has another rate, format or layout than the ones before. Drain first: they have a tail.
  bool changesWith(const AVFrame& frame) const;
  /// Converts a frame. Returns the samples ready (in `samples()`), or -1 when the format is impossible.
  /// `delayUs` is how far the first of them lies before the frame's own beginning.
  int convert(const AVFrame& frame, double& delayUs);
  /// What is still inside. Forgets the format.
  int drain(double& delayUs);
  const float* samples() const { return samples_.data(); }
  /// Forgets everything, unplayed tail included.
  void reset();

 private:
  bool open(const AVFrame& frame);
  int collect(int got);

  SwrPtr swr_;
  AVChannelLayout layout_{};
  int rate_ = 0;
  int format_ = -1;
  bool mono_ = false;
  std::vector<float> samples_;
  std::vector<float> monoSamples_;
};

}  // namespace vistter::decoder
