#include "features/spectrum.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace vistter::features {

namespace {

constexpr float kRolloffShare = 0.85f;
/// Far below what 16 bits can hold; keeps the logarithm of digital silence finite.
constexpr double kLeastPower = 1e-12;
constexpr int kShortestLag = kRate / 400;
constexpr int kLongestLag = kRate / 70;

}  // namespace

Spectrum::Spectrum() {
  const float scale = 1.0f;
  if (av_tx_init(&forward_, &toSpectrum_, AV_TX_FLOAT_RDFT, 0, kFrame, &scale, 0) < 0) abort();
  if (av_tx_init(&backward_, &toSamples_, AV_TX_FLOAT_RDFT, 1, kFrame, &scale, 0) < 0) abort();
  for (int i = 0; i < kFrame; i++) window_[i] = float(0.5 - 0.5 * std::cos(2 * M_PI * i / kFrame));
  for (int lag = 0; lag < kFrame; lag++) {
    double sum = 0;
    for (int i = 0; i + lag < kFrame; i++) sum += double(window_[i]) * window_[i + lag];
    windowLags_[lag] = float(sum);
  }
  for (int lag = kFrame - 1; lag >= 0; lag--) windowLags_[lag] /= windowLags_[0];
}

Spectrum::~Spectrum() {
  av_tx_uninit(&forward_);
  av_tx_uninit(&backward_);
}

void Spectrum::take(const float* samples) {
  for (int i = 0; i < kFrame; i++) windowed_[i] = samples[i] * window_[i];
  toSpectrum_(forward_, bins_.data(), windowed_.data(), sizeof(AVComplexFloat));
  for (int k = 0; k < kBands; k++) {
    power_[k] = bins_[2 * k] * bins_[2 * k] + bins_[2 * k + 1] * bins_[2 * k + 1];
    magnitude_[k] = std::sqrt(power_[k]);
  }
}

float Spectrum::centroidHz() const {
  float sum = 0;
  float weighted = 0;
  for (int k = 0; k < kBands; k++) {
    sum += magnitude_[k];
    weighted += float(k) * magnitude_[k];
  }
  return sum > 0 ? weighted / sum * kBandHz : 0;
}

float Spectrum::rolloffHz() const {
  float sum = 0;
  for (const float m : magnitude_) sum += m;
  float below = 0;
  for (int k = 0; k < kBands; k++) {
    below += magnitude_[k];
    if (sum > 0 && below >= kRolloffShare * sum) return float(k) * kBandHz;
  }
  return 0;
}

float Spectrum::flatness() const {
  double sum = 0;
  double logs = 0;
  // One logarithm of eight: their product stays within what a double holds.
  for (int k = 0; k < kBands; k += 8) {
    double product = 1;
    for (int i = k; i < k + 8; i++) {
      product *= power_[i] + kLeastPower;
      sum += power_[i] + kLeastPower;
    }
    logs += std::log(product);
  }
  return float(std::exp(logs / kBands) / (sum / kBands));
}

std::array<float, kBands> Spectrum::shares() const {
  std::array<float, kBands> out{};
  float sum = 0;
  for (const float m : magnitude_) sum += m;
  if (sum > 0) {
    for (int k = 0; k < kBands; k++) out[k] = magnitude_[k] / sum;
  }
  return out;
}

float Spectrum::riseSince(const std::array<float, kBands>& before) const {
  const std::array<float, kBands> now = shares();
  float rise = 0;
  for (int k = 0; k < kBands; k++) rise += std::max(0.0f, now[k] - before[k]);
  return rise;
}

float Spectrum::powerBetween(float lowHz, float highHz) const {
  const int from = std::clamp(int(std::ceil(lowHz / kBandHz)), 0, kBands);
  const int to = std::clamp(int(std::ceil(highHz / kBandHz)), from, kBands);
  float sum = 0;
  for (int k = from; k < to; k++) sum += power_[k];
  return sum;
}

float Spectrum::harmonicity() {
  for (int k = 0; k < kBands; k++) {
    bins_[2 * k] = power_[k];
    bins_[2 * k + 1] = 0;
  }
  bins_[2 * kBands] = bins_[2 * kBands + 1] = 0;
  toSamples_(backward_, lags_.data(), bins_.data(), sizeof(float));
  if (!(lags_[0] > 0)) return 0;
  float best = 0;
  for (int lag = kShortestLag; lag <= kLongestLag; lag++) {
    // A peak, not the slope that every low sound has.
    if (lags_[lag] < lags_[lag - 1] || lags_[lag] < lags_[lag + 1]) continue;
    best = std::max(best, lags_[lag] / lags_[0] / windowLags_[lag]);
  }
  return std::min(best, 1.0f);
}

}  // namespace vistter::features
