// The T-bar and fade to black: how far they go, what is seen and heard meanwhile, and what is left when they are over.
#include <cmath>

#include "compositor/render_state.h"
#include "test/compositor_stage.h"
#include "test/check.h"

using namespace vistter;

namespace {

/// Grey pictures g1 to g5 in scenes of their names, and two films that sound, a at 0.5 and b at 0.25.
struct Bus : Stage {
  Bus() {
    for (int g = 1; g <= 5; g++) state.pictures["g" + std::to_string(g)] = plain(uint8_t(40 * g));
    take(one(1), {});
    tick();
  }
  static double luma(double g) { return 16 + 40 * g * 219 / 255.0; }
  static double faded(double g, double black) { return luma(g) + (16 - luma(g)) * black; }
  static std::shared_ptr<const Scene> one(int g, const char* heard = nullptr) {
    const std::string name = "g" + std::to_string(g);
    std::vector<Layer> layers{layer(name.c_str())};
    if (heard) layers.push_back(layer(heard, 0, 0.01));
    return shared(sceneOf(name, layers));
  }
  void bar(double position, std::shared_ptr<const Scene> scene = nullptr, TransitionKind kind = TransitionKind::Fade, std::vector<std::string> films = {}) {
    Transition t;
    t.kind = kind;
    state.bar(position, {std::move(scene), false, t, std::move(films)});
  }
  std::unique_ptr<RingProducer> a, b;
  void sound() {
    a = add("a", true);
    b = add("b", true);
    float level = 0.5f;
    for (auto* film : {a.get(), b.get()}) {
      std::vector<float> loud(2 * 60000, level);
      film->anchorAudio(0, 0, 0);
      film->writeAudio(loud.data(), 60000);
      level /= 2;
    }
    for (const char* id : {"a", "b"}) state.sources[id]->playFrom(clock.dueUs(n), 0, 0);
  }
  double heard() {
    peak();
    tick();
    return peak();
  }
};

void theBarMixesAsFarAsItIsMovedAndStandsThere() {
  Bus s;
  s.bar(0.25, Bus::one(3));
  for (int i = 0; i < 200; i++) {
    CHECK_NEAR(s.tick(), Bus::luma(1.5), 1);
    CHECK(s.seen->stats.inTransition && s.seen->stats.sceneId == "g1");
  }
  s.bar(0.75);
  CHECK_NEAR(s.tick(), Bus::luma(2.5), 1);
  s.bar(0.1);
  CHECK_NEAR(s.tick(), Bus::luma(1.2), 1);
  s.bar(1);
  for (int i = 0; i < 3; i++) CHECK_NEAR(s.tick(), Bus::luma(3), 1);
  CHECK(!s.seen->stats.inTransition && s.seen->stats.sceneId == "g3");
  s.bar(0.5);  // Nothing is on its way: a word alone begins nothing.
  CHECK_NEAR(s.tick(), Bus::luma(3), 1);
}

void takenBackAllIsAsBefore() {
  Bus s;
  s.bar(0.5, Bus::one(5));
  s.tick();
  s.bar(0);
  for (int i = 0; i < 3; i++) CHECK_NEAR(s.tick(), Bus::luma(1), 1);
  CHECK(!s.seen->stats.inTransition && s.seen->stats.sceneId == "g1");
}

void aWipeGoesAsFarAsItIsMoved() {
  Bus s;
  s.bar(0.25, Bus::one(5), TransitionKind::Wipe);  // To the left: it comes in from the right.
  CHECK_NEAR(s.tick(10), Bus::luma(1), 1);
  s.bar(0.5);
  CHECK_NEAR(s.tick(170), Bus::luma(5), 1);
  CHECK_NEAR(s.tick(150), Bus::luma(1), 1);
}

void aTakeEndsItAndGoesOutFromTheProgram() {
  Bus s;
  s.bar(0.75, Bus::one(5));
  s.tick();
  Transition fade;
  fade.kind = TransitionKind::Fade;
  fade.frames = 3;
  s.take(Bus::one(2), fade);
  for (int i = 1; i <= 5; i++) CHECK_NEAR(s.tick(), Bus::luma(std::min(2.0, 1 + i / 4.0)), 1);
  CHECK(!s.seen->stats.inTransition);
}

void anEditOfWhatIsOnProgramStaysThere() {
  Bus s;
  s.bar(0.5, Bus::one(5));
  s.tick();
  s.state.updateScene({Bus::one(3), false, {}, {}});
  CHECK_NEAR(s.tick(), Bus::luma(4), 1);
  s.bar(0.5, Bus::one(1));  // Another one in the place of what it leads to.
  CHECK_NEAR(s.tick(), Bus::luma(2), 1);
  s.bar(0);
  CHECK_NEAR(s.tick(), Bus::luma(3), 1);
}

void soundGoesWithTheBar() {
  Bus s;
  s.sound();
  s.take(Bus::one(1, "a"), {});
  for (int i = 0; i < 5; i++) s.tick();
  CHECK_NEAR(s.heard(), 0.5, 0.01);
  s.bar(0.5, Bus::one(2, "b"));
  for (int i = 0; i < 3; i++) s.tick();
  // Both halves together keep their power.
  CHECK_NEAR(s.heard(), 0.75 * std::sqrt(0.5), 0.01);
  s.bar(1);
  for (int i = 0; i < 3; i++) s.tick();
  CHECK_NEAR(s.heard(), 0.25, 0.01);
}

void allFadesToBlackAndBackWithItsSound() {
  Bus s;
  s.sound();
  s.take(Bus::one(4, "a"), {});
  Layer over = layer("g5", 0.75, 0.25);
  over.fit = Fit::Fill;
  s.state.setOverlays(std::make_shared<const std::vector<Layer>>(std::vector<Layer>{over}));
  for (int i = 0; i < 5; i++) s.tick();
  s.state.black(true, 9);
  for (int i = 1; i <= 10; i++) {
    // Overlays with it.
    CHECK_NEAR(i % 2 ? s.tick() : s.tick(290, 165), Bus::faded(i % 2 ? 4 : 5, i / 10.0), 1);
    CHECK_NEAR(s.seen->stats.black, i / 10.0, 0.001);
  }
  for (int i = 0; i < 5; i++) CHECK(s.tick() == 16 && s.tick(290, 165) == 16);
  CHECK_NEAR(s.heard(), 0, 0.001);
  s.state.black(false, 9);
  double before = 0;
  for (int i = 1; i <= 10; i++) {
    const double now = s.heard();
    CHECK(now >= before - 0.001);
    before = now;
  }
  CHECK_NEAR(s.tick(), Bus::luma(4), 1);
  s.tick();
  CHECK_NEAR(s.heard(), 0.5, 0.01);
}

void whatIsBeneathBlackGoesOn() {
  Bus s;
  auto film = s.add("film", true);
  s.state.black(true, 0);
  for (int64_t k = 0; k < 8; k++) Stage::frame(*film, k, uint8_t(60 + 2 * k));
  s.state.take({Stage::shared(sceneOf("f", {layer("film")})), false, {}, {"film"}});
  for (int64_t k = 8; k < 40; k++) {
    CHECK(s.tick() == 16);
    Stage::frame(*film, k, uint8_t(60 + 2 * k));
  }
  s.state.black(false, 0);
  const int seen = s.tick();
  CHECK(seen > 60 + 2 * 20);  // It did not wait for the light.
  // Turned about in the midst of it, it goes on from there.
  s.state.black(true, 9);
  for (int i = 0; i < 5; i++) s.tick();
  s.state.black(false, 9);
  for (int i = 0; i < 5; i++) s.tick();
  CHECK(s.seen->stats.black < 0.001);
}

void anEmergencyIsSeenAndHeardOverBlack() {
  Bus s;
  s.sound();
  s.take(Bus::one(4, "a"), {});
  s.state.black(true, 0);
  for (int i = 0; i < 5; i++) s.tick();
  Scene emergency = sceneOf("emergency", {layer("g3"), layer("b", 0, 0.01)});
  emergency.overBlack = true;
  Transition fade;
  fade.kind = TransitionKind::Fade;
  fade.frames = 3;
  s.state.coverAt(0, {Stage::shared(emergency), true, fade, {}});
  for (int i = 1; i <= 5; i++) CHECK_NEAR(s.tick(), 16 + (Bus::luma(3) - 16) * std::min(1.0, i / 4.0), 1);
  s.tick();
  CHECK_NEAR(s.heard(), 0.25, 0.01);
  CHECK(s.seen->stats.covers[0].missed == 0);
  s.state.coverAt(0, {nullptr, true, {}, {}});
  CHECK(s.tick() == 16);
  // Of what is not seen over it the frames are counted: an insert is not aired in black.
  s.state.coverAt(0, {Bus::one(2), true, {}, {}});
  for (int i = 0; i < 4; i++) CHECK(s.tick() == 16);
  s.tick();
  for (const CoverCounts& c : s.seen->stats.covers) CHECK(c.sceneId != "g2" || (c.missed >= 4 && c.blank == c.missed));
}

}  // namespace

int main() {
  RUN(theBarMixesAsFarAsItIsMovedAndStandsThere);
  RUN(takenBackAllIsAsBefore);
  RUN(aWipeGoesAsFarAsItIsMoved);
  RUN(aTakeEndsItAndGoesOutFromTheProgram);
  RUN(anEditOfWhatIsOnProgramStaysThere);
  RUN(soundGoesWithTheBar);
  RUN(allFadesToBlackAndBackWithItsSound);
  RUN(whatIsBeneathBlackGoesOn);
  RUN(anEmergencyIsSeenAndHeardOverBlack);
}
