// Holds a source's sound back, exact to the sample. 48 kHz float stereo; one thread.
#pragma once

#include <cstdint>
#include <memory>

namespace vistter {

class DelayLine {
 public:
  static constexpr int kMost = 48000;  // Sample frames: a second.

  /// Takes effect with the next run(), going over from one place to the other within 5 ms.
  void set(int frames) { wanted_ = frames; }
  /// Puts what came `set` frames ago in the place of `samples`. `some`: they are more than silence. Returns whether what is
  /// there now may be. Costs nothing while nothing is held back; what came before something was is not known, so it is silence.
  bool run(float* samples, int count, bool some);

 private:
  static constexpr int kSize = 1 << 16;  // kMost and the largest chunk, as a power of two.

  float at(int64_t index, int channel) const;

  // Not filled with anything: memory that is never written to is never there.
  const std::unique_ptr<float[]> ring_{new float[size_t(kSize) * 2]};
  int64_t written_ = 0;     // Since it began to hold something back.
  int64_t soundEnds_ = 0;   // All behind this is silence.
  int wanted_ = 0, held_ = 0;
};

}  // namespace vistter
