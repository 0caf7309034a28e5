// The spectrum of one frame of 512 samples at 16 kHz under a periodic Hann window, and what is read off it.
#pragma once

#include <array>

extern "C" {
#include <libavutil/tx.h>
}

namespace vistter::features {

constexpr int kRate = 16000;
constexpr int kFrame = 512;
constexpr int kHop = 256;
/// From 0 Hz up to, and without, 8 kHz.
constexpr int kBands = kFrame / 2;
constexpr float kBandHz = float(kRate) / kFrame;

class Spectrum {
 public:
  Spectrum();
  ~Spectrum();
  Spectrum(const Spectrum&) = delete;
  Spectrum& operator=(const Spectrum&) = delete;

  void take(const float* samples);

  /// |X| and |X|² of samples from -1 to 1, not scaled by the frame's length.
  const std::array<float, kBands>& magnitude() const { return magnitude_; }
  const std::array<float, kBands>& power() const { return power_; }

  /// The mean frequency by magnitude, Hz; 0 of nothing.
  float centroidHz() const;
  /// Below it lie 85 % of all magnitude, Hz.
  float rolloffHz() const;
  /// Geometric over arithmetic mean of the power, 0 to 1.
  float flatness() const;
  /// By how much the magnitudes, each as a share of their sum, have risen since `before`, 0 to 1.
  float riseSince(const std::array<float, kBands>& before) const;
  /// Magnitudes as a share of their sum; all 0 of nothing.
  std::array<float, kBands> shares() const;
  /// Of power between two frequencies.
  float powerBetween(float lowHz, float highHz) const;
  /// How periodic the frame is at voice's pitch (70 to 400 Hz): the highest peak of its autocorrelation, 0 to 1.
  float harmonicity();

 private:
  AVTXContext* forward_ = nullptr;
  AVTXContext* backward_ = nullptr;
  av_tx_fn toSpectrum_ = nullptr;
  av_tx_fn toSamples_ = nullptr;
  alignas(64) std::array<float, kFrame> window_;
  alignas(64) std::array<float, kFrame> windowed_;
  alignas(64) std::array<float, kFrame + 16> bins_;
  alignas(64) std::array<float, kFrame> lags_;
  /// The window's own autocorrelation, by which that of a frame is levelled.
  std::array<float, kFrame> windowLags_;
  std::array<float, kBands> magnitude_{};
  std::array<float, kBands> power_{};
};

}  // namespace vistter::features
