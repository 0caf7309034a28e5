// The source clock against simulated cameras: which frame is shown on which tick, over minutes and hours in no time.
#include "compositor/source_clock.h"

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "clock/frame_clock.h"
#include "test/check.h"

using namespace vistter;

namespace {

struct Camera {
  double fps = 30;
  double ppm = 0;            // How much its clock is fast.
  bool rounded = true;       // Stamps in whole ms, as RTMP has them.
  double baseUs = 40e3;      // Least time from a frame's moment to when it can be shown.
  double jitterUs = 0;       // Uniform on top of it.
  double startUs = 1234567;  // Program time of its first frame, and so its phase.
  double changeUs = 1e18;    // From this moment of its own on
  double changeByUs = 0;     // its frames lie elsewhere between the ticks.
  double soundLagUs = -1;    // Least lag of the newest sample; -1: no sound. A saw tooth of one AAC packet goes on top.
  std::function<double(int64_t, double)> delay;  // More for frame k, by its moment.
};

struct Noise {
  uint64_t state;
  uint32_t below(uint32_t n) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return uint32_t(state >> 33) % n;
  }
};

struct Outcome {
  int64_t shown = 0, repeats = 0, skips = 0;
  double firstShownAfterUs = -1;
  double meanLatencyUs = 0, mostLatencyUs = 0;
  double worstErrorUs = 0;   // Of picture against sound.
  int longestRun = 0;        // Of ticks without a new frame.
  std::vector<double> events;  // Program times of repeats and skips.
  double endMarginUs = 0;
};

constexpr double kOffset = 77e9;  // The camera's stamps have nothing to do with our clock.

Outcome play(const Camera& camera, const FrameClock& clock, double seconds, double countFromUs = 2e6, int holdFrames = 12) {
  Noise random{uint64_t(camera.startUs) + uint64_t(camera.fps * 1000)};
  SourceClock source(clock.intervalUs(), holdFrames);
  struct Frame {
    int64_t k;
    int64_t ptsUs;
    double readyUs;
    double momentUs;
  };
  std::deque<Frame> coming, waiting;
  Outcome o;
  int64_t k = 0, last = -1;
  double lastReady = 0, latency = 0;
  int run = 0;
  const double step = 1e6 / camera.fps;
  const int64_t firstTick = clock.frameAt(int64_t(camera.startUs * 1000));
  const int64_t ticks = int64_t(seconds * 1e6 / clock.intervalUs());
  std::vector<int64_t> pts;
  for (int64_t n = firstTick; n < firstTick + ticks; n++) {
    const double due = clock.dueUs(n);
    // Frames up to a second ahead of now, so that late ones come in their own time.
    for (;; k++) {
      const double moment = camera.startUs + double(k) * step / (1 + camera.ppm * 1e-6);
      if (moment > due + 1e6) break;
      const double change = moment - camera.startUs > camera.changeUs ? camera.changeByUs : 0;
      double stamp = kOffset + double(k) * step + change;
      if (camera.rounded) stamp = std::round(stamp / 1000) * 1000;
      double ready = moment + change + camera.baseUs + camera.jitterUs * random.below(10000) / 10000.0;
      if (camera.delay) ready += camera.delay(k, moment - camera.startUs);
      lastReady = ready = std::max(ready, lastReady + 100);
      coming.push_back({k, int64_t(std::llround(stamp)), ready, moment});
    }
    while (!coming.empty() && coming.front().readyUs <= due) {
      source.onFrame(coming.front().ptsUs, int64_t(coming.front().readyUs));
      waiting.push_back(coming.front());
      coming.pop_front();
    }
    if (camera.soundLagUs >= 0 && due > camera.startUs + camera.soundLagUs) {
      const double packet = 1024 / 0.048;
      const double at = (due - camera.startUs - camera.soundLagUs) * (1 + camera.ppm * 1e-6);
      source.onSound(int64_t(kOffset + std::floor(at / packet) * packet), int64_t(due));
    }
    source.tick(due);
    pts.clear();
    for (const Frame& f : waiting) pts.push_back(f.ptsUs);
    const int taken = source.pick(pts.data(), int(pts.size()), due, last >= 0);
    const bool counting = due > camera.startUs + countFromUs;
    if (taken > 0) {
      const Frame& f = waiting[size_t(taken - 1)];
      if (o.firstShownAfterUs < 0) o.firstShownAfterUs = due - f.readyUs;
      if (counting) {
        o.shown++;
        o.skips += taken - 1;
        if (taken > 1) o.events.push_back(due);
        latency += due - f.readyUs;
        o.mostLatencyUs = std::max(o.mostLatencyUs, due - f.readyUs);
        const double error = std::fabs(due - (double(f.ptsUs) + source.offsetUs()));
        o.worstErrorUs = std::max(o.worstErrorUs, error);
      }
      last = f.k;
      waiting.erase(waiting.begin(), waiting.begin() + taken);
      run = 0;
    } else if (counting && last >= 0) {
      o.repeats++;
      o.events.push_back(due);
      o.longestRun = std::max(o.longestRun, ++run);
    }
  }
  o.meanLatencyUs = o.shown ? latency / double(o.shown) : 0;
  o.endMarginUs = source.marginUs();
  return o;
}

void steadySourcesNeverRepeatOrSkip() {
  // Every phase against the ticks, stamps rounded to ms, arrival uneven by up to 20 ms.
  for (int phase = 0; phase < 33; phase++) {
    for (const double jitter : {0.0, 8e3, 20e3}) {
      Camera c;
      c.startUs = 5e6 + phase * 1010;
      c.jitterUs = jitter;
      const Outcome o = play(c, {30, 1}, 60);
      CHECK(o.repeats == 0);
      CHECK(o.skips == 0);
      CHECK(o.meanLatencyUs < 2.1 * 33333);
      CHECK(o.worstErrorUs < 1500);
    }
  }
}

void otherWholeRatesAreAsSteady() {
  struct Case {
    double fps;
    FrameClock clock;
    double repeatsASecond, skipsASecond;
  };
  const Case cases[] = {
      {60, {30, 1}, 0, 30},          {30, {60, 1}, 30, 0},       {50, {25, 1}, 0, 25},        {15, {30, 1}, 15, 0},
      {30000.0 / 1001, {30000, 1001}, 0, 0}, {60000.0 / 1001, {30000, 1001}, 0, 29.97}, {25, {25, 1}, 0, 0}, {60, {60, 1}, 0, 0},
      {50, {50, 1}, 0, 0},
  };
  for (const Case& c : cases) {
    for (int phase = 0; phase < 8; phase++) {
      Camera camera;
      camera.fps = c.fps;
      camera.jitterUs = 5e3;
      camera.startUs = 9e6 + phase * 4321;
      const Outcome o = play(camera, c.clock, 30);
      CHECK_NEAR(double(o.repeats), c.repeatsASecond * 28, 3);
      CHECK_NEAR(double(o.skips), c.skipsASecond * 28, 3);
    }
  }
}

void unevenRatesKeepAnEvenCadence() {
  struct Case {
    double fps;
    FrameClock clock;
  };
  for (const Case& c : {Case{25, {30, 1}}, Case{24, {30, 1}}, Case{50, {30, 1}}, Case{30, {25, 1}}, Case{23.976, {60, 1}}}) {
    Camera camera;
    camera.fps = c.fps;
    camera.jitterUs = 5e3;
    const Outcome o = play(camera, c.clock, 62);
    const double program = double(c.clock.num) / double(c.clock.den);
    const double repeats = std::max(0.0, program - c.fps) * 60, skips = std::max(0.0, c.fps - program) * 60;
    CHECK_NEAR(double(o.repeats), repeats, 3);
    CHECK_NEAR(double(o.skips), skips, 3);
    CHECK(o.longestRun <= (program > 2 * c.fps ? 2 : 1));
    CHECK(o.worstErrorUs < c.clock.intervalUs() / 2 + 5000);
  }
}

void nearlyTheSameRateTurnsOnceAtATime() {
  // 29.97 into 30: one repeat in 33 s, and never a repeat with a skip beside it.
  Camera camera;
  camera.fps = 30000.0 / 1001;
  camera.jitterUs = 3e3;
  const Outcome o = play(camera, {30, 1}, 602);
  CHECK_NEAR(double(o.repeats), 600 * (30 - 30000.0 / 1001), 1.1);
  CHECK(o.skips == 0);
}

void driftIsFollowedByOneFrameAtATime() {
  for (const double ppm : {300.0, -300.0, 50.0, -50.0}) {
    Camera camera;
    camera.ppm = ppm;
    camera.jitterUs = 6e3;
    camera.soundLagUs = 30e3;
    const Outcome o = play(camera, {30, 1}, 3600);
    const double expected = std::fabs(ppm) * 1e-6 * 3600 * 30;
    const int64_t right = ppm > 0 ? o.skips : o.repeats, wrong = ppm > 0 ? o.repeats : o.skips;
    printf("  %+.0f ppm: %lld repeats, %lld skips in an hour, picture against sound at most %.1f ms, latency %.1f ms\n", ppm,
           (long long)o.repeats, (long long)o.skips, o.worstErrorUs / 1000, o.meanLatencyUs / 1000);
    CHECK_NEAR(double(right), expected, 2);
    CHECK(wrong == 0);
    CHECK(o.worstErrorUs < 22e3);
    CHECK(o.meanLatencyUs < 100e3);
    for (size_t i = 1; i < o.events.size(); i++) CHECK(o.events[i] - o.events[i - 1] > 10e6);
  }
}

void theFirstFrameIsShownAtOnce() {
  for (int phase = 0; phase < 10; phase++) {
    Camera camera;
    camera.startUs = 3e6 + phase * 3300;
    const Outcome o = play(camera, {30, 1}, 1, 0);
    CHECK(o.firstShownAfterUs >= 0);
    CHECK(o.firstShownAfterUs < 100e3);
  }
}

void aBurstOfCachedFramesIsCaughtUpWith() {
  // Two seconds of them come within a quarter of a second; then live.
  Camera camera;
  camera.jitterUs = 5e3;
  camera.delay = [](int64_t k, double) { return k < 60 ? (60 - double(k)) * (33333 - 4000) : 0.0; };
  const Outcome o = play(camera, {30, 1}, 30, 4e6);
  CHECK(o.repeats == 0);
  CHECK(o.skips == 0);
  CHECK(o.mostLatencyUs < 90e3);
}

void soundThatComesLaterThanThePictureIsWaitedFor() {
  Camera camera;
  camera.soundLagUs = 100e3;  // The picture's is 40 ms.
  const Outcome o = play(camera, {30, 1}, 60);
  CHECK(o.repeats == 0);
  CHECK(o.meanLatencyUs > 75e3);
  CHECK(o.meanLatencyUs < 150e3);
}

void jitterRaisesTheMarginAndCalmLowersIt() {
  Camera camera;
  camera.jitterUs = 4e3;
  // From the 10th to the 40th second the network is bad: every ninth frame is 70 ms late, and those behind it with it.
  camera.delay = [](int64_t k, double moment) { return moment > 10e6 && moment < 40e6 && k % 9 == 0 ? 70e3 : 0.0; };
  const Outcome bad = play(camera, {30, 1}, 40, 25e6);
  printf("  bad network: %lld repeats after 15 s of it, margin %.1f ms\n", (long long)bad.repeats, bad.endMarginUs / 1000);
  CHECK(bad.repeats == 0);
  CHECK(bad.endMarginUs > 60e3);
  const Outcome after = play(camera, {30, 1}, 2400, 2300e6);
  CHECK(after.repeats == 0);
  CHECK(after.endMarginUs < 40e3);
  CHECK(after.meanLatencyUs < 80e3);
}

void aStallIsLivedThrough() {
  // 1.5 s of nothing, then all of it in a burst, as TCP does it.
  Camera camera;
  camera.jitterUs = 3e3;
  camera.delay = [](int64_t, double moment) { return moment > 20e6 && moment < 21.5e6 ? 21.5e6 - moment : 0.0; };
  const Outcome o = play(camera, {30, 1}, 60, 24e6);
  CHECK(o.repeats <= 1);
  CHECK(o.skips <= 1);
  CHECK(o.meanLatencyUs < 120e3);
}

void aSourceThatFallsBackForGoodIsFollowedSoon() {
  Camera camera;
  camera.delay = [](int64_t, double moment) { return moment > 20e6 ? 300e3 : 0.0; };
  const Outcome o = play(camera, {30, 1}, 60, 21.2e6);
  CHECK(o.repeats <= 2);
  CHECK(o.meanLatencyUs < 150e3);
}

void aCameraThatComesLaterStaysWithItsSound() {
  // As when an encoder turns to B-frames: from one frame to the next they come later, and lie elsewhere between the ticks.
  double worst = 0;
  for (int later = 0; later <= 120; later += 6) {
    for (int phase = 0; phase < 33; phase += 4) {
      for (const double jitter : {0.0, 4e3, 12e3}) {
        Camera camera;
        camera.jitterUs = jitter;
        camera.soundLagUs = 30e3;
        camera.changeUs = 10e6;
        camera.changeByUs = phase * 1e3;
        camera.delay = [later](int64_t, double moment) { return moment > 10e6 ? later * 1e3 : 0.0; };
        const Outcome o = play(camera, {30, 1}, 20, 12e6);
        worst = std::max(worst, o.worstErrorUs);
        CHECK(o.worstErrorUs < 33e3);
      }
    }
  }
  printf("  picture against sound at most %.1f ms two seconds after it came later\n", worst / 1000);
}

void aJumpOfStampsLocksOnAnew() {
  for (const double jump : {3600e6, -3600e6, 0.4e6, -0.4e6}) {
    SourceClock source(33333.333, 12);
    int64_t shown = 0;
    std::deque<int64_t> waiting;
    std::vector<int64_t> pts;
    int without = 0, most = 0;
    for (int k = 0; k < 300; k++) {
      const double now = 50e6 + k * 33333.333;
      const int64_t stamp = int64_t(7e9 + k * 33333.333 + (k >= 150 ? jump : 0));
      if (!waiting.empty() && stamp <= waiting.back()) waiting.clear();
      source.onFrame(stamp, int64_t(now - 12e3));
      waiting.push_back(stamp);
      source.tick(now);
      pts.assign(waiting.begin(), waiting.end());
      const int taken = source.pick(pts.data(), int(pts.size()), now, shown > 0);
      waiting.erase(waiting.begin(), waiting.begin() + taken);
      shown += taken > 0;
      without = taken > 0 ? 0 : without + 1;
      if (k > 10) most = std::max(most, without);
    }
    CHECK(most <= 14);  // 450 ms.
    CHECK(shown > 280);
  }
}

void aFileGoesByItsStampsAlone() {
  const FrameClock clock{30, 1};
  for (const double fps : {30.0, 25.0, 24.0, 60.0}) {
    SourceClock source(clock.intervalUs(), 12);
    const double start = clock.dueUs(1000);
    source.fix(start);
    std::deque<int64_t> waiting;
    std::vector<int64_t> pts;
    int64_t k = 0, at = -1;
    double worst = 0;
    for (int64_t n = 1000; n < 4000; n++) {
      while (waiting.size() < 8) {
        waiting.push_back(int64_t(std::llround(double(k) * 1000 / fps)) * 1000);
        source.onFrame(waiting.back(), 0);
        k++;
      }
      source.tick(clock.dueUs(n));
      pts.assign(waiting.begin(), waiting.end());
      const int taken = source.pick(pts.data(), int(pts.size()), clock.dueUs(n), at >= 0);
      if (taken) at = pts[size_t(taken - 1)];
      waiting.erase(waiting.begin(), waiting.begin() + taken);
      if (n == 1000) CHECK(at == 0);
      if (n > 1010) worst = std::max(worst, std::fabs(double(at) - (clock.dueUs(n) - start)));
      if (fps == 30 || fps == 60) CHECK_NEAR(double(at), clock.dueUs(n) - start, 1001);
    }
    CHECK(worst < clock.intervalUs() / 2 + 4600);
  }
}

void delayIsAddedAndKeepsThePhase() {
  SourceClock source(33333.333, 24);
  source.setDelay(200e3);
  std::deque<int64_t> waiting;
  std::vector<int64_t> pts;
  int64_t repeats = 0;
  double age = 0;
  for (int k = 0; k < 600; k++) {
    const double now = 60e6 + k * 33333.333;
    waiting.push_back(int64_t(k * 33333.333));
    source.onFrame(waiting.back(), int64_t(now - 5e3));
    source.tick(now);
    pts.assign(waiting.begin(), waiting.end());
    const int taken = source.pick(pts.data(), int(pts.size()), now, k > 0);
    if (k > 100) {
      repeats += taken != 1;
      age = now - 60e6 - double(pts[0]);
    }
    waiting.erase(waiting.begin(), waiting.begin() + taken);
  }
  CHECK(repeats == 0);
  CHECK(age > 200e3);
  CHECK(age < 290e3);
}

void timesThatCannotBeDoNoHarm() {
  SourceClock source(33333, 12);
  const int64_t times[] = {INT64_MIN, -1, -500001, 0, INT64_MAX, 1, -12345678901};
  for (const int64_t readyUs : times) {
    for (const int64_t ptsUs : times) {
      source.onFrame(ptsUs, readyUs);
      source.tick(double(readyUs));
    }
  }
}

}  // namespace

int main() {
  RUN(timesThatCannotBeDoNoHarm);
  RUN(steadySourcesNeverRepeatOrSkip);
  RUN(otherWholeRatesAreAsSteady);
  RUN(unevenRatesKeepAnEvenCadence);
  RUN(nearlyTheSameRateTurnsOnceAtATime);
  RUN(driftIsFollowedByOneFrameAtATime);
  RUN(theFirstFrameIsShownAtOnce);
  RUN(aBurstOfCachedFramesIsCaughtUpWith);
  RUN(soundThatComesLaterThanThePictureIsWaitedFor);
  RUN(jitterRaisesTheMarginAndCalmLowersIt);
  RUN(aStallIsLivedThrough);
  RUN(aSourceThatFallsBackForGoodIsFollowedSoon);
  RUN(aCameraThatComesLaterStaysWithItsSound);
  RUN(aJumpOfStampsLocksOnAnew);
  RUN(aFileGoesByItsStampsAlone);
  RUN(delayIsAddedAndKeepsThePhase);
}
