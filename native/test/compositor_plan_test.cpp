// Scenes that change by plan: to the frame, with mixes in them, and films that are placed on the program's time.
#include <cmath>

#include "compositor/render_state.h"
#include "test/compositor_stage.h"
#include "test/check.h"

using namespace vistter;

namespace {

Node mixOf(std::vector<Layer> from, std::vector<Layer> to, int step, int frames, TransitionKind kind = TransitionKind::Fade) {
  Mix mix;
  for (const Layer& l : from) mix.from.push_back({l, nullptr});
  for (const Layer& l : to) mix.to.push_back({l, nullptr});
  mix.transition.kind = kind;
  mix.transition.frames = frames;
  mix.step = step;
  return {Layer(), std::make_shared<const Mix>(std::move(mix))};
}

void aSceneChangesOnTheFramesThatWerePlanned() {
  Stage s;
  for (int g = 1; g <= 5; g++) s.state.pictures["g" + std::to_string(g)] = Stage::plain(uint8_t(40 * g));
  const auto one = [](int g) { return Stage::shared(sceneOf("t", {layer(("g" + std::to_string(g)).c_str())})); };
  const auto luma = [](int g) { return 16 + std::lround(40 * g * 219 / 255.0); };
  s.take(one(1), {});
  Plan plan{{s.n + 3, one(2)}, {s.n + 4, one(3)}, {s.n + 8, one(4)}};
  const int64_t n0 = s.n;
  s.state.plan("t", n0, plan);
  CHECK(plan.empty());
  for (int i = 0; i < 6; i++) CHECK_NEAR(s.tick(), luma(i < 3 ? 1 : i == 3 ? 2 : 3), 1);
  // An edit: what was planned from a frame on is replaced, what lies before it stays; what is let go comes back.
  Plan edit{{n0 + 7, one(5)}};
  s.state.plan("t", n0 + 7, edit);
  CHECK(edit.size() == 1 && edit.front().frame == n0 + 8);
  for (int i = 6; i < 12; i++) CHECK_NEAR(s.tick(), luma(i < 7 ? 3 : 5), 1);
  // Another scene's plan waits until that is on program; of what has passed by then the last holds.
  Plan other{{s.n + 1, Stage::shared(sceneOf("u", {layer("g1")}))}, {s.n + 2, Stage::shared(sceneOf("u", {layer("g2")}))}, {s.n + 9, Stage::shared(sceneOf("u", {layer("g3")}))}};
  s.state.plan("u", 0, other);
  for (int i = 0; i < 4; i++) CHECK_NEAR(s.tick(), luma(5), 1);
  s.take(Stage::shared(sceneOf("u", {layer("g4")})), {});
  for (int i = 4; i < 12; i++) CHECK_NEAR(s.tick(), luma(i < 9 ? 2 : 3), 1);
}

void bothSidesOfATransitionGoOnByTheirPlans() {
  Stage s;
  for (int g = 1; g <= 4; g++) s.state.pictures["g" + std::to_string(g)] = Stage::plain(uint8_t(50 * g));
  s.take(Stage::shared(sceneOf("a", {layer("g1")})), {});
  s.tick();
  Transition fade;
  fade.kind = TransitionKind::Fade;
  fade.frames = 9;
  const int64_t start = s.n + 2;
  s.takeAt(start, Stage::shared(sceneOf("b", {layer("g2")})), fade);
  Plan a{{start + 4, Stage::shared(sceneOf("a", {layer("g3")}))}};
  Plan b{{start + 4, Stage::shared(sceneOf("b", {layer("g4")}))}};
  s.state.plan("a", 0, a);
  s.state.plan("b", 0, b);
  const auto luma = [](double g) { return 16 + 50 * g * 219 / 255.0; };
  for (int64_t n = s.n; n < start + 12; n = s.n) {
    const double p = n < start ? 0 : std::min(1.0, double(n - start + 1) / 10);
    const double from = n < start + 4 ? 1 : 3, to = n < start + 4 ? 2 : 4;
    CHECK_NEAR(s.tick(), luma(from + (to - from) * p), 2);
  }
}

void theNewestTakeCounts() {
  Stage s;
  for (int g = 1; g <= 4; g++) s.state.pictures["g" + std::to_string(g)] = Stage::plain(uint8_t(50 * g));
  const auto one = [](int g) { return Stage::shared(sceneOf(std::to_string(g), {layer(("g" + std::to_string(g)).c_str())})); };
  const auto luma = [](int g) { return 16 + std::lround(50 * g * 219 / 255.0); };
  s.take(one(1), {});
  s.tick();
  // One that is to begin yet does not come over what was taken after it was asked for.
  s.takeAt(s.n + 3, one(2), {});
  s.tick();
  s.take(one(3), {});
  for (int i = 0; i < 6; i++) CHECK_NEAR(s.tick(), luma(3), 1);
  // Of two to come, one that is to begin before stays.
  const int64_t n = s.n;
  s.takeAt(n + 2, one(1), {});
  s.takeAt(n + 6, one(2), {});
  s.takeAt(n + 4, one(4), {});
  for (int i = 0; i < 9; i++) CHECK_NEAR(s.tick(), luma(i < 2 ? 3 : i < 4 ? 1 : 4), 1);
}

void aMixDrawsOverWhatLiesBelowAndUnderWhatLiesAbove() {
  Stage s;
  s.state.pictures["base"] = Stage::plain(0);
  s.state.pictures["left"] = Stage::plain(100);
  s.state.pictures["right"] = Stage::plain(200);
  s.state.pictures["top"] = Stage::plain(255);
  Scene scene = sceneOf("t", {layer("base")});
  // In the upper left quarter one goes over into the other; the corner at the lower right is the top's.
  scene.nodes.push_back(mixOf({layer("left", 0, 0.5)}, {layer("right", 0, 0.5)}, 4, 9));
  scene.nodes.push_back({layer("top", 0.75, 0.25), nullptr});
  s.take(Stage::shared(scene), {});
  CHECK_NEAR(s.tick(20, 20), 16 + 150 * 219 / 255.0, 2);
  CHECK_NEAR(s.tick(200, 20), 16, 1);
  CHECK_NEAR(s.tick(300, 170), 235, 1);
  // Towards nothing it comes from what lies below.
  scene.nodes[1] = mixOf({}, {layer("right", 0, 0.5)}, 4, 9);
  s.take(Stage::shared(scene), {});
  CHECK_NEAR(s.tick(20, 20), 16 + 100 * 219 / 255.0, 2);
  CHECK_NEAR(s.tick(200, 20), 16, 1);
  // A mix in a mix.
  Mix outer;
  outer.from.push_back(mixOf({layer("left")}, {layer("right")}, 4, 9));
  outer.to.push_back({layer("base"), nullptr});
  outer.transition.kind = TransitionKind::Fade;
  outer.transition.frames = 9;
  outer.step = 4;
  Scene nested = sceneOf("t", {});
  nested.nodes.push_back({Layer(), std::make_shared<const Mix>(outer)});
  s.take(Stage::shared(nested), {});
  CHECK_NEAR(s.tick(20, 20), 16 + 75 * 219 / 255.0, 2);
}

void aFilmIsShownAndHeardAtItsPlaceInTime() {
  for (const int late : {0, 7}) {
    Stage s;
    auto film = s.add("film", true);
    s.state.pictures["base"] = Stage::plain(0);
    s.take(Stage::shared(sceneOf("t", {layer("base")})), {});
    const int64_t due = s.n + 10;
    const auto greyOf = [](int64_t k) { return uint8_t(20 + k); };
    int64_t made = 5;  // It was opened at its frame 5, which belongs at `due`.
    const auto fill = [&] { while (made < 120 && Stage::frame(*film, made, greyOf(made))) made++; };
    s.state.sources["film"]->playFrom(s.clock.dueUs(due), 5 * 1e6 / 60, 0);
    Plan plan{{due, Stage::shared(sceneOf("t", {layer("film")}))}};
    s.state.plan("t", 0, plan);
    if (late == 0) fill();
    CHECK(s.state.sources["film"]->ready() == (late == 0 ? false : false));
    for (; s.n < due + 40;) {
      const int64_t n = s.n;
      if (n >= due + late) fill();
      const int seen = s.tick();
      if (n < due) CHECK(seen == 16);
      if (n == due - 1) CHECK(s.state.sources["film"]->ready() == (late == 0));
      // One that came late has caught up and nothing has shifted.
      if (n >= due + late + 3) CHECK(seen == greyOf(5 + n - due));
      else if (n >= due && late == 0) CHECK(seen == greyOf(5 + n - due));
    }
  }
}

void soundThatIsPlacedIsReadyOnceItIsThere() {
  Stage s;
  auto sound = s.add("sound", true);
  Source& source = *s.state.sources["sound"];
  source.options.soundOnly = true;
  s.take(Stage::shared(sceneOf("t", {})), {});
  source.playFrom(s.clock.dueUs(s.n + 10), 0, 0);
  s.tick();
  CHECK(!source.ready());
  std::vector<float> some(2 * 4800, 0.1f);
  sound->anchorAudio(0, 0, 0);
  sound->writeAudio(some.data(), 4800);
  s.tick();
  CHECK(source.ready());
  // Of another decoder there is none yet.
  sound = s.renew("sound");
  s.tick();
  CHECK(!source.ready());
}

void aFilmStandsAndGoesOnOnTheFramesThatWereNamed() {
  Stage s;
  auto film = s.add("film", true);
  const int64_t due = s.n;
  const auto greyOf = [](int64_t k) { return uint8_t(20 + k); };
  Source& source = *s.state.sources["film"];
  source.playFrom(s.clock.dueUs(due), 0, 0);
  s.take(Stage::shared(sceneOf("t", {layer("film")})), {});
  int64_t made = 0;
  const auto tick = [&] {
    while (made < 200 && Stage::frame(*film, made, greyOf(made))) made++;
    return s.tick();
  };
  for (int i = 0; i < 10; i++) CHECK(tick() == greyOf(i));
  // Told three frames before, it stands from the fourteenth on.
  source.holdFrom(s.clock.dueUs(due + 13));
  for (int i = 10; i < 30; i++) CHECK(tick() == greyOf(std::min(i, 13)));
  // Its time goes on at the 35th frame as if none had passed, though it is told three frames before.
  for (int i = 30; i < 32; i++) tick();
  source.playFrom(s.clock.dueUs(due + 35 - 13), 0, s.clock.dueUs(due + 35));
  for (int i = 32; i < 50; i++) CHECK(tick() == greyOf(i < 35 ? 13 : 13 + i - 35));
}

void aDecoderThatComesAgainJoinsInWhereItShould() {
  Stage s;
  auto film = s.add("film", true);
  const int64_t due = s.n;
  const auto greyOf = [](int64_t k) { return uint8_t(20 + k); };
  s.state.sources["film"]->playFrom(s.clock.dueUs(due), 0, 0);
  s.take(Stage::shared(sceneOf("t", {layer("film")})), {});
  int64_t made = 0;
  const auto fill = [&] { while (made < 200 && Stage::frame(*film, made, greyOf(made))) made++; };
  for (int i = 0; i < 20; i++) {
    fill();
    CHECK(s.tick() == greyOf(s.n - 1 - due));
  }
  s.state.sources["film"]->detach();
  for (int i = 0; i < 5; i++) s.tick();
  // Its next life begins anew, from further on.
  film = s.renew("film");
  made = s.n - due + 2;
  for (int i = 0; i < 20; i++) {
    fill();
    const int seen = s.tick();
    if (i > 3) CHECK(seen == greyOf(s.n - 1 - due));
  }
}

void theNearestPictureIsShown() {
  // 25 a second into 60: each tick shows the one whose time is nearest to its own.
  Stage s;
  auto film = s.add("film", true);
  const int64_t due = s.n;
  s.state.sources["film"]->playFrom(s.clock.dueUs(due), 0, 0);
  s.take(Stage::shared(sceneOf("t", {layer("film")})), {});
  int64_t made = 0;
  for (int i = 0; i < 100; i++) {
    for (;;) {
      const int slot = film->claim(0);
      if (slot < 0) break;
      std::memset(film->pixels(slot), int(20 + made), i420Bytes(kWidth, kHeight));
      PictureInfo info;
      info.width = kWidth;
      info.height = kHeight;
      info.ptsUs = made * 40000;
      info.durationUs = 40000;
      film->publish(slot, info);
      made++;
    }
    const double sourceUs = (double(s.n - due)) * 1e6 / 60;
    const int64_t nearest = int64_t(std::floor((sourceUs + 20000 + 1) / 40000));
    CHECK(s.tick() == 20 + nearest);
  }
}

void soundGoesWithAMixAndBeginsAtOnce() {
  Stage s;
  auto a = s.add("a", true), b = s.add("b", true);
  std::vector<float> loud(2 * 48000, 0.5f);
  for (auto* film : {a.get(), b.get()}) {
    film->anchorAudio(0, 0, 0);
    film->writeAudio(loud.data(), 48000);
  }
  Layer onlyA = layer("a"), onlyB = layer("b");
  onlyA.gain = onlyB.gain = 1;
  const int64_t due = s.n + 5;
  s.state.sources["a"]->playFrom(s.clock.dueUs(due), 0, 0);
  s.state.sources["b"]->playFrom(s.clock.dueUs(due), 0, 0);
  Plan plan;
  plan.push_back({due, Stage::shared(sceneOf("t", {onlyA}))});
  for (int step = 0; step < 10; step++) {
    Scene scene = sceneOf("t", {});
    scene.nodes.push_back(mixOf({onlyA}, {onlyB}, step, 10));
    plan.push_back({due + 10 + step, Stage::shared(scene)});
  }
  plan.push_back({due + 20, Stage::shared(sceneOf("t", {onlyB}))});
  s.take(Stage::shared(sceneOf("t", {})), {});
  s.state.plan("t", 0, plan);
  // Heard one tick behind the picture.
  std::vector<double> peaks;
  for (int i = 0; i < 30; i++) {
    s.tick();
    peaks.push_back(s.peak());
  }
  CHECK(peaks[5] == 0);
  for (int i = 6; i < 15; i++) CHECK_NEAR(peaks[size_t(i)], 0.5, 0.001);
  // Equal power: two equal signals in phase add up to 0.5 (sin + cos).
  for (int i = 16; i < 25; i++) {
    const double p = double(i - 16 + 1) / 11;
    const double q = double(i - 16) / 11;
    const double top = 0.5 * std::max(std::sin(p * 1.5708) + std::cos(p * 1.5708), std::sin(q * 1.5708) + std::cos(q * 1.5708));
    CHECK_NEAR(peaks[size_t(i)], std::min(top, 0.71), 0.02);
  }
  CHECK_NEAR(peaks[28], 0.5, 0.001);
}

}  // namespace

int main() {
  RUN(aSceneChangesOnTheFramesThatWerePlanned);
  RUN(bothSidesOfATransitionGoOnByTheirPlans);
  RUN(theNewestTakeCounts);
  RUN(aMixDrawsOverWhatLiesBelowAndUnderWhatLiesAbove);
  RUN(aFilmIsShownAndHeardAtItsPlaceInTime);
  RUN(soundThatIsPlacedIsReadyOnceItIsThere);
  RUN(aFilmStandsAndGoesOnOnTheFramesThatWereNamed);
  RUN(aDecoderThatComesAgainJoinsInWhereItShould);
  RUN(theNearestPictureIsShown);
  RUN(soundGoesWithAMixAndBeginsAtOnce);
}
