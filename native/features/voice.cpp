#include "features/voice.h"

#include <algorithm>
#include <cmath>

namespace vistter::features {

namespace {

constexpr float kVoiceLowHz = 100, kVoiceHighHz = 4000;
constexpr float kLeastShare = 0.6f;
constexpr float kLeastHarmonicity = 0.6f;
/// Consonants and the short pauses between syllables belong to the speech around them.
constexpr int kHangover = int(0.2 * kRate / kHop);
/// Deviation of the speech band's level within a second, dB: below the first it is music or a hum, from the second on it is speech.
constexpr float kSteadyDb = 4, kSyllablesDb = 8;
constexpr float kQuietestDb = -30;

}  // namespace

void VoiceMeter::reset() {
  levels_.fill(kQuietestDb);
  at_ = filled_ = frames_ = speech_ = 0;
  sinceVoiced_ = kHangover;
}

void VoiceMeter::take(Spectrum& spectrum, bool silent) {
  const float band = spectrum.powerBetween(kVoiceLowHz, kVoiceHighHz);
  levels_[at_] = std::max(kQuietestDb, 10 * std::log10(band + 1e-9f));
  at_ = (at_ + 1) % kMemory;
  filled_ = std::min(filled_ + 1, kMemory);
  sinceVoiced_++;
  if (!silent && band > kLeastShare * spectrum.powerBetween(0, kRate / 2) && spectrum.harmonicity() > kLeastHarmonicity) sinceVoiced_ = 0;
  frames_++;
  if (sinceVoiced_ < kHangover) speech_++;
}

float VoiceMeter::share() {
  if (frames_ == 0) return 0;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < filled_; i++) {
    sum += levels_[i];
    squares += double(levels_[i]) * levels_[i];
  }
  const double mean = sum / filled_;
  const double deviation = std::sqrt(std::max(0.0, squares / filled_ - mean * mean));
  const double syllables = std::clamp((deviation - kSteadyDb) / (kSyllablesDb - kSteadyDb), 0.0, 1.0);
  const float out = float(double(speech_) / frames_ * syllables);
  frames_ = speech_ = 0;
  return out;
}

}  // namespace vistter::features
