#include "features/rhythm.h"

#include <algorithm>
#include <cmath>

#include "features/columns.h"

namespace vistter::features {

namespace {

constexpr double kFramesASecond = double(kRate) / kHop;
constexpr int kSecond = int(kFramesASecond);
/// Levels about 60 dB below full scale and quieter count as nothing, so that the noise floor has no rhythm.
constexpr float kCompression = 10.0f;
/// An onset rises by so much more than the last second does on average.
constexpr float kOnsetFactor = 2.0f;
constexpr float kLeastRise = 0.12f;
constexpr int kLeastApart = 6;
/// Too little to tell a beat by.
constexpr int kLeastMemory = 4 * kSecond;
constexpr float kLeastStrength = 0.08f;

}  // namespace

void Rhythm::reset() {
  before_.fill(0);
  rises_.fill(0);
  at_ = filled_ = 0;
  sinceOnset_ = kLeastApart;
  second_ = 0;
}

bool Rhythm::take(const std::array<float, kMelBands>& bands) {
  float rise = 0;
  for (int b = 0; b < kMelBands; b++) {
    const float level = std::log(1 + kCompression * bands[b]);
    if (filled_ > 0) rise += std::max(0.0f, level - before_[b]);
    before_[b] = level;
  }
  rise /= kMelBands;
  if (filled_ >= kSecond) second_ -= back(kSecond - 1);
  second_ += rise;
  rises_[at_] = rise;
  at_ = (at_ + 1) % kMemory;
  filled_ = std::min(filled_ + 1, kMemory);
  sinceOnset_++;
  if (filled_ < 4) return false;
  const float peak = back(1);
  const float usual = float(second_ / std::min(filled_, kSecond));
  const bool isOnset = peak > back(0) && peak >= back(2) && peak >= back(3) && peak > kLeastRise && peak > kOnsetFactor * usual && sinceOnset_ >= kLeastApart;
  if (isOnset) sinceOnset_ = 0;
  return isOnset;
}

Beat Rhythm::beat() const {
  const int n = filled_;
  if (n < kLeastMemory) return {kUnknown, 0};
  // Smoothed over three frames, since a beat rarely lies on whole frames.
  std::array<float, kMemory> x{};
  double mean = 0;
  for (int i = 0; i < n; i++) {
    x[i] = back(i) * 0.5f + 0.25f * (back(std::max(0, i - 1)) + back(std::min(n - 1, i + 1)));
    mean += x[i];
  }
  mean /= n;
  double energy = 0;
  for (int i = 0; i < n; i++) {
    x[i] -= float(mean);
    energy += double(x[i]) * x[i];
  }
  if (energy / n < 1e-6) return {kUnknown, 0};
  const int shortest = int(std::ceil(kFramesASecond * 60 / 180));
  const int longest = int(std::ceil(kFramesASecond * 60 / 60));
  std::array<double, kMemory / 2> r{};
  for (int lag = shortest - 1; lag <= longest + 1; lag++) {
    double sum = 0;
    for (int i = 0; i + lag < n; i++) sum += double(x[i]) * x[i + lag];
    r[lag] = sum / energy * n / (n - lag);
  }
  int best = 0;
  double bestScore = 0;
  for (int lag = shortest; lag <= longest; lag++) {
    if (r[lag] < r[lag - 1] || r[lag] < r[lag + 1]) continue;
    // People tap near 120 a minute: of a beat and its double the one that is nearer to it.
    const double octaves = std::log2(kFramesASecond * 60 / lag / 120);
    const double score = r[lag] * std::exp(-0.5 * octaves * octaves / 0.64);
    if (score > bestScore) bestScore = score, best = lag;
  }
  if (best == 0 || r[best] < kLeastStrength) return {kUnknown, 0};
  const double left = r[best - 1];
  const double right = r[best + 1];
  const double bend = left - 2 * r[best] + right;
  const double lag = best + (bend < 0 ? 0.5 * (left - right) / bend : 0);
  return {float(kFramesASecond * 60 / lag), float(std::clamp(r[best], 0.0, 1.0))};
}

}  // namespace vistter::features
