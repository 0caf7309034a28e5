// How much of a second sounds like somebody speaking: periodic at a voice's pitch, most of it in the band of speech, and rising and falling
// as syllables do. Singing counts in part, steady music and noise hardly. No model: a share to weigh moments by, not to cut words by.
#pragma once

#include <array>

#include "features/spectrum.h"

namespace vistter::features {

class VoiceMeter {
 public:
  VoiceMeter() { reset(); }
  void reset();
  /// Takes the next frame; a `silent` one is not looked at.
  void take(Spectrum& spectrum, bool silent);
  /// Share of the frames since it was asked last, 0 to 1.
  float share();

 private:
  static constexpr int kMemory = kRate / kHop;
  std::array<float, kMemory> levels_;
  int at_ = 0;
  int filled_ = 0;
  int sinceVoiced_ = 0;
  int frames_ = 0;
  int speech_ = 0;
};

}  // namespace vistter::features
