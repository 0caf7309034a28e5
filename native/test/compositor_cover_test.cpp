// What lies over the program: on its frames, with its sound, and what goes on beneath. And pictures that stand.
#include <cmath>

#include "compositor/render_state.h"
#include "test/compositor_stage.h"
#include "test/check.h"

using namespace vistter;

namespace {

using Films = std::vector<std::string>;

const auto shared = Stage::shared;

/// Grey pictures g1 to g5, and what is seen of them.
struct Greys : Stage {
  Greys() {
    for (int g = 1; g <= 5; g++) state.pictures["g" + std::to_string(g)] = plain(uint8_t(40 * g));
  }
  static double luma(double g) { return 16 + 40 * g * 219 / 255.0; }
  static std::shared_ptr<const Scene> one(int g) { return shared(sceneOf("scene" + std::to_string(g), {layer(("g" + std::to_string(g)).c_str())})); }
  void overlay(int g) {
    Layer l = layer(("g" + std::to_string(g)).c_str(), 0.75, 0.25);
    l.fit = Fit::Fill;
    state.setOverlays(std::make_shared<const std::vector<Layer>>(std::vector<Layer>{l}));
  }
  void coverAt(int64_t frame, std::shared_ptr<const Scene> scene, bool fills = true, const Transition& t = {}, Films films = {}) {
    state.coverAt(frame, {std::move(scene), fills, t, std::move(films)});
  }
  /// One tick; what is seen in the middle of the overlay's place.
  int corner() { return tick(290, 165); }
};

Transition way(TransitionKind kind, int frames) {
  Transition t;
  t.kind = kind;
  t.frames = frames;
  return t;
}

void itCutsInAndOutOnItsFrames() {
  for (const bool inOverlay : {false, true}) {
    Greys s;
    s.take(Greys::one(1), {});
    s.overlay(5);
    s.tick();
    const int64_t n0 = s.n;
    s.coverAt(n0 + 3, Greys::one(2));
    s.coverAt(n0 + 8, nullptr, false);
    for (int i = 0; i < 12; i++) {
      const bool covered = i >= 3 && i < 8;
      // Full-frame, it hides overlays.
      CHECK_NEAR(inOverlay ? s.corner() : s.tick(), covered ? Greys::luma(2) : Greys::luma(inOverlay ? 5 : 1), 1);
      CHECK(s.seen->stats.coverId == (covered ? "scene2" : ""));
      CHECK(s.seen->stats.sceneId == "scene1" && !s.seen->stats.inTransition && !s.seen->stats.coverInTransition);
    }
  }
}

void aSmallOneLeavesTheProgramAndLiesUnderOverlays() {
  Greys s;
  s.take(Greys::one(1), {});
  s.overlay(5);
  s.coverAt(s.n, shared(sceneOf("small", {layer("g3", 0.5, 0.5)})), false);
  CHECK_NEAR(s.tick(), Greys::luma(1), 1);
  CHECK_NEAR(s.tick(180, 110), Greys::luma(3), 1);
  CHECK_NEAR(s.corner(), Greys::luma(5), 1);
}

void itFadesInAndOutOnItsFrames() {
  Greys s;
  s.take(Greys::one(1), {});
  s.tick();
  const int64_t n0 = s.n;
  s.coverAt(n0 + 2, Greys::one(3), true, way(TransitionKind::Fade, 4));
  s.coverAt(n0 + 10, nullptr, false, way(TransitionKind::Fade, 5));
  for (int i = 0; i < 20; i++) {
    const double share = i < 2 ? 0 : i < 6 ? (i - 1) / 5.0 : i < 10 ? 1 : i < 15 ? 1 - (i - 9) / 6.0 : 0;
    CHECK_NEAR(s.tick(), Greys::luma(1 + 2 * share), 1.5);
    CHECK(s.seen->stats.coverInTransition == ((i >= 2 && i < 6) || (i >= 10 && i < 15)));
    CHECK(s.seen->stats.coverId == (i >= 2 && i < 10 ? "scene3" : ""));
  }
}

void aSmallOneMovesInItsOwnPlace() {
  Greys s;
  s.take(Greys::one(1), {});
  s.tick();
  // A quarter in the middle, half way through: its left half is still the program.
  s.coverAt(s.n, shared(sceneOf("small", {layer("g3", 0.25, 0.5)})), false, way(TransitionKind::Wipe, 1));
  const int64_t n = s.n;
  const auto at = [&](int x) {
    s.n = n;
    return s.tick(x, 90);
  };
  CHECK_NEAR(at(90), Greys::luma(1), 1);
  CHECK_NEAR(s.tick(90, 90), Greys::luma(3), 1);
  s.coverAt(s.n, nullptr, false, way(TransitionKind::Wipe, 1));
  // From the right: there it is gone first.
  CHECK_NEAR(s.tick(230, 90), Greys::luma(1), 1);
  s.coverAt(s.n, shared(sceneOf("small", {layer("g3", 0.25, 0.5)})), false);
  s.tick();
  s.coverAt(s.n, nullptr, false, way(TransitionKind::Wipe, 1));
  CHECK_NEAR(s.tick(90, 90), Greys::luma(3), 1);
}

void theNewestWordCounts() {
  Greys s;
  s.take(Greys::one(1), {});
  const int64_t n0 = s.n;
  s.coverAt(n0 + 2, Greys::one(2));
  s.coverAt(n0 + 20, nullptr, false);
  // Another comes over it, and what was to happen later does not.
  s.coverAt(n0 + 6, Greys::one(3));
  for (int i = 0; i < 25; i++) CHECK_NEAR(s.tick(), Greys::luma(i < 2 ? 1 : i < 6 ? 2 : 3), 1);
  // Before it has begun.
  s.coverAt(0, nullptr, false);
  CHECK_NEAR(s.tick(), Greys::luma(1), 1);
  s.coverAt(s.n + 3, Greys::one(2));
  s.coverAt(s.n + 1, nullptr, false);
  for (int i = 0; i < 6; i++) CHECK_NEAR(s.tick(), Greys::luma(1), 1);
}

void theProgramGoesOnBeneath() {
  Greys s;
  s.take(Greys::one(1), {});
  s.tick();
  const int64_t n0 = s.n;
  s.takeAt(n0 + 2, Greys::one(2), way(TransitionKind::Fade, 19));
  Plan plan{{n0 + 30, shared(sceneOf("scene2", {layer("g4")}))}};
  s.state.plan("scene2", 0, plan);
  s.coverAt(n0 + 5, Greys::one(5));
  s.coverAt(n0 + 15, nullptr, false);
  s.coverAt(n0 + 15, nullptr, false);
  for (int i = 0; i < 35; i++) {
    const double program = i < 2 ? 1 : i < 21 ? 1 + (i - 1) / 20.0 : i < 30 ? 2 : 4;
    CHECK_NEAR(s.tick(), Greys::luma(i >= 5 && i < 15 ? 5 : program), 1.5);
    CHECK(s.seen->stats.inTransition == (i >= 2 && i < 21));
  }
}

void aTransitionOfTheProgramIsSeenUnderASmallOne() {
  Greys s;
  s.take(Greys::one(1), {});
  s.overlay(5);
  s.tick();
  s.take(Greys::one(2), way(TransitionKind::Fade, 9));
  s.coverAt(s.n, shared(sceneOf("small", {layer("g4", 0.5, 0.5)})), false, way(TransitionKind::Fade, 4));
  const int64_t n0 = s.n;
  for (int i = 0; i < 12; i++) {
    const double program = i < 9 ? 1 + (i + 1) / 10.0 : 2;
    const double share = i < 4 ? (i + 1) / 5.0 : 1;
    if (i % 3 == 0) CHECK_NEAR(s.tick(), Greys::luma(program), 1.5);
    else if (i % 3 == 1) CHECK_NEAR(s.tick(180, 110), Greys::luma(program + (4 - program) * share), 2.5);
    else CHECK_NEAR(s.corner(), Greys::luma(5), 1);
  }
  CHECK(s.n == n0 + 12);
}

void framesThatAreSkippedShiftNothing() {
  // The clock leaps from before its first frame into its last transition.
  Greys s;
  s.take(Greys::one(1), {});
  s.tick();
  const int64_t n0 = s.n;
  s.coverAt(n0 + 2, Greys::one(3), true, way(TransitionKind::Fade, 4));
  s.coverAt(n0 + 10, nullptr, false, way(TransitionKind::Fade, 9));
  s.state.skipped(14);
  s.n += 14;
  for (int i = 14; i < 22; i++) CHECK_NEAR(s.tick(), Greys::luma(1 + 2 * (i < 19 ? 1 - (i - 9) / 10.0 : 0)), 1.5);
  // Or beyond its end.
  const int64_t n1 = s.n;
  s.coverAt(n1 + 2, Greys::one(3));
  s.coverAt(n1 + 10, nullptr, false, way(TransitionKind::Fade, 4));
  s.state.skipped(30);
  s.n += 30;
  CHECK_NEAR(s.tick(), Greys::luma(1), 1);
  CHECK(s.state.sources.empty());
}

/// Two films that sound, a at 0.5 and b at 0.25, both from frame `due` on.
struct Heard : Greys {
  std::unique_ptr<RingProducer> a = add("a", true), b = add("b", true);
  Heard() {
    float level = 0.5f;
    for (auto* film : {a.get(), b.get()}) {
      std::vector<float> loud(2 * 60000, level);
      film->anchorAudio(0, 0, 0);
      film->writeAudio(loud.data(), 60000);
      level /= 2;
    }
    for (const char* id : {"a", "b"}) state.sources[id]->playFrom(clock.dueUs(n), 0, 0);
  }
  std::vector<double> peaks(int count) {
    std::vector<double> all;
    for (int i = 0; i < count; i++) {
      tick();
      all.push_back(peak());
    }
    return all;
  }
};

void itsSoundIsHeardAndWhatIsBeneathIsSilent() {
  Heard s;
  s.take(shared(sceneOf("p", {layer("a")})), {});
  for (int i = 0; i < 5; i++) s.tick();
  s.peak();
  const int64_t n0 = s.n;
  s.coverAt(n0 + 5, shared(sceneOf("c", {layer("b")})), true);
  s.coverAt(n0 + 15, nullptr, false);
  // Heard one tick behind the picture; a cut takes a ramp of 5 ms, in whose chunk both are.
  const std::vector<double> peaks = s.peaks(20);
  for (int i = 0; i < 20; i++) {
    if (i == 6 || i == 16) CHECK(peaks[size_t(i)] <= 0.76);
    else CHECK_NEAR(peaks[size_t(i)], i > 6 && i < 16 ? 0.25 : 0.5, 0.001);
  }
}

void soundFadesWithIt() {
  Heard s;
  s.take(shared(sceneOf("p", {layer("a")})), {});
  for (int i = 0; i < 5; i++) s.tick();
  s.peak();
  const int64_t n0 = s.n;
  s.coverAt(n0 + 2, shared(sceneOf("c", {layer("b")})), true, way(TransitionKind::Fade, 9));
  const std::vector<double> peaks = s.peaks(16);
  for (int i = 3; i < 13; i++) {
    const auto sum = [](double p) { return 0.5 * std::cos(p * 1.5708) + 0.25 * std::sin(p * 1.5708); };
    const double before = (i - 3) / 10.0, after = (i - 2) / 10.0;
    CHECK_NEAR(peaks[size_t(i)], std::max(sum(before), sum(after)), 0.01);
  }
  CHECK_NEAR(peaks[14], 0.25, 0.001);
}

void underASmallOneTheProgramIsHeard() {
  Heard s;
  s.take(shared(sceneOf("p", {layer("a")})), {});
  for (int i = 0; i < 5; i++) s.tick();
  s.coverAt(s.n, shared(sceneOf("c", {layer("b", 0.5, 0.5)})), false);
  s.peaks(3);
  for (double peak : s.peaks(5)) CHECK_NEAR(peak, 0.75, 0.001);
}

void anEmergencyWithoutSoundIsSilent() {
  Heard s;
  s.take(shared(sceneOf("p", {layer("a")})), {});
  for (int i = 0; i < 5; i++) s.tick();
  s.coverAt(0, shared(sceneOf("c", {layer("slate")})), true);
  s.peaks(3);
  for (double peak : s.peaks(5)) CHECK(peak == 0);
  s.coverAt(0, nullptr, false);
  s.peaks(3);
  for (double peak : s.peaks(5)) CHECK_NEAR(peak, 0.5, 0.001);
}

void filmsBeginWithTheFrameThatFirstShowsThem() {
  for (const int how : {0, 1, 2}) {
    Greys s;
    auto film = s.add("film", true);
    const auto greyOf = [](int64_t k) { return int(20 + k); };
    int64_t made = 0;
    const auto tick = [&] {
      while (made < 100 && Stage::frame(*film, made, uint8_t(greyOf(made)))) made++;
      return s.tick();
    };
    s.take(Greys::one(1), {});
    for (int i = 0; i < 5; i++) tick();
    const int64_t first = s.n + (how == 0 ? 0 : 7);
    const auto scene = shared(sceneOf("film", {layer("film")}));
    if (how == 0) s.state.take({scene, false, {}, {"film", "nobody"}});
    else if (how == 1) s.state.takeAt(first, {scene, false, {}, {"film"}});
    else s.coverAt(first, scene, true, {}, {"film"});
    for (int i = 0; i < 30; i++) {
      const int64_t n = s.n;
      const int seen = tick();
      if (n >= first) CHECK(seen == greyOf(n - first));
    }
  }
}

void aFilmInPlaceOfACameraGoesOnBeneath() {
  Greys s;
  auto camera = s.add("camera", false, "film");
  auto film = s.add("film", true);
  int64_t made = 0;
  const auto tick = [&] {
    while (made < 200 && Stage::frame(*film, made, uint8_t(20 + made))) made++;
    return s.tick();
  };
  s.take(shared(sceneOf("p", {layer("camera")})), {});
  for (int i = 0; i < 60; i++) tick();
  const int before = tick();
  CHECK(before > 25);
  s.coverAt(s.n, Greys::one(1));
  s.coverAt(s.n + 20, nullptr, false);
  for (int i = 0; i < 20; i++) CHECK_NEAR(tick(), Greys::luma(1), 1);
  CHECK(tick() == before + 21);
}

/// A camera whose every frame is another grey.
struct Moving : Heard {
  std::unique_ptr<RingProducer> camera = add("camera", false);
  int64_t k = 0;
  int live(int x = 10, int y = 10) {
    static const std::vector<float> loud(2 * 800, 0.5f);
    if (a->audioRoom() >= 800) a->writeAudio(loud.data(), 800);
    Stage::frame(*camera, k, uint8_t(40 + k % 150));
    k++;
    return tick(x, y);
  }
  std::shared_ptr<const Scene> with(bool frozen) {
    Scene scene = sceneOf("t", {layer("camera"), layer("a", 0, 0.01)});
    scene.frozen = frozen;
    return shared(scene);
  }
};

void aFrozenSceneStandsAndIsSilent() {
  Moving s;
  s.overlay(5);
  s.take(s.with(false), {});
  for (int i = 0; i < 90; i++) s.live();
  const int64_t at = s.n + 4;
  Plan plan{{at, s.with(true)}, {at + 40, s.with(false)}};
  s.state.plan("t", 0, plan);
  int held = 0;
  for (int i = 0; i < 4; i++) held = s.live(100, 100);
  CHECK(s.live(100, 100) == held + 1);
  s.peak();
  s.live(100, 100);
  s.peak();
  for (int i = 2; i < 40; i++) {
    CHECK(s.live(100, 100) == held + 1);
    CHECK(s.peak() == 0);
    // It gives slots back: the camera's ring does not run full.
    CHECK(s.rings[2]->free() >= 5);
    // Overlays above it come and go.
    if (i == 20) s.overlay(4);
  }
  CHECK(s.live(100, 100) > held + 30);
  s.live();
  CHECK(s.peak() > 0.4);
  CHECK_NEAR(s.live(290, 165), Greys::luma(4), 1);
}

void oneThatFreezesUnderACoverKeepsThatFrame() {
  Moving s;
  s.take(s.with(false), {});
  for (int i = 0; i < 90; i++) s.live();
  s.coverAt(s.n, Greys::one(1));
  s.coverAt(s.n + 20, nullptr, false);
  Plan plan{{s.n + 5, s.with(true)}};
  s.state.plan("t", 0, plan);
  const int before = s.live(100, 100);
  CHECK_NEAR(before, Greys::luma(1), 1);
  const int64_t k = s.k;
  for (int i = 1; i < 20; i++) s.live();
  const int held = s.live(100, 100);
  CHECK(held == s.live(100, 100));
  // As it was at that frame, behind the camera's small buffer.
  CHECK(held <= int(40 + (k + 4) % 150) && held >= int(40 + (k - 1) % 150));
  // Another take ends it.
  s.take(Greys::one(2), {});
  CHECK_NEAR(s.live(100, 100), Greys::luma(2), 1);
}

void aFilmStandsForAWhileAsItWasToldAhead() {
  Stage s;
  auto film = s.add("film", true), later = s.add("later", true);
  const int64_t due = s.n;
  const auto greyOf = [](int64_t k) { return uint8_t(20 + k); };
  int64_t made[2] = {0, 0};
  s.take(Stage::shared(sceneOf("t", {layer("film"), layer("later", 0.5, 0.5)})), {});
  s.state.sources["film"]->playFrom(s.clock.dueUs(due), 0, 0);
  // This one is to begin in what is to be the pause, and so begins after it.
  s.state.sources["later"]->playFrom(s.clock.dueUs(due + 25), 0, 0);
  const auto tick = [&](int x, int y) {
    RingProducer* rings[] = {film.get(), later.get()};
    for (int i = 0; i < 2; i++) while (made[i] < 200 && Stage::frame(*rings[i], made[i], greyOf(made[i]))) made[i]++;
    return s.tick(x, y);
  };
  for (int i = 0; i < 10; i++) CHECK(tick(10, 10) == greyOf(i));
  // Said at once: it stands from the 20th frame on, and goes on with the 50th.
  for (const char* id : {"film", "later"}) {
    s.state.sources[id]->holdFrom(s.clock.dueUs(due + 20));
    s.state.sources[id]->playFrom(s.clock.dueUs(due + (id[0] == 'f' ? 30 : 55)), 0, s.clock.dueUs(due + 50));
  }
  for (int i = 10; i < 80; i++) {
    const int moved = i < 20 ? i : i < 50 ? 20 : i - 30;
    if (i % 2 == 0) CHECK(tick(10, 10) == greyOf(moved));
    else CHECK(tick(200, 120) == greyOf(std::max(0, i - 55)));
  }
  // What was said last counts.
  s.state.sources["film"]->holdFrom(s.clock.dueUs(due + 85));
  s.state.sources["film"]->playFrom(s.clock.dueUs(due + 40), 0, s.clock.dueUs(due + 90));
  s.state.sources["film"]->playFrom(s.clock.dueUs(due + 30), 0, s.clock.dueUs(due + 80));
  for (int i = 80; i < 100; i++) CHECK(tick(10, 10) == greyOf(i - 30));
}

void aMixGoesOnWithinItsArea() {
  Greys s;
  Scene scene = sceneOf("t", {layer("g1")});
  Mix mix;
  mix.from.push_back({layer("g2", 0.25, 0.5), nullptr});
  mix.to.push_back({layer("g3", 0.25, 0.5), nullptr});
  mix.transition = way(TransitionKind::Wipe, 1);
  mix.area = {0.25, 0.25, 0.5, 0.5};
  scene.nodes.push_back({Layer(), std::make_shared<const Mix>(mix)});
  s.take(shared(scene), {});
  CHECK_NEAR(s.tick(10, 90), Greys::luma(1), 1);
  CHECK_NEAR(s.tick(90, 90), Greys::luma(2), 1);
  CHECK_NEAR(s.tick(150, 90), Greys::luma(2), 1);
  CHECK_NEAR(s.tick(170, 90), Greys::luma(3), 1);
  CHECK_NEAR(s.tick(310, 90), Greys::luma(1), 1);
}

/// What the scene of that id has shown: frames in which something of it was not there, and in which nothing was.
std::pair<int, int> missing(const Stage& s, const char* id) {
  for (const CoverCounts& c : s.seen->stats.covers) {
    if (c.sceneId == id) return {int(c.missed), int(c.blank)};
  }
  return {-1, -1};
}

void framesInWhichSomethingOfItWasNotThereAreCounted() {
  Greys s;
  s.take(Greys::one(1), {});
  auto film = s.add("film", true);
  s.state.sources["film"]->playFrom(s.clock.dueUs(s.n), 0, s.clock.dueUs(s.n));
  s.coverAt(s.n, shared(sceneOf("spot", {layer("film")})));
  // The slate stands in for it, then it is there.
  for (int i = 0; i < 5; i++) s.tick();
  CHECK(missing(s, "spot") == std::make_pair(5, 5));
  for (int i = 5; i < 25; i++) {
    CHECK(Stage::frame(*film, i, 100));
    s.tick();
  }
  CHECK(missing(s, "spot") == std::make_pair(5, 5));
  // It stalls: twelve frames are a stutter, what its last picture stands after that is not it.
  for (int i = 0; i < 12; i++) s.tick();
  CHECK(missing(s, "spot") == std::make_pair(5, 5));
  for (int i = 0; i < 10; i++) s.tick();
  CHECK(missing(s, "spot") == std::make_pair(15, 15));
  // Beside a picture that is there, and on the way out.
  s.coverAt(s.n, shared(sceneOf("both", {layer("film"), layer("g3", 0.5, 0.5)})));
  for (int i = 0; i < 4; i++) s.tick();
  s.coverAt(s.n, nullptr, false, way(TransitionKind::Fade, 3));
  for (int i = 0; i < 8; i++) s.tick();
  CHECK(missing(s, "both") == std::make_pair(7, 0));
  CHECK(missing(s, "spot") == std::make_pair(15, 15));
  // A film at its end, and a source that nobody knows.
  film->setState(ProducerState::Ended);
  s.coverAt(s.n, shared(sceneOf("over", {layer("film")})));
  s.tick();
  s.coverAt(s.n, shared(sceneOf("nobody", {layer("nobody")})));
  s.tick();
  CHECK(missing(s, "over") == std::make_pair(1, 1));
  CHECK(missing(s, "nobody") == std::make_pair(1, 1));
}

}  // namespace

int main() {
  RUN(itCutsInAndOutOnItsFrames);
  RUN(aSmallOneLeavesTheProgramAndLiesUnderOverlays);
  RUN(itFadesInAndOutOnItsFrames);
  RUN(aSmallOneMovesInItsOwnPlace);
  RUN(theNewestWordCounts);
  RUN(theProgramGoesOnBeneath);
  RUN(aTransitionOfTheProgramIsSeenUnderASmallOne);
  RUN(framesThatAreSkippedShiftNothing);
  RUN(itsSoundIsHeardAndWhatIsBeneathIsSilent);
  RUN(soundFadesWithIt);
  RUN(underASmallOneTheProgramIsHeard);
  RUN(anEmergencyWithoutSoundIsSilent);
  RUN(filmsBeginWithTheFrameThatFirstShowsThem);
  RUN(aFilmInPlaceOfACameraGoesOnBeneath);
  RUN(aFrozenSceneStandsAndIsSilent);
  RUN(oneThatFreezesUnderACoverKeepsThatFrame);
  RUN(aFilmStandsForAWhileAsItWasToldAhead);
  RUN(aMixGoesOnWithinItsArea);
  RUN(framesInWhichSomethingOfItWasNotThereAreCounted);
}
