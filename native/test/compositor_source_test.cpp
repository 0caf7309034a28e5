// Sources over a real ring, with the time given by the test: files to the frame and sample, cameras that go and come back.
#include "compositor/source.h"

#include <unistd.h>

#include <vector>

#include "clock/frame_clock.h"
#include "ring/producer.h"
#include "test/check.h"

using namespace vistter;

namespace {

constexpr uint32_t kWidth = 32, kHeight = 16;
const FrameClock kClock{30, 1};

/// A source with the producer's end of its ring.
struct Stage {
  explicit Stage(bool file, uint32_t slots = 12, int64_t delayUs = 0) : source(options(file, slots, delayUs), kClock.intervalUs()) { reopen(); }

  static SourceOptions options(bool file, uint32_t slots, int64_t delayUs) {
    SourceOptions o;
    o.id = "s";
    o.file = file;
    o.slots = slots;
    o.delayUs = delayUs;
    return o;
  }

  void reopen() {
    int fd = -1;
    ring = std::shared_ptr<Ring>(Ring::create(source.options.slots, kWidth, kHeight, 1 << 16, !source.options.file, fd));
    close(fd);
    producer = std::make_unique<RingProducer>(ring->header());
    producer->setState(ProducerState::Running);
    source.attach(ring);
    samples = 0;
  }

  /// Publishes a picture whose first pixel is `mark`. False: no slot is free.
  bool picture(int64_t ptsUs, uint8_t mark, int64_t readyUs = 0, uint32_t epoch = 0, uint32_t flags = 0) {
    const int slot = producer->claim(epoch);
    if (slot < 0) return false;
    producer->pixels(slot)[0] = mark;
    PictureInfo info;
    info.width = kWidth;
    info.height = kHeight;
    info.ptsUs = ptsUs;
    info.durationUs = 33333;
    info.epoch = epoch;
    info.flags = flags;
    producer->publish(slot, info);
    ring->header()->slots[slot].readyUs = readyUs;
    return true;
  }

  /// Samples numbered from the last anchor on.
  void sound(int count) {
    std::vector<float> data(size_t(count) * 2);
    for (int i = 0; i < count; i++) data[2 * i] = data[2 * i + 1] = float(samples + i) / (1 << 20);
    producer->writeAudio(data.data(), uint64_t(count));
    samples += count;
  }

  void anchor(uint32_t epoch, int64_t ptsUs) {
    producer->anchorAudio(epoch, ptsUs, 0);
    samples = 0;
  }

  /// The tick of frame `n`; returns the mark on show, -1 without a picture.
  int tick(int64_t n) {
    source.advance(kClock.dueUs(n), int64_t(kClock.dueUs(n)));
    heard = source.readSound(1600, out);
    return source.picture() ? source.picture()->y[0] : -1;
  }

  /// Number of the sample heard first in the chunk before the tick; -1 for silence.
  int64_t firstSample() const { return heard ? int64_t(std::lround(double(out[0]) * (1 << 20))) : -1; }

  Source source;
  std::shared_ptr<Ring> ring;
  std::unique_ptr<RingProducer> producer;
  int64_t samples = 0;
  bool heard = false;
  float out[3200];
};

int64_t at(int k) { return int64_t(std::llround(k * 1e6 / 30)); }

void aFileIsHeldThenPlayedToTheFrameAndSample() {
  Stage s(true);
  s.anchor(0, at(0));
  s.sound(16000);
  for (int k = 0; k < 10; k++) CHECK(s.picture(at(k), uint8_t(k)));
  for (int64_t n = 1000; n < 1010; n++) CHECK(s.tick(n) == 0);
  CHECK(s.source.state() == SourceState::Live);
  CHECK(!s.heard);
  s.source.setPlaying(true);
  for (int k = 0; k < 5; k++) {
    CHECK(s.tick(1010 + k) == k);
    if (k > 0) CHECK(s.firstSample() == (k - 1) * 1600);
    if (k > 0) CHECK(s.out[2 * 1599] == float((k - 1) * 1600 + 1599) / (1 << 20));
  }
  s.source.setPlaying(false);
  for (int64_t n = 1015; n < 1020; n++) CHECK(s.tick(n) == 4);
  s.source.setPlaying(true);
  CHECK(s.tick(1020) == 5);
  CHECK(s.tick(1021) == 6);
  CHECK(s.out[2 * 1599] == float(5 * 1600 + 1599) / (1 << 20));
}

/// As when a file is opened in its midst, with a keyframe far back.
void aFileWhoseSoundIsThereFirstShowsItsPictureWhileItIsHeld() {
  Stage s(true);
  s.anchor(0, at(300));
  s.sound(16000);
  for (int64_t n = 1000; n < 1005; n++) CHECK(s.tick(n) == -1);
  for (int k = 0; k < 6; k++) CHECK(s.picture(at(300 + k), uint8_t(10 + k)));
  for (int64_t n = 1005; n < 1010; n++) CHECK(s.tick(n) == 10);
  s.source.setPlaying(true);
  for (int k = 0; k < 5; k++) {
    CHECK(s.tick(1010 + k) == 10 + k);
    if (k > 0) CHECK(s.firstSample() == (k - 1) * 1600);
  }
}

void aSeekStartsAtItsFirstFrame() {
  Stage s(true, 6);
  s.source.setPlaying(true);
  for (int k = 0; k < 6; k++) CHECK(s.picture(at(k), uint8_t(k)));
  CHECK(!s.picture(at(6), 6));
  CHECK(s.tick(2000) == 0);
  CHECK(s.tick(2001) == 1);
  // Another epoch: what waits of the old one is dropped, its slots go back, the last picture stays until there is a new one.
  CHECK(s.picture(at(500), 100, 0, 1));
  CHECK(s.tick(2002) == 100);
  CHECK(s.tick(2003) == 100);
  for (int k = 1; k < 5; k++) CHECK(s.picture(at(500 + k), uint8_t(100 + k), 0, 1));
  for (int k = 2; k < 5; k++) CHECK(s.tick(2002 + k) == 100 + k);
  s.source.setPlaying(false);
  CHECK(s.tick(2007) == 104);
  CHECK(s.picture(at(7), 7, 0, 2));
  CHECK(s.tick(2008) == 7);
  CHECK(s.tick(2009) == 7);
}

void aSeekVoidsTheSoundBeforeIt() {
  Stage s(true, 6);
  s.source.setPlaying(true);
  s.anchor(0, 0);
  s.sound(48000);
  CHECK(s.picture(at(0), 0));
  s.tick(100);
  s.tick(101);
  CHECK(s.firstSample() == 0);
  s.anchor(1, at(900));
  s.sound(8000);
  CHECK(s.picture(at(900), 9, 0, 1));
  s.tick(102);
  s.tick(103);
  CHECK(s.firstSample() == 0);  // Of the new ones.
  CHECK(s.ring->header()->audioRead.load() >= 48000);
}

void aFilesDelayHoldsItsFirstFrame() {
  Stage s(true, 12, 100000);
  s.source.setPlaying(true);
  for (int k = 0; k < 8; k++) CHECK(s.picture(at(k), uint8_t(k)));
  const int shown[] = {0, 0, 0, 0, 1, 2, 3};
  for (int k = 0; k < 7; k++) CHECK(s.tick(500 + k) == shown[k]);
  s.source.setPlaying(false);
  CHECK(s.tick(507) == 3);
  s.source.setPlaying(true);
  CHECK(s.tick(508) == 4);
}

void aFileThatEndsShowsAllOfItFirst() {
  Stage s(true);
  s.source.setPlaying(true);
  for (int k = 0; k < 4; k++) CHECK(s.picture(at(k), uint8_t(k)));
  s.producer->setState(ProducerState::Ended);
  for (int k = 0; k < 4; k++) {
    CHECK(s.tick(300 + k) == k);
    CHECK(!s.source.pictureGone());
  }
  s.tick(304);
  CHECK(s.source.state() == SourceState::Ended);
  CHECK(s.source.pictureGone() && s.source.soundGone());
}

void framesThatComeLateShiftNothing() {
  Stage s(true);
  s.source.setPlaying(true);
  for (int k = 0; k < 3; k++) CHECK(s.picture(at(k), uint8_t(k)));
  for (int k = 0; k < 3; k++) CHECK(s.tick(300 + k) == k);
  CHECK(s.tick(303) == 2);
  CHECK(s.tick(304) == 2);
  CHECK(s.source.counts.repeated == 2);
  for (int k = 3; k < 8; k++) CHECK(s.picture(at(k), uint8_t(k)));
  CHECK(s.tick(305) == 5);
  CHECK(s.source.counts.skipped == 2);
  CHECK(s.tick(306) == 6);
}

/// Feeds a camera for `ticks` from frame `n` on, its frames ready 10 ms before each tick.
int64_t live(Stage& s, int64_t n, int ticks, int64_t& k, uint32_t epoch = 0, int64_t stampUs = 0) {
  for (int i = 0; i < ticks; i++, n++, k++) {
    CHECK(s.picture(stampUs + at(int(k)), uint8_t(k), int64_t(kClock.dueUs(n)) - 10000, epoch));
    s.tick(n);
  }
  return n;
}

void aCameraThatStopsIsGoneInTimeAndComesBack() {
  for (const bool says : {false, true}) {
    Stage s(false);
    int64_t k = 0;
    int64_t n = live(s, 30000, 60, k);
    CHECK(s.source.state() == SourceState::Live);
    if (says) s.producer->setState(ProducerState::Waiting);
    int without = 0;
    while (!s.source.pictureGone()) {
      s.tick(n++);
      without++;
    }
    CHECK_NEAR(without, 11, 2);
    s.producer->setState(ProducerState::Running);
    int64_t back = n;
    n = live(s, n, 1, k);
    CHECK(s.source.pictureGone());  // One frame is not yet a picture that moves.
    n = live(s, n, 4, k);
    CHECK(!s.source.pictureGone());
    CHECK(n - back <= 5);
  }
}

int ticksUntilGone(Stage& s, int64_t& n) {
  int without = 0;
  for (; !s.source.pictureGone(); without++) s.tick(n++);
  return without;
}

void aCameraThatComesInBurstsIsWaitedForFromTheFirstHoleOn() {
  Stage s(false, 22);
  int64_t k = 0;
  int64_t n = live(s, 30000, 60, k);
  const auto burst = [&](int ticks) {
    int gone = 0;
    for (int i = 0; i < ticks; i++, n++) {
      s.tick(n);
      gone += s.source.pictureGone() ? 1 : 0;
    }
    for (int i = 0; i < ticks; i++, k++) CHECK(s.picture(at(int(k)), uint8_t(k), int64_t(kClock.dueUs(n)) - 10000));
    return gone;
  };
  CHECK(burst(18) > 0);
  for (int i = 0; i < 20; i++) {
    const int gone = burst(18);
    CHECK(i == 0 ? gone <= 2 : gone == 0);  // Back with the second frame after the first hole.
  }
  CHECK_NEAR(ticksUntilGone(s, n), 29, 2);  // One and a half of the holes, once the last pictures have been shown.
  n = live(s, n, 30 * 61, k);
  CHECK_NEAR(ticksUntilGone(s, n), 11, 2);  // What is over for a minute is forgotten.
}

void aCameraThatStoodForLongIsNotWaitedForLonger() {
  Stage s(false);
  int64_t k = 0;
  int64_t n = live(s, 30000, 60, k);
  for (int i = 0; i < 3; i++) {
    CHECK_NEAR(ticksUntilGone(s, n), 11, 2);
    for (int t = 0; t < 60; t++) s.tick(n++);
    k += 71;
    n = live(s, n, 30, k);
  }
}

void aSlowCameraIsNotGoneBetweenItsFrames() {
  Stage s(false);
  int64_t n = 90000;
  for (int k = 0; k < 40; k++) {
    CHECK(s.picture(int64_t(k) * 333333, uint8_t(k), int64_t(kClock.dueUs(n))));  // 3 frames a second.
    for (int i = 0; i < 10; i++) s.tick(n++);
    if (k > 5) CHECK(s.source.state() != SourceState::Gone);
  }
}

void whatNeverSentStaysAwaitedWhenTimeIsSkipped() {
  Stage s(false);
  int64_t n = 90000;
  s.tick(n++);
  s.source.skipped(2e6);
  for (n += 60; n < 90100; n++) s.tick(n);
  CHECK(s.source.state() == SourceState::Waiting);
  CHECK(s.source.ageUs(kClock.dueUs(n)) == -1);
}

void aStillStaysForEver() {
  Stage s(false, 3);
  CHECK(s.picture(0, 42, int64_t(kClock.dueUs(1000)), 0, kSlotStill));
  for (int64_t n = 1000; n < 4000; n++) CHECK(s.tick(n) == 42);
  CHECK(s.source.state() == SourceState::Live);
  s.source.detach();
  for (int64_t n = 4000; n < 4300; n++) CHECK(s.tick(n) == 42);
  CHECK(s.source.counts.repeated == 0);
}

void aNewRingTakesOverWithoutAHole() {
  Stage s(false);
  int64_t k = 0;
  int64_t n = live(s, 30000, 60, k);
  const auto old = s.source.picture();
  s.source.detach();
  s.reopen();
  for (int i = 0; i < 8; i++) {
    s.tick(n++);
    CHECK(s.source.picture() == old);
    CHECK(!s.source.pictureGone());
  }
  k = 100;
  n = live(s, n, 3, k, 0, int64_t(5e9));
  CHECK(s.source.picture() != old);
  CHECK(s.source.state() == SourceState::Live);
}

void anotherEpochOfACameraIsLockedOnToWithoutAHole() {
  Stage s(false);
  int64_t k = 0;
  int64_t n = live(s, 30000, 60, k);
  int worst = 0, same = 0, before = -1;
  for (int i = 0; i < 60; i++, n++, k++) {
    CHECK(s.picture(int64_t(900e9) + at(int(k)), uint8_t(k), int64_t(kClock.dueUs(n)) - 10000, 1));
    const int shown = s.tick(n);
    CHECK(!s.source.pictureGone());
    same = shown == before ? same + 1 : 0;
    worst = std::max(worst, same);
    before = shown;
  }
  CHECK(worst <= 2);
}

void soundAloneIsNotGone() {
  Stage s(false);
  s.anchor(0, 0);
  int64_t n = 60000;
  for (int i = 0; i < 90; i++) {
    s.sound(1600);
    s.tick(n++);
    CHECK(!s.source.pictureGone());
  }
  CHECK(s.source.state() == SourceState::Live);
  CHECK(s.heard);
  CHECK(s.source.picture() == nullptr);
  for (int i = 0; i < 20; i++) s.tick(n++);
  CHECK(s.source.state() == SourceState::Gone);
}

/// A camera comes back with sound and no picture: what has its time again, from another moment, or another decoder's.
void soundThatGoesOnWithoutAPictureIsHeardAndTheFallbackStandsIn() {
  enum How { SameTime, AnotherEpoch, AnotherRing };
  for (const How how : {SameTime, AnotherEpoch, AnotherRing}) {
    Stage s(false);
    s.anchor(0, at(0));
    int64_t n = 30000, k = 0;
    const auto both = [&](uint32_t epoch) {
      s.sound(1600);
      n = live(s, n, 1, k, epoch);
    };
    for (int i = 0; i < 60; i++) both(0);
    CHECK(s.heard && !s.source.pictureGone());
    const uint32_t epoch = how == AnotherEpoch ? 1 : 0;
    if (how == AnotherRing) {
      s.source.detach();
      s.reopen();
    }
    if (how == AnotherEpoch) for (int i = 0; i < 90; i++) s.tick(n++);
    if (how != SameTime) s.anchor(epoch, at(1000));
    for (int i = 0; i < 150; i++) {
      s.sound(1600);
      s.tick(n++);
      if (i == 0 && how != AnotherEpoch) CHECK(!s.source.pictureGone());
      if (i >= 70) CHECK(s.heard && !s.source.soundGone());
      if (i >= 70 && how != SameTime) CHECK(s.source.state() == SourceState::Live && s.source.ageUs(kClock.dueUs(n)) < 100e3);
      if (i >= 70) CHECK(s.source.pictureGone());  // Not the last picture for ever.
    }
    k = how == SameTime ? k + 150 : 1150;
    for (int i = 0; i < 30; i++) both(epoch);
    CHECK(s.source.state() == SourceState::Live && !s.source.pictureGone());
    CHECK(s.heard);
    for (int i = 0; i < 15; i++) s.tick(n++);
    CHECK(s.source.pictureGone() && s.source.soundGone());
  }
}

void aFullRingGivesItsSlotsBackInTurn() {
  // Nobody ticks for a while: the producer goes round, and when the ticks go on it always finds a slot again.
  Stage s(false, 6);
  int64_t k = 0;
  int64_t n = live(s, 30000, 30, k);
  for (int i = 0; i < 300; i++, k++) CHECK(s.picture(at(int(k)), uint8_t(k), int64_t(kClock.dueUs(n + i)) - 10000));
  n += 300;
  n = live(s, n, 60, k);
  CHECK(s.source.state() == SourceState::Live);
  CHECK(s.source.dropped() > 250);
}

void whatIsNoSoundIsSilence() {
  Stage s(true);
  s.anchor(0, at(0));
  s.sound(1600);
  const float bad[] = {NAN, INFINITY, -INFINITY, 1e30f, 0.5f, -64.0f, -65.0f, 0.25f};
  std::vector<float> data(2 * 1600, 0.125f);
  std::copy(std::begin(bad), std::end(bad), data.begin());
  s.producer->writeAudio(data.data(), 1600);
  s.sound(8000);
  for (int k = 0; k < 8; k++) CHECK(s.picture(at(k), uint8_t(k)));
  s.source.setPlaying(true);
  for (int n = 0; n < 3; n++) s.tick(1000 + n);
  const float wanted[] = {0, 0, 0, 0, 0.5f, -64.0f, 0, 0.25f, 0.125f};
  for (int i = 0; i < 9; i++) CHECK(s.out[i] == wanted[i]);
  CHECK(std::isfinite(s.source.meter.power[0]) && std::isfinite(s.source.meter.power[1]));
}

void aProducerThatGivesWhatIsNotItsToGiveFillsNothing() {
  Stage s(true);
  for (int k = 0; k < 12; k++) CHECK(s.picture(at(100 + k), uint8_t(k)));
  s.tick(1000);
  // All slots are in the consumer's hands; the producer says Ready of them, at each tick, of times far ahead.
  for (int64_t n = 1001; n < 1100; n++) {
    for (uint32_t i = 0; i < 12; i++) {
      s.ring->header()->slots[i].ptsUs = (int64_t(1) << 40) + n;
      s.ring->header()->slots[i].sequence += 12;
      s.ring->header()->slots[i].state = uint32_t(SlotState::Ready);
    }
    std::vector<Ring::Taken> taken;
    s.ring->take(taken, 1);
    CHECK(taken.empty());
    s.tick(n);
  }
}

void nonsenseInTheRingIsNotBelieved() {
  Stage s(false);
  int64_t k = 0;
  int64_t n = live(s, 30000, 30, k);
  for (int i = 0; i < 4; i++) {
    const int slot = s.producer->claim(0);
    PictureInfo info;
    info.width = i == 0 ? 100000 : kWidth;
    info.height = i == 1 ? 0xffffffffu : kHeight;
    info.ptsUs = i == 2 ? INT64_MIN : at(int(k));
    if (i == 3) info.width = 1;
    s.producer->publish(slot, info);
    s.tick(n++);
  }
  // Times that cannot be: it was ready when it was taken, and the picture goes on.
  for (const int64_t readyUs : {int64_t(INT64_MIN), int64_t(-1), int64_t(-500001), int64_t(INT64_MAX)}) {
    CHECK(s.picture(at(int(k)), uint8_t(k), readyUs));
    s.tick(n++);
    k++;
    CHECK(s.source.state() == SourceState::Live);
    CHECK(std::fabs(s.source.clock().offsetUs() + at(int(k)) - kClock.dueUs(n)) < 200e3);
  }
  const PictureRef shown = s.source.picture();
  CHECK(s.picture(INT64_MAX, 1, int64_t(kClock.dueUs(n)), 0, ~0u));
  for (int i = 0; i < 5; i++) CHECK(s.tick(n++) != 1 || s.source.picture() == shown);
  s.ring->header()->slotCount = 5000;
  s.ring->header()->audioCapacity = ~0ull;
  s.anchor(0, INT64_MAX);
  s.producer->header()->audioWritten.store(~0ull >> 1);
  s.producer->header()->hasAudio.store(1);
  for (int i = 0; i < 10; i++) s.tick(n++);
}

}  // namespace

int main() {
  RUN(aFileIsHeldThenPlayedToTheFrameAndSample);
  RUN(aFileWhoseSoundIsThereFirstShowsItsPictureWhileItIsHeld);
  RUN(aSeekStartsAtItsFirstFrame);
  RUN(aSeekVoidsTheSoundBeforeIt);
  RUN(aFilesDelayHoldsItsFirstFrame);
  RUN(aFileThatEndsShowsAllOfItFirst);
  RUN(framesThatComeLateShiftNothing);
  RUN(aCameraThatStopsIsGoneInTimeAndComesBack);
  RUN(aCameraThatComesInBurstsIsWaitedForFromTheFirstHoleOn);
  RUN(aCameraThatStoodForLongIsNotWaitedForLonger);
  RUN(aSlowCameraIsNotGoneBetweenItsFrames);
  RUN(whatNeverSentStaysAwaitedWhenTimeIsSkipped);
  RUN(aStillStaysForEver);
  RUN(aNewRingTakesOverWithoutAHole);
  RUN(anotherEpochOfACameraIsLockedOnToWithoutAHole);
  RUN(soundAloneIsNotGone);
  RUN(soundThatGoesOnWithoutAPictureIsHeardAndTheFallbackStandsIn);
  RUN(aFullRingGivesItsSlotsBackInTurn);
  RUN(whatIsNoSoundIsSilence);
  RUN(aProducerThatGivesWhatIsNotItsToGiveFillsNothing);
  RUN(nonsenseInTheRingIsNotBelieved);
}
