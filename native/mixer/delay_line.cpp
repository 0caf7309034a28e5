#include "mixer/delay_line.h"

#include <algorithm>
#include <cstring>

namespace vistter {
namespace {

constexpr int kFade = 240;  // 5 ms.

}  // namespace

float DelayLine::at(int64_t index, int channel) const {
  if (index < 0) return 0;
  const float sample = ring_[2 * size_t(index & (kSize - 1)) + size_t(channel)];
  // Where it begins there was sound already: that is faded into.
  return index < kFade ? sample * float(index + 1) / float(kFade + 1) : sample;
}

bool DelayLine::run(float* samples, int count, bool some) {
  if (held_ == 0 && wanted_ == 0) {
    written_ = soundEnds_ = 0;
    return some;
  }
  for (int i = 0; i < count; i++) std::memcpy(&ring_[2 * size_t((written_ + i) & (kSize - 1))], samples + 2 * i, 2 * sizeof(float));
  if (some) soundEnds_ = written_ + count;
  const bool heard = soundEnds_ > written_ - std::max(held_, wanted_);
  const int fade = held_ == wanted_ ? 0 : std::min(kFade, count);
  for (int i = 0; i < count; i++) {
    const int64_t now = written_ + i;
    for (int c = 0; c < 2; c++) {
      float s;
      if (i < fade) {
        // The dry sound is as it is, also where the line has just begun.
        const float before = held_ == 0 ? samples[2 * i + c] : at(now - held_, c);
        const float after = wanted_ == 0 ? samples[2 * i + c] : at(now - wanted_, c);
        const float share = float(i + 1) / float(fade + 1);
        s = before + (after - before) * share;
      } else {
        s = wanted_ == 0 ? samples[2 * i + c] : at(now - wanted_, c);
      }
      samples[2 * i + c] = s;
    }
  }
  held_ = wanted_;
  written_ += count;
  return heard;
}

}  // namespace vistter
