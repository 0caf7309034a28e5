// When frame n is due, and how many samples belong to it. Everything derives from the absolute frame number, so nothing
// is ever added up and frame numbers agree across restarts.
#pragma once

#include <time.h>

#include <cstdint>

namespace vistter {

inline int64_t monotonicNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t(now.tv_sec) * 1000000000 + now.tv_nsec;
}

struct FrameClock {
  int64_t num = 30;
  int64_t den = 1;

  /// CLOCK_MONOTONIC time at which frame `n` is due, ns.
  int64_t dueNs(int64_t n) const { return int64_t(__int128(n) * den * 1000000000 / num); }

  /// The same in µs with its fraction.
  double dueUs(int64_t n) const {
    const __int128 scaled = __int128(n) * den * 1000000;
    return double(int64_t(scaled / num)) + double(int64_t(scaled % num)) / double(num);
  }

  /// The first frame due at or after `ns`.
  int64_t frameAt(int64_t ns) const {
    const __int128 scaled = __int128(ns) * num;
    const __int128 unit = __int128(den) * 1000000000;
    return int64_t((scaled + unit - 1) / unit);
  }

  /// Samples of 48 kHz sound before frame `n`, counted from time 0.
  int64_t samplesBefore(int64_t n) const { return int64_t(__int128(n) * 48000 * den / num); }

  /// Samples that belong to frame `n`. Over any second they add up to 48,000.
  int samplesOf(int64_t n) const { return int(samplesBefore(n + 1) - samplesBefore(n)); }

  double intervalUs() const { return double(den) * 1e6 / double(num); }
};

}  // namespace vistter
