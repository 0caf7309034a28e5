#include "decoder/stream_clock.h"

#include <algorithm>
#include <cstdlib>

namespace vistter::decoder {

namespace {
constexpr int64_t kJumpMs = 2000;
constexpr int64_t kBackwardMs = 100;     // Rounding and reordering noise stays below this.
constexpr int64_t kSuspectMs = 500;
constexpr int64_t kSameMappingMs = 10000;
constexpr int64_t kWrapWindowMs = 10000;
constexpr int64_t kSmallestStepUs = 1000;

bool wrapped(uint32_t last, uint32_t next, int64_t modulus) {
  return last < modulus && last >= modulus - kWrapWindowMs && next < kWrapWindowMs;
}
}  // namespace

int64_t timestampStepMs(uint32_t last, uint32_t next) {
  // A counter of 31 or 24 bits falls back to 0 where one of 32 would go on; without this that is a jump of days.
  for (const int64_t modulus : {int64_t(1) << 31, int64_t(1) << 24}) {
    if (wrapped(last, next, modulus)) return next + modulus - last;
  }
  return int32_t(next - last);
}

void StreamClock::anchor(State& track, int64_t arrivalUs) {
  int64_t at = arrivalUs;
  if (everAnchored_) at = lastUs_ + std::max(arrivalUs - lastArrivalUs_, kSmallestStepUs);
  track.offsetUs = at - track.rawMs * 1000;
  if (away_ && everAnchored_) epoch_++;
  away_ = false;
  everAnchored_ = true;
}

StreamClock::Time StreamClock::map(Track which, uint32_t wireMs, int64_t arrivalUs) {
  State& track = tracks_[which];
  const State& other = tracks_[1 - which];
  Time time;

  if (!track.has) {
    track.rawMs = other.has ? other.rawMs + timestampStepMs(other.wireMs, wireMs) : int64_t(wireMs);
    if (other.has && std::llabs(track.rawMs - other.rawMs) <= kSameMappingMs) {
      track.offsetUs = other.offsetUs;
    } else {
      // The first of all, or one whose clock has nothing to do with the other track's.
      anchor(track, arrivalUs);
    }
    track.has = true;
  } else {
    const int64_t step = timestampStepMs(track.wireMs, wireMs);
    const int64_t raw = track.rawMs + step;
    const int64_t took = (arrivalUs - track.arrivalUs) / 1000;
    const int64_t missedBy = step - took;
    bool jumped = step < -kBackwardMs || (step > kJumpMs && std::llabs(missedBy) > kJumpMs);
    if (track.suspect && std::llabs(missedBy) > kSuspectMs) jumped = true;
    track.suspect = false;
    track.rawMs = raw;
    if (jumped) {
      const bool otherWentAhead = other.has && other.offsetUs != track.offsetUs && std::llabs(raw - other.rawMs) <= kJumpMs;
      if (otherWentAhead) {
        track.offsetUs = other.offsetUs;
      } else {
        anchor(track, arrivalUs);
        time.jumped = true;
        time.deltaMs = missedBy;
      }
    } else {
      // Came back as if it had never been away: the network stood still, the camera did not.
      away_ = false;
    }
  }
  track.wireMs = wireMs;
  track.arrivalUs = arrivalUs;
  time.us = track.rawMs * 1000 + track.offsetUs;
  time.epoch = epoch_;
  if (time.us > lastUs_ || !everAnchored_) {
    lastUs_ = time.us;
    lastArrivalUs_ = arrivalUs;
  }
  return time;
}

void StreamClock::lost() {
  for (State& track : tracks_) track = State();
  away_ = true;
}

void StreamClock::headerSeen() {
  for (State& track : tracks_) track.suspect = track.has;
}

}  // namespace vistter::decoder
