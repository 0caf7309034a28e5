// The whole program on its threads, pulled about for some seconds: for the sanitizers, and for what must hold throughout.
#include "compositor/program.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

extern "C" {
#include <libavformat/avformat.h>
}

#include "ring/producer.h"
#include "test/compositor_stage.h"
#include "test/check.h"

using namespace vistter;

namespace {

/// A decoder in a thread, with a mapping of its own as a process has it.
class Decoder {
 public:
  Decoder(int fd, bool live) : live_(live) {
    RingHeader shape{};
    bytes_ = layOut(shape, 8, kWidth, kHeight, 1 << 17, live);
    header_ = static_cast<RingHeader*>(mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    close(fd);
    thread_ = std::thread([this] { run(); });
  }
  ~Decoder() {
    stop_ = true;
    thread_.join();
    munmap(header_, bytes_);
  }

 private:
  void run() {
    RingProducer ring(header_);
    ring.setState(ProducerState::Running);
    float samples[2 * 800] = {};
    for (int64_t k = 0; !stop_; k++) {
      const int slot = ring.claim(uint32_t(k / 200));
      if (slot >= 0) {
        std::memset(ring.pixels(slot), int(k % 200), i420Bytes(kWidth, kHeight));
        PictureInfo info;
        info.width = kWidth;
        info.height = kHeight;
        info.ptsUs = k * 16667;
        info.epoch = uint32_t(k / 200);
        ring.publish(slot, info);
      }
      if (k % 200 == 0) ring.anchorAudio(uint32_t(k / 200), k * 16667, 0);
      if (ring.audioRoom() >= 800) ring.writeAudio(samples, 800);
      usleep(live_ ? 16667 : 3000);
    }
  }

  const bool live_;
  uint64_t bytes_;
  RingHeader* header_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

/// Reads a feed to its end and counts the bytes.
class Reader {
 public:
  explicit Reader(int fd) : thread_([this, fd] {
    std::vector<uint8_t> buffer(1 << 20);
    for (ssize_t n; (n = read(fd, buffer.data(), buffer.size())) > 0;) bytes += n;
    close(fd);
  }) {}
  ~Reader() { thread_.join(); }
  std::atomic<int64_t> bytes{0};

 private:
  std::thread thread_;
};

Program* makeProgram() {
  ProgramOptions o;
  o.width = kWidth;
  o.height = kHeight;
  o.clock = {60, 1};
  return new Program(o);
}

void everythingAtOnceForAWhile() {
  Random random(5);
  std::unique_ptr<Program> program(makeProgram());
  program->addSource(sourceOptions("a", false, "b"));
  program->addSource(sourceOptions("b", false, "a"));
  program->addSource(sourceOptions("film", true));
  auto a = std::make_unique<Decoder>(program->openRing("a"), true);
  auto b = std::make_unique<Decoder>(program->openRing("b"), true);
  auto film = std::make_unique<Decoder>(program->openRing("film"), true);
  std::vector<uint8_t> rgba(64 * 64 * 4, 77);
  program->setPicture("logo", 64, 64, rgba.data(), 256);
  program->setPicture("slate", 64, 64, rgba.data(), 256);
  program->setSlate("slate");
  int id = 0, fd = -1, stuckId = 0, stuck = -1;
  int64_t first = -1;
  CHECK(program->openFeed(8, id, fd, first));
  CHECK(program->openFeed(3, stuckId, stuck, first));
  auto reader = std::make_unique<Reader>(fd);
  const char* const ids[] = {"a", "b", "film", "logo", "nobody"};
  int64_t promised = 0;
  for (int i = 0; i < 400; i++) {
    Scene scene = sceneOf("s" + std::to_string(i), {layer(ids[random.below(5)]), layer(ids[random.below(5)], 0.2, 0.5)});
    Transition t;
    t.kind = TransitionKind(random.below(6));
    t.direction = Direction(random.below(4));
    t.frames = t.kind == TransitionKind::Cut ? 0 : int(random.below(12));
    switch (random.below(14)) {
      case 0: program->setPicture("logo", 64, 64, rgba.data(), 256); break;
      case 1: program->setPlaying("film", random.below(2) != 0); break;
      case 2: program->setOverlays({layer("logo", 0.5, 0.3)}); break;
      case 3: program->updateScene(scene, {}); break;
      case 4: program->stats(); program->takeLevels(); break;
      case 10:
        if (t.kind == TransitionKind::Cut) t.kind = TransitionKind::Wipe;
        program->bar(random.below(5) / 4.0, random.below(3) ? std::make_shared<const Scene>(scene) : nullptr, t, {"film"});
        break;
      case 11: program->black(random.below(2) != 0, int(random.below(6))); break;
      case 12: program->wishTiles({{"a", 64, 36, 1}, {"preview", 64, 36, 1, std::make_shared<const Scene>(scene), true}}); break;
      case 13: program->fetchTiles(); break;
      case 5:
        if (i % 7 == 0) {
          program->detachRing("a");
          a.reset();
          a = std::make_unique<Decoder>(program->openRing("a"), true);
        }
        break;
      case 6:
        program->removePicture("logo");
        program->setPicture("logo", 64, 64, rgba.data(), 256);
        break;
      case 7:
        if (i % 5 == 0) {
          program->removeSource("film");
          film.reset();
          program->addSource(sourceOptions("film", true));
          film = std::make_unique<Decoder>(program->openRing("film"), true);
        }
        break;
      case 8: {
        if (i % 3 == 0) scene.frozen = true;
        const bool any = random.below(3) != 0;
        program->coverAt(int64_t(random.below(2)) * (promised + 3), any ? Stage::shared(scene) : nullptr, random.below(2) != 0, t, {"film"});
        program->plan(scene.id, 0, {{promised + 5, Stage::shared(scene)}});
        break;
      }
      default: {
        scene.frozen = i % 4 == 0;
        const int64_t frame = program->take(scene, t, {"film"});
        CHECK(frame >= promised - 7);  // A dip's first frame lies later.
        promised = std::max(promised, frame);
      }
    }
    usleep(5000 + random.below(5000));
  }
  const ProgramStats stats = program->stats();
  CHECK(stats.frame >= promised - 7 - 2);
  CHECK(stats.rendered > 100);
  program->closeFeed(id);
  std::vector<int> feedIds;
  for (int i = 0; i < 300 && program->feedStats(feedIds).size() != 1; i++) {
    feedIds.clear();
    usleep(10000);
  }
  const int64_t frames = reader->bytes / int64_t(i420Bytes(kWidth, kHeight) + 800 * 8);
  reader.reset();
  printf("  %lld frames rendered, %lld fed, %llu late\n", (long long)stats.rendered, (long long)frames, (unsigned long long)stats.late);
  CHECK(frames > 100);
  program->stop();
  close(stuck);
}

void anOverlayInASceneIsNoPlaceForTheSlate() {
  Stage s;
  s.state.pictures["base"] = Stage::plain(0);
  const int slate = [&] { s.scene({layer("nobody")}); return s.tick(); }();
  CHECK(slate > 150);
  s.scene({layer("base"), layer("overlay:clock", 0.5, 0.25)});
  CHECK(s.tick(170, 100) == 16);
  s.scene({layer("base"), layer("nobody", 0.5, 0.25)});
  CHECK_NEAR(s.tick(170, 100), slate, 1);
  s.scene({layer("overlay:clock", 0.5, 0.25)});
  CHECK(s.tick() == slate);  // Nothing at all to show.
  s.scene({layer("base"), layer("overlay:clock", 0.5, 0.25)});
  s.state.pictures["overlay:clock"] = Stage::plain(128);
  CHECK_NEAR(s.tick(170, 100), 126, 1);
}

void aFilmPlaysWhileItStandsIn() {
  Stage s;
  auto film = s.add("film", true);
  auto other = s.add("other", false);
  auto camera = s.add("camera", false, "film");
  int64_t made = 0, seen = 0;
  const auto greyOf = [](int64_t k) { return uint8_t(20 + k); };
  const auto fill = [&] { while (made < 200 && Stage::frame(*film, made, greyOf(made))) made++; };
  std::vector<float> loud(2 * 48000, 0.5f);
  film->anchorAudio(0, 0, 0);
  film->writeAudio(loud.data(), 48000);
  fill();
  // Out of sight it stands at its first frame.
  s.scene({layer("other")});
  for (int i = 0; i < 10; i++) s.tick();
  Layer on = layer("camera");
  on.gain = 1;
  s.scene({on});
  float peak = 0;
  CHECK(s.tick() == greyOf(0));
  for (int64_t i = 0; i < 30; i++) {
    CHECK(s.tick() == greyOf(i));
    CHECK(!s.state.sources["film"]->pictureGone());
    peak = std::max(peak, float(s.state.sources["film"]->sound().running()));
    fill();
    seen = i;
  }
  CHECK(peak > 0);
  // The camera is there: the film stands, and goes on from there the next time.
  int64_t k = 0;
  const auto live = [&] { Stage::frame(*camera, k++, 235); return s.tick(); };
  live();
  while (live() != 235) seen++;
  const uint64_t shown = s.state.sources["film"]->counts.shown;
  for (int i = 0; i < 40; i++) CHECK(live() == 235);
  CHECK(s.state.sources["film"]->counts.shown <= shown + 1);
  CHECK(!s.state.sources["film"]->sound().running());
  int first = 235;
  while ((first = s.tick()) == 235) fill();
  CHECK_NEAR(first, greyOf(seen), 3);
  // Set playing as well it goes on without the camera's need, and stops when neither wants it.
  s.state.sources["film"]->setPlaying(true);
  const int before = s.tick();
  s.scene({layer("film")});
  fill();
  CHECK(s.tick() == before + 1);
  s.state.sources["film"]->setPlaying(false);
  const int last = s.tick();
  for (int i = 0; i < 5; i++) CHECK(s.tick() == last);
}

void aFilmThatHasEndedGivesItsPlaceUpForGood() {
  Stage s;
  auto film = s.add("film", true);
  auto camera = s.add("camera", false, "film");
  for (int k = 0; k < 5; k++) CHECK(Stage::frame(*film, k, 50));
  film->setState(ProducerState::Ended);
  s.scene({layer("camera")});
  int ticks = 0;
  while (s.tick() == 50) CHECK(++ticks < 20);
  CHECK(ticks >= 5);
  for (int i = 0; i < 60; i++) CHECK(s.tick() > 150);
}

void itIsToldWhichFramesAFilmStoodInFor() {
  Stage s;
  auto film = s.add("film", true);
  auto spare = s.add("spare", false, "film");
  auto camera = s.add("camera", false, "spare");
  for (int k = 0; k < 5; k++) CHECK(Stage::frame(*film, k, 50));
  const auto stood = [&](const char* id) { return s.state.sources[id]->stoodInFrame; };
  s.scene({layer("film")});
  s.tick();
  CHECK(stood("film") == -1);
  // Through another fallback that has nothing either, from the very frame on.
  s.scene({layer("camera")});
  for (int i = 0; i < 3; i++) {
    s.tick();
    CHECK(stood("film") == s.n - 1 && stood("spare") == s.n - 1 && stood("camera") == -1);
  }
  // Also when it has ended, and something else stands there in its place.
  film->setState(ProducerState::Ended);
  for (int i = 0; i < 10; i++) s.tick();
  CHECK(s.tick() > 150);
  CHECK(s.state.sources["film"]->state() == SourceState::Ended);
  CHECK(stood("film") == s.n - 1);
  // The camera is there.
  const int64_t last = s.n - 1;
  Stage::frame(*camera, 0, 235);
  s.tick();
  CHECK(stood("film") == last);
  // The scene it comes from in a fade counts, for as long as it is seen or heard.
  auto other = s.add("other", false, "film");
  s.scene({layer("other")});
  s.tick();
  Transition fade;
  fade.kind = TransitionKind::Fade;
  fade.frames = 3;
  s.take(Stage::shared(sceneOf("c", {layer("camera")})), fade);
  for (int i = 0; i < 3; i++) {
    s.tick();
    CHECK(stood("film") == s.n - 1);
  }
  s.tick();
  s.tick();
  CHECK(stood("film") < s.n - 1);
}

void takesKeepTheirWord() {
  // The state that a frame sees is exactly what was posted for it, whatever the timing.
  struct State {
    int64_t applied = -1;
  };
  CommandQueue<State> queue(0);
  std::atomic<bool> stop{false};
  std::atomic<int64_t> wrong{0};
  std::thread render([&] {
    State state;
    for (int64_t n = 0; !stop; n++) {
      state.applied = n;
      queue.apply(n, state);
    }
  });
  struct Promise {
    std::atomic<int64_t> applied{-1};
    int64_t promised = -1;
  };
  std::vector<std::unique_ptr<Promise>> all;
  for (int i = 0; i < 20000; i++) {
    all.push_back(std::make_unique<Promise>());
    Promise* p = all.back().get();
    p->promised = queue.post([p](State& s) { p->applied = s.applied; });
  }
  usleep(20000);
  stop = true;
  render.join();
  for (const auto& p : all) {
    if (p->applied != p->promised) wrong++;
  }
  CHECK(wrong == 0);
}

void framesOfAFeedAreAllThereInOrder() {
  std::unique_ptr<Program> program(makeProgram());
  int id = 0, fd = -1;
  int64_t first = -1;
  CHECK(program->openFeed(30, id, fd, first));
  Reader reader(fd);
  usleep(500000);
  program->closeFeed(id);
  std::vector<int> ids;
  usleep(200000);
  program->feedStats(ids);
  CHECK(ids.empty());
  CHECK_NEAR(double(reader.bytes) / double(i420Bytes(kWidth, kHeight) + 800 * 8), 30, 6);
  program->stop();
}

void noFrameChangesWhileItLiesInThePipe() {
  // Frames of one value each, straight from a ring whose slots go round quickly, to a reader that is slow at times.
  std::unique_ptr<Program> program(makeProgram());
  program->addSource(sourceOptions("a", false));
  Decoder decoder(program->openRing("a"), true);
  program->take(sceneOf("a", {layer("a")}), {}, {});
  usleep(300000);
  int id = 0, fd = -1;
  int64_t first = -1;
  CHECK(program->openFeed(4, id, fd, first));
  std::thread closer([&] {
    usleep(3000000);
    program->closeFeed(id);
  });
  AVFormatContext* input = nullptr;
  CHECK(avformat_open_input(&input, ("pipe:" + std::to_string(fd)).c_str(), av_find_input_format("nut"), nullptr) == 0);
  AVPacket* packet = av_packet_alloc();
  Random random(3);
  int frames = 0, samples = 0, torn = 0;
  int64_t lastPts = -1;
  while (av_read_frame(input, packet) == 0) {
    if (packet->stream_index == 1) {
      samples += packet->size / 8;
    } else {
      CHECK(packet->size == int(i420Bytes(kWidth, kHeight)));
      CHECK(packet->pts > lastPts);
      lastPts = packet->pts;
      for (int i = 1; i < packet->size; i++) torn += packet->data[i] != packet->data[0];
      frames++;
      if (random.below(10) == 0) usleep(random.below(120000));
    }
    av_packet_unref(packet);
  }
  closer.join();
  av_packet_free(&packet);
  avformat_close_input(&input);
  close(fd);
  program->stop();
  printf("  %d frames and %.1f s of sound read, %d bytes torn\n", frames, samples / 48000.0, torn);
  CHECK(torn == 0);
  CHECK(frames > 60);
  CHECK_NEAR(samples / 48000.0, 3, 0.3);
}

}  // namespace

int main() {
  signal(SIGPIPE, SIG_IGN);
  RUN(anOverlayInASceneIsNoPlaceForTheSlate);
  RUN(aFilmPlaysWhileItStandsIn);
  RUN(aFilmThatHasEndedGivesItsPlaceUpForGood);
  RUN(itIsToldWhichFramesAFilmStoodInFor);
  RUN(takesKeepTheirWord);
  RUN(framesOfAFeedAreAllThereInOrder);
  RUN(noFrameChangesWhileItLiesInThePipe);
  RUN(everythingAtOnceForAWhile);
}
