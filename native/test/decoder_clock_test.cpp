#include <algorithm>
#include <cstdlib>

#include "decoder/stream_clock.h"
#include "test/check.h"

using namespace vistter;
using namespace vistter::decoder;

namespace {

constexpr int64_t kStart = 1'000'000'000;

void aWrapIsAStepLikeAnyOther() {
  // 2^32 by the book, 2^31 as FFmpeg's muxer writes it, 2^24 by senders that forget the extension byte.
  for (const int64_t modulus : {int64_t(1) << 32, int64_t(1) << 31, int64_t(1) << 24}) {
    StreamClock clock;
    int64_t lastVideo = 0;
    int64_t lastAudio = 0;
    for (int64_t i = 0; i < 400; i++) {
      const int64_t ms = i * 40;
      const uint32_t wire = uint32_t((modulus - 8000 + ms) % modulus);
      const StreamClock::Time video = clock.map(StreamClock::Video, wire, kStart + ms * 1000);
      const StreamClock::Time audio = clock.map(StreamClock::Audio, wire, kStart + ms * 1000);
      CHECK(!video.jumped || i == 0);
      if (i > 0) CHECK(video.us - lastVideo == 40000 && audio.us - lastAudio == 40000);
      CHECK(video.us == audio.us && video.epoch == 0);
      lastVideo = video.us;
      lastAudio = audio.us;
    }
  }
}

void passingTheBoundariesOfFullCountersChangesNothing() {
  for (const int64_t boundary : {int64_t(1) << 24, int64_t(1) << 31}) {
    StreamClock clock;
    int64_t last = 0;
    for (int64_t i = 0; i < 400; i++) {
      const StreamClock::Time t = clock.map(StreamClock::Video, uint32_t(boundary - 8000 + i * 40), kStart + i * 40000);
      if (i > 0) CHECK(t.us - last == 40000 && !t.jumped);
      last = t.us;
    }
  }
}

void soundThatBeginsBehindTheWrapJoinsThePicture() {
  StreamClock clock;
  clock.map(StreamClock::Video, 0xffffffff, kStart);
  const StreamClock::Time audio = clock.map(StreamClock::Audio, 9, kStart + 10000);
  CHECK(audio.us == kStart + 10000);
}

void theFirstTagLiesAtItsArrival() {
  StreamClock clock;
  CHECK(clock.map(StreamClock::Video, 12345, kStart).us == kStart);
  CHECK(clock.map(StreamClock::Audio, 12300, kStart + 1).us == kStart - 45000);
}

/// 25 frames a second with sound; `wire` gives what the camera writes at source time `ms`.
template <typename Wire>
void play(StreamClock& clock, int64_t fromMs, int64_t untilMs, int64_t& lastUs, int64_t& largestStepUs, int64_t& worstSyncUs, Wire wire) {
  for (int64_t ms = fromMs; ms < untilMs; ms += 40) {
    const int64_t arrival = kStart + ms * 1000;
    const StreamClock::Time v = clock.map(StreamClock::Video, wire(ms, 0), arrival);
    const StreamClock::Time a = clock.map(StreamClock::Audio, wire(ms, 1), arrival + 100);
    if (lastUs != 0) {
      CHECK(v.us > lastUs);
      largestStepUs = std::max(largestStepUs, v.us - lastUs);
    }
    lastUs = v.us;
    worstSyncUs = std::max<int64_t>(worstSyncUs, std::llabs(v.us - a.us));
  }
}

void jumpsOfAnHourAreSmoothed() {
  for (const int64_t jumpMs : {3600000, -3600000, 5000, -5000}) {
    StreamClock clock;
    int64_t last = 0, step = 0, sync = 0;
    play(clock, 0, 4000, last, step, sync, [](int64_t ms, int) { return uint32_t(5000000 + ms); });
    play(clock, 4000, 8000, last, step, sync, [&](int64_t ms, int) { return uint32_t(5000000 + jumpMs + ms); });
    CHECK(step <= 41000);
    CHECK(sync == 0);
    CHECK(clock.epoch() == 0);
  }
}

void soundMayJumpLaterThanThePicture() {
  StreamClock clock;
  int64_t last = 0, step = 0, sync = 0;
  const auto late = [](int64_t ms, int track) { return uint32_t(ms < 4000 + track * 200 ? 9000000 + ms : ms); };
  play(clock, 0, 8000, last, step, sync, late);
  CHECK(step <= 41000);
  // In between the sound goes on over the old mapping, which is where it belongs.
  CHECK(sync <= 1000);
}

void aStallOfTheNetworkIsNoJump() {
  StreamClock clock;
  clock.map(StreamClock::Video, 0, kStart);
  // Six seconds of nothing, then all of it at once.
  for (int64_t ms = 40; ms < 6000; ms += 40) {
    const StreamClock::Time t = clock.map(StreamClock::Video, uint32_t(ms), kStart + 6000000);
    CHECK(!t.jumped && t.us == kStart + ms * 1000);
  }
}

void aPictureThatStandsStillForLongIsNoJump() {
  StreamClock clock;
  clock.map(StreamClock::Video, 0, kStart);
  const StreamClock::Time t = clock.map(StreamClock::Video, 9000, kStart + 9000000);
  CHECK(!t.jumped && t.us == kStart + 9000000);
}

void aNewConnectionIsANewEpochThatGoesOn() {
  StreamClock clock;
  clock.map(StreamClock::Video, 70000, kStart);
  clock.map(StreamClock::Video, 70040, kStart + 40000);
  clock.lost();
  const StreamClock::Time t = clock.map(StreamClock::Video, 0, kStart + 3040000);
  CHECK(t.epoch == 1 && t.us == kStart + 3040000);
  CHECK(clock.map(StreamClock::Audio, 21, kStart + 3050000).us == kStart + 3061000);
}

void quietIsOnlyAnEpochIfTheTimeHasChanged() {
  StreamClock same;
  same.map(StreamClock::Video, 0, kStart);
  same.quiet();
  StreamClock::Time t = same.map(StreamClock::Video, 5000, kStart + 5000000);
  CHECK(t.epoch == 0 && t.us == kStart + 5000000);

  StreamClock other;
  other.map(StreamClock::Video, 900, kStart);
  other.quiet();
  other.headerSeen();
  t = other.map(StreamClock::Video, 1000, kStart + 5000000);
  CHECK(t.jumped && t.epoch == 1 && t.us == kStart + 5000000);
}

void aTakeoverWithinTheSameSecondGoesOn() {
  StreamClock clock;
  clock.map(StreamClock::Video, 1000, kStart);
  clock.map(StreamClock::Audio, 1000, kStart);
  clock.headerSeen();
  // The new encoder began 700 ms of its own time later than the old one was: without the header it would pass for a gap.
  const StreamClock::Time v = clock.map(StreamClock::Video, 1700, kStart + 40000);
  CHECK(v.jumped && v.epoch == 0 && v.us == kStart + 40000);
  const StreamClock::Time a = clock.map(StreamClock::Audio, 1700, kStart + 41000);
  CHECK(!a.jumped && a.us == v.us);
}

}  // namespace

int main() {
  RUN(aWrapIsAStepLikeAnyOther);
  RUN(passingTheBoundariesOfFullCountersChangesNothing);
  RUN(soundThatBeginsBehindTheWrapJoinsThePicture);
  RUN(theFirstTagLiesAtItsArrival);
  RUN(jumpsOfAnHourAreSmoothed);
  RUN(soundMayJumpLaterThanThePicture);
  RUN(aStallOfTheNetworkIsNoJump);
  RUN(aPictureThatStandsStillForLongIsNoJump);
  RUN(aNewConnectionIsANewEpochThatGoesOn);
  RUN(quietIsOnlyAnEpochIfTheTimeHasChanged);
  RUN(aTakeoverWithinTheSameSecondGoesOn);
  return 0;
}
