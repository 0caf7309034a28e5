#include "mixer/sound_reader.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace vistter {
namespace {

constexpr double kJump = 0.060 * 48000;       // Further off than this: jump.
constexpr double kJumpNow = 0.004 * 48000;    // The same when the source's clock itself has jumped.
constexpr double kSteerFrom = 0.002 * 48000;  // Steering begins here
constexpr double kSteerTo = 0.0002 * 48000;   // and ends here.
constexpr double kMaxSteer = 0.003;
constexpr double kSmoothing = 0.15;           // A chunk's share in the smoothed error: stamps rounded to ms waver.
constexpr int kEdge = 240;                    // 5 ms.

inline void fade(float* out, int from, int count, bool in) {
  for (int i = 0; i < count; i++) {
    const float gain = float(in ? i + 1 : count - i) / float(count + 1);
    out[2 * (from + i)] *= gain;
    out[2 * (from + i) + 1] *= gain;
  }
}

inline float cubic(float a, float b, float c, float d, float t) {
  // Catmull-Rom.
  return b + 0.5f * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

}  // namespace

void SoundReader::reset(bool exact) {
  running_ = steering_ = false;
  exact_ = exact;
  position_ = 0;
  fraction_ = error_ = 0;
}

/// Copies from where reading stands; returns how many there were. Samples from before the FIFO's memory are silence.
int SoundReader::copy(const SoundFifo& fifo, double rate, int count, float* out) {
  const int64_t written = int64_t(fifo.written);
  // A producer under live rules goes on while we read: stay clear of what it is about to overwrite.
  const int64_t spare = fifo.live ? SoundReader::kMaxChunk / 2 : 0;
  const int64_t oldest = std::max<int64_t>(0, written - int64_t(fifo.capacity) + spare);
  const uint64_t mask = fifo.capacity - 1;
  if (rate == 1 && fraction_ == 0) {
    const int ready = int(std::clamp<int64_t>(written - position_, 0, count));
    for (int done = 0; done < ready;) {
      const int64_t at = position_ + done;
      if (at < oldest) {
        const int n = int(std::min<int64_t>(oldest - at, ready - done));
        std::memset(out + 2 * done, 0, size_t(n) * 2 * sizeof(float));
        done += n;
        continue;
      }
      const int n = int(std::min<uint64_t>(uint64_t(ready - done), fifo.capacity - (uint64_t(at) & mask)));
      std::memcpy(out + 2 * done, fifo.samples + 2 * (uint64_t(at) & mask), size_t(n) * 2 * sizeof(float));
      done += n;
    }
    position_ += ready;
    return ready;
  }
  const auto at = [&](int64_t i, int channel) -> float {
    if (i < oldest || i >= written) return 0;
    return fifo.samples[2 * (uint64_t(i) & mask) + channel];
  };
  int done = 0;
  for (; done < count && position_ + 2 < written; done++) {
    for (int c = 0; c < 2; c++) {
      out[2 * done + c] = cubic(at(position_ - 1, c), at(position_, c), at(position_ + 1, c), at(position_ + 2, c), float(fraction_));
    }
    fraction_ += rate;
    const double whole = std::floor(fraction_);
    position_ += int64_t(whole);
    fraction_ -= whole;
  }
  return done;
}

int SoundReader::read(const SoundFifo& fifo, double wanted, int count, bool jump, bool finished, float* out) {
  const int64_t whole = std::llround(wanted);
  int lead = 0;  // Of silence before the first sample.
  if (!running_) {
    lead = int(std::clamp<int64_t>(-whole, 0, count));
    // Beginning with less than the chunk would end in a hole at once.
    const int64_t there = int64_t(fifo.written) - (whole + lead);
    if (lead == count || there <= 0 || (there < count - lead && !finished)) {
      std::memset(out, 0, size_t(count) * 2 * sizeof(float));
      return 0;
    }
    position_ = whole + lead;
    fraction_ = error_ = 0;
    steering_ = false;
    std::memset(out, 0, size_t(lead) * 2 * sizeof(float));
    const int got = copy(fifo, 1, count - lead, out + 2 * lead);
    if (!exact_ && lead == 0) fade(out, 0, std::min(got, kEdge), true);
    std::memset(out + 2 * (lead + got), 0, size_t(count - lead - got) * 2 * sizeof(float));
    exact_ = false;
    running_ = lead + got == count;
    return lead + got;
  }

  const double off = wanted - (double(position_) + fraction_);
  error_ += (off - error_) * kSmoothing;
  if (std::fabs(off) > kJump || (jump && std::fabs(off) > kJumpNow)) {
    float old[2 * kEdge];
    const int had = copy(fifo, 1, std::min(count, kEdge), old);
    position_ = whole;
    fraction_ = error_ = 0;
    steering_ = false;
    const int got = copy(fifo, 1, count, out);
    std::memset(out + 2 * got, 0, size_t(count - got) * 2 * sizeof(float));
    fade(out, 0, std::min(got, kEdge), true);
    fade(old, 0, had, false);
    for (int i = 0; i < 2 * had; i++) out[i] += old[i];
    if (got < count) {
      running_ = false;
      if (!finished) underruns_++;
    }
    return got;
  }

  double rate = 1;
  if (!steering_ && std::fabs(error_) > kSteerFrom) steering_ = true;
  if (steering_) {
    if (std::fabs(error_) < kSteerTo) {
      // Done: the last bit of the way ends on a whole sample, so that copying can go on.
      const double end = std::round(double(count) + fraction_);
      rate = (end - fraction_) / count;
      steering_ = false;
    } else {
      // About a second to get there, and never faster than anybody can hear.
      rate = 1 + std::clamp(error_ / 48000.0, -kMaxSteer, kMaxSteer);
      if (std::fabs(rate - 1) < 0.0004) rate = error_ > 0 ? 1.0004 : 0.9996;
    }
    error_ -= (rate - 1) * count;
  } else if (fraction_ != 0) {
    rate = (std::round(double(count) + fraction_) - fraction_) / count;
  }
  const int got = copy(fifo, rate, count, out);
  if (!steering_ && got == count) {
    // Rounding left it a hair away from the whole sample.
    if (fraction_ > 0.5) position_++;
    fraction_ = 0;
  }
  if (got < count) {
    const int tail = std::min(got, kEdge / 2);
    fade(out, got - tail, tail, false);
    std::memset(out + 2 * got, 0, size_t(count - got) * 2 * sizeof(float));
    running_ = false;
    if (!finished) underruns_++;
  }
  return got;
}

void SoundReader::stop(const SoundFifo& fifo, int count, float* out) {
  std::memset(out, 0, size_t(count) * 2 * sizeof(float));
  if (!running_) return;
  running_ = false;
  fade(out, 0, copy(fifo, 1, std::min(count, kEdge), out), false);
}

}  // namespace vistter
