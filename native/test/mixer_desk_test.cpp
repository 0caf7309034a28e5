// What an operator sets at the mixer, on a whole program: faders, delay, what is always heard, and what is heard beside it.
#include <cmath>
#include <functional>
#include <vector>

#include "test/compositor_stage.h"
#include "test/check.h"

using namespace vistter;

namespace {

constexpr int kChunk = 800;  // Of a program of 60 frames a second.

/// A stage with films whose sound is a function of the sample's number.
struct Desk {
  struct Film {
    const char* id;
    std::unique_ptr<RingProducer> producer;
    std::function<float(int64_t)> signal;
    int64_t frames = 0, samples = 0;
  };
  Stage stage;
  std::vector<Film> films;
  SoundSettings sound;
  std::vector<int16_t> heard;  // The left of the program, of all ticks so far.
  std::shared_ptr<Monitor> program = listen({});

  std::shared_ptr<Monitor> listen(std::vector<std::string> sources) {
    auto monitor = std::make_shared<Monitor>(MonitorWish{int(stage.state.monitors.size()), std::move(sources)});
    stage.state.monitors.push_back(monitor);
    return monitor;
  }

  void add(const char* id, std::function<float(int64_t)> signal) {
    films.push_back({id, stage.add(id, true), std::move(signal), 0, 0});
    films.back().producer->anchorAudio(0, 0, 0);
    fill();
    stage.state.sources[id]->setPlaying(true);
  }

  void fill() {
    for (Film& film : films) {
      while (film.frames < 100000 && Stage::frame(*film.producer, film.frames, 100)) film.frames++;
      const int room = int(film.producer->audioRoom());
      std::vector<float> samples(size_t(room) * 2);
      for (int i = 0; i < room; i++) samples[size_t(2 * i)] = samples[size_t(2 * i) + 1] = film.signal(film.samples + i);
      film.producer->writeAudio(samples.data(), uint64_t(room));
      film.samples += room;
    }
  }

  void set() {
    auto shared = std::make_shared<const SoundSettings>(sound);
    stage.state.setSound(shared);
  }

  void run(int ticks) {
    for (int i = 0; i < ticks; i++) {
      stage.tick();
      fill();
      for (const int16_t s : left(*program)) heard.push_back(s);
    }
  }

  static std::vector<int16_t> left(Monitor& monitor) {
    std::vector<int16_t> all;
    const MonitorSound sound = monitor.fetch();
    for (size_t i = 0; i < sound.samples.size(); i += 2) all.push_back(sound.samples[i]);
    return all;
  }

  /// The largest step from one sample to the next since `from`.
  int step(size_t from) const {
    int most = 0;
    for (size_t i = std::max<size_t>(1, from); i < heard.size(); i++) most = std::max(most, std::abs(heard[i] - heard[i - 1]));
    return most;
  }
};

float flat(int64_t) { return 0.5f; }
constexpr int kFlat = 16384;  // As it is heard.

Layer audible(const char* id, float gain = 1) {
  Layer l = layer(id);
  l.gain = gain;
  return l;
}

void aFaderTakesEffectWithinTwoFramesAndDoesNotClick() {
  Desk desk;
  desk.add("a", flat);
  desk.stage.scene({audible("a")});
  desk.run(10);
  CHECK_NEAR(desk.heard.back(), kFlat, 1);
  const size_t from = desk.heard.size();
  desk.sound.sources["a"].gain = 0.25f;
  desk.set();
  desk.run(2);
  CHECK_NEAR(desk.heard.back(), kFlat / 4, 1);
  // With the gain of its layer, from the next frame on.
  desk.stage.scene({audible("a", 0.5f)});
  desk.run(3);
  CHECK_NEAR(desk.heard.back(), kFlat / 8, 1);
  desk.stage.scene({audible("a")});
  // A mouse that goes up and down, and a hand on the program's fader at the same time.
  Random random(7);
  for (int i = 0; i < 200; i++) {
    desk.sound.sources["a"].gain = random.below(5) == 0 ? 0 : float(random.below(1000)) / 1000;
    desk.sound.gain = random.below(5) == 0 ? 0 : float(random.below(1000)) / 1000;
    desk.set();
    desk.run(1 + int(random.below(3)));
  }
  printf("  steps of at most %d of %d\n", desk.step(from), kFlat);
  // From silence it comes within 5 ms; all else takes a frame.
  CHECK(desk.step(from) <= kFlat / 200);
  desk.sound = {};
  desk.set();
  desk.run(3);
  CHECK_NEAR(desk.heard.back(), kFlat, 1);
}

void aMutedSourceIsSilentAndStillMeasured() {
  Desk desk;
  desk.add("a", flat);
  desk.stage.scene({audible("a")});
  desk.run(5);
  desk.sound.sources["a"].gain = 0;
  desk.set();
  desk.run(2);
  desk.stage.seen->levels.clear();
  desk.run(5);
  for (size_t i = desk.heard.size() - 5 * kChunk; i < desk.heard.size(); i++) CHECK(desk.heard[i] == 0);
  CHECK_NEAR(desk.stage.seen->levels["a"].peakDb(0), -6.02, 0.05);
  CHECK(desk.stage.seen->levels["program"].peakDb(0) == -100);
}

void theProgramsFaderIsBeforeItsLimiter() {
  Desk desk;
  desk.add("a", flat);
  desk.stage.scene({audible("a")});
  desk.sound.gain = 4;
  desk.set();
  desk.run(20);
  int most = 0;
  for (const int16_t s : desk.heard) most = std::max<int>(most, s);
  CHECK(most > 29000 && most <= 32767);
  CHECK_NEAR(desk.heard.back(), 0.891 * 32767, 40);
}

/// Its number, as far as it can be told.
float numbered(int64_t n) { return float(n % 20000) / 32767; }

void soundIsHeldBackExactlyAndThePictureIsNot() {
  Desk desk;
  desk.add("a", numbered);
  desk.stage.scene({audible("a")});
  desk.run(30);
  const auto ahead = [&](size_t i) { return (int(desk.heard[i]) - int(i) % 20000 + 40000) % 20000; };
  const int plain = ahead(desk.heard.size() - 1);
  int64_t shown = int64_t(desk.stage.state.sources["a"]->counts.shown);
  for (const int delay : {1, 480, 12345, 48000}) {
    desk.sound.sources["a"].delay = delay;
    desk.set();
    desk.run(70);
    for (size_t i = desk.heard.size() - 3 * kChunk; i < desk.heard.size(); i++) CHECK((ahead(i) + delay) % 20000 == plain % 20000);
  }
  desk.sound.sources["a"].delay = 0;
  desk.set();
  desk.run(3);
  CHECK(ahead(desk.heard.size() - 1) == plain);
  // Each tick had a picture of its own all the time.
  CHECK(int64_t(desk.stage.state.sources["a"]->counts.shown) - shown == 4 * 70 + 3);
}

void aDelayComesAndGoesWithoutAClick() {
  Desk desk;
  desk.add("a", flat);
  desk.stage.scene({audible("a")});
  desk.run(10);
  const size_t from = desk.heard.size();
  for (const int delay : {4800, 9600, 100, 0, 48000, 0}) {
    desk.sound.sources["a"].delay = delay;
    desk.set();
    desk.run(20);
  }
  printf("  steps of at most %d of %d\n", desk.step(from), kFlat);
  CHECK(desk.step(from) <= kFlat / 200);
  CHECK_NEAR(desk.heard.back(), kFlat, 1);
}

void whatIsAlwaysOnIsHeardWhateverIsOnProgram() {
  Desk desk;
  desk.add("music", flat);
  desk.add("film", [](int64_t) { return 0.0f; });
  desk.stage.scene({audible("film")});
  desk.run(10);
  CHECK(desk.heard.back() == 0);
  desk.sound.sources["music"] = {0.5f, 0, true};
  desk.set();
  desk.run(3);
  CHECK_NEAR(desk.heard.back(), kFlat / 2, 1);
  // On program it is not heard twice.
  desk.stage.scene({audible("music")});
  desk.run(5);
  CHECK_NEAR(desk.heard.back(), kFlat / 2, 1);
  // Nothing is heard with an emergency.
  desk.stage.state.coverAt(desk.stage.n, {Stage::shared(sceneOf("emergency", {layer("slate")})), true, {}, {}});
  desk.run(5);
  CHECK(desk.heard.back() == 0);
  desk.stage.state.coverAt(desk.stage.n, {nullptr, true, {}, {}});
  desk.stage.scene({audible("film")});
  desk.sound.sources["music"].always = false;
  desk.set();
  desk.run(5);
  CHECK(desk.heard.back() == 0);
}

void oneListensToWhatIsNotOnProgram() {
  Desk desk;
  desk.add("a", [](int64_t n) { return float(n % 1000) / 32767; });
  desk.add("b", [](int64_t n) { return float(n % 700) / 32767; });
  desk.add("c", flat);
  desk.stage.scene({audible("c")});
  auto both = desk.listen({"a", "b"});
  desk.run(30);
  Desk::left(*both);
  // Faders are not heard there, delays are.
  desk.sound.sources["a"].gain = 0;
  desk.sound.sources["b"].delay = 111;
  desk.sound.gain = 0;
  desk.set();
  desk.run(20);
  Desk::left(*both);
  desk.run(5);
  const std::vector<int16_t> mix = Desk::left(*both);
  CHECK(mix.size() == 5 * kChunk);
  const auto expected = [](int64_t n) { return n % 1000 + (n - 111 + 7000) % 700; };
  bool found = false;
  for (int64_t n = 0; n < 7000 && !found; n++) {
    found = true;
    for (size_t i = 0; i < mix.size() && found; i++) found = std::abs(mix[i] - expected(n + int64_t(i))) <= 1;
  }
  CHECK(found);
  // The program goes its own way.
  CHECK(desk.heard.back() == 0);
}

void whoDoesNotFetchLosesWhatIsNew() {
  Desk desk;
  desk.add("a", flat);
  auto slow = desk.listen({"a"});
  desk.run(100);
  const MonitorSound first = slow->fetch();
  CHECK(first.at == 0);
  CHECK(first.samples.size() / 2 <= 1 << 15);
  CHECK(first.samples.size() / 2 > (1 << 15) - kChunk);
  desk.run(1);
  const MonitorSound next = slow->fetch();
  CHECK(next.samples.size() / 2 == kChunk);
  // The first tick has no sound yet.
  CHECK(next.at == 99 * kChunk);
}

void clipsAreMixedAndMeasuredAsTheirSource() {
  Desk desk;
  desk.add("clip:1", flat);
  desk.stage.state.sources["clip:1"]->options.soundId = "film";
  desk.stage.scene({audible("clip:1")});
  desk.sound.sources["film"].gain = 0.5f;
  desk.set();
  auto solo = desk.listen({"film"});
  desk.run(10);
  CHECK_NEAR(desk.heard.back(), kFlat / 2, 1);
  CHECK_NEAR(Desk::left(*solo).back(), kFlat, 1);
  CHECK_NEAR(desk.stage.seen->levels["film"].peakDb(0), -6.02, 0.05);
  CHECK(desk.stage.seen->levels.count("clip:1") == 0);
}

}  // namespace

int main() {
  RUN(aFaderTakesEffectWithinTwoFramesAndDoesNotClick);
  RUN(aMutedSourceIsSilentAndStillMeasured);
  RUN(theProgramsFaderIsBeforeItsLimiter);
  RUN(soundIsHeldBackExactlyAndThePictureIsNot);
  RUN(aDelayComesAndGoesWithoutAClick);
  RUN(whatIsAlwaysOnIsHeardWhateverIsOnProgram);
  RUN(oneListensToWhatIsNotOnProgram);
  RUN(whoDoesNotFetchLosesWhatIsNew);
  RUN(clipsAreMixedAndMeasuredAsTheirSource);
}
