#include "features/loudness.h"

#include <algorithm>
#include <cmath>

namespace vistter::features {

// The K-weighting of BS.1770 is given for 48 kHz only. These are its analogue prototypes, found by Mansbridge, Finn and Reiss ("Implementation
// and Evaluation of Autonomous Multi-track Fader Control", AES 132, 2012), put through the bilinear transform for our rate.
Loudness::Loudness() {
  {
    const double gain = std::pow(10.0, 3.999843853973347 / 20.0);
    const double band = std::pow(gain, 0.4996667741545416);
    const double k = std::tan(M_PI * 1681.974450955533 / kRate);
    const double q = 0.7071752369554196;
    const double a0 = 1 + k / q + k * k;
    shelf_ = {(gain + band * k / q + k * k) / a0, 2 * (k * k - gain) / a0, (gain - band * k / q + k * k) / a0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0};
  }
  {
    const double k = std::tan(M_PI * 38.13547087602444 / kRate);
    const double q = 0.5003270373238773;
    const double a0 = 1 + k / q + k * k;
    highPass_ = {1, -2, 1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0};
  }
  begin({});
}

void Loudness::begin(const std::vector<float>& weights) {
  weights_.assign(weights.begin(), weights.begin() + std::min<size_t>(weights.size(), kMostChannels));
  memory_.fill({});
  steps_.fill(0);
  at_ = filled_ = 0;
  energy_ = 0;
}

bool Loudness::push(const float* const* channels, int from, int count) {
  for (size_t c = 0; c < weights_.size(); c++) {
    if (weights_[c] == 0) continue;
    Memory m = memory_[c];
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      const double x = channels[c][i];
      const double y = shelf_.b0 * x + m.shelf1;
      m.shelf1 = shelf_.b1 * x - shelf_.a1 * y + m.shelf2;
      m.shelf2 = shelf_.b2 * x - shelf_.a2 * y;
      const double z = highPass_.b0 * y + m.high1;
      m.high1 = highPass_.b1 * y - highPass_.a1 * z + m.high2;
      m.high2 = highPass_.b2 * y - highPass_.a2 * z;
      sum += z * z;
    }
    // Numbers too small to be normal would take a hundred times as long.
    for (double* value : {&m.shelf1, &m.shelf2, &m.high1, &m.high2}) {
      if (!(std::fabs(*value) > 1e-30)) *value = 0;
    }
    memory_[c] = m;
    energy_ += sum * weights_[c];
  }
  filled_ += count;
  if (filled_ < kStep) return false;
  steps_[at_] = energy_;
  at_ = (at_ + 1) % int(steps_.size());
  energy_ = 0;
  filled_ = 0;
  return true;
}

float Loudness::over(int steps) const {
  double sum = 0;
  for (int i = 1; i <= steps; i++) sum += steps_[size_t(at_ - i + int(steps_.size())) % steps_.size()];
  const double mean = sum / (double(steps) * kStep);
  return mean > 0 ? std::max(kQuietestLufs, float(-0.691 + 10 * std::log10(mean))) : kQuietestLufs;
}

}  // namespace vistter::features
