#include "features/mel.h"

#include <algorithm>
#include <cmath>

namespace vistter::features {

namespace {

constexpr float kLeastEnergy = 1e-10f;

double toMel(double hz) { return 2595.0 * std::log10(1.0 + hz / 700.0); }

}  // namespace

Mel::Mel() {
  // A band's triangle rises from its lower neighbour's centre and falls to that of its upper one, so a line lies in two at most.
  const double step = toMel(kRate / 2.0) / (kMelBands + 1);
  for (int k = 0; k < kBands; k++) {
    const double place = toMel(double(k) * kBandHz) / step;
    const int below = int(place);
    const float share = float(place - below);
    // Band b has its centre at place b + 1.
    if (below >= 1) slopes_[k].lower = below - 1, slopes_[k].lowerShare = 1 - share;
    if (below < kMelBands) slopes_[k].upper = below, slopes_[k].upperShare = share;
  }
  for (int c = 0; c < kMfccs; c++) {
    const double scale = std::sqrt((c == 0 ? 1.0 : 2.0) / kMelBands);
    for (int b = 0; b < kMelBands; b++) cosines_[c][b] = float(scale * std::cos(M_PI * c * (b + 0.5) / kMelBands));
  }
}

void Mel::take(const std::array<float, kBands>& power) {
  bands_.fill(0);
  for (int k = 0; k < kBands; k++) {
    const Slope& slope = slopes_[k];
    if (slope.lower >= 0) bands_[slope.lower] += power[k] * slope.lowerShare;
    if (slope.upper >= 0) bands_[slope.upper] += power[k] * slope.upperShare;
  }
}

std::array<float, kMfccs> Mel::cepstrum() const {
  std::array<float, kMelBands> logs;
  for (int b = 0; b < kMelBands; b++) logs[b] = std::log(std::max(bands_[b], kLeastEnergy));
  std::array<float, kMfccs> out{};
  for (int c = 0; c < kMfccs; c++) {
    for (int b = 0; b < kMelBands; b++) out[c] += cosines_[c][b] * logs[b];
  }
  return out;
}

}  // namespace vistter::features
