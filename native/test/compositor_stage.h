// What the program's tests share: a render state whose time the test gives, with the producers' ends of its rings.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "compositor/render_state.h"
#include "ring/producer.h"

namespace vistter {

constexpr int kWidth = 320, kHeight = 180;

inline Layer layer(const char* id, double x = 0, double size = 1) {
  Layer l;
  l.sourceId = id;
  l.x = l.y = x;
  l.width = l.height = size;
  return l;
}

inline Scene sceneOf(const std::string& id, const std::vector<Layer>& layers) {
  Scene scene;
  scene.id = id;
  for (const Layer& l : layers) scene.nodes.push_back({l, nullptr});
  return scene;
}

inline SourceOptions sourceOptions(const char* id, bool file, const char* fallback = "") {
  SourceOptions o;
  o.id = id;
  o.file = file;
  o.fallbackId = fallback;
  o.slots = 8;
  return o;
}

/// A program without a clock of its own, and the producers' ends of its sources' rings.
struct Stage {
  static constexpr int64_t kFirst = 6000;

  Stage() {
    state.pictures["slate"] = plain(200);
    state.slateId = "slate";
  }

  static PictureRef plain(uint8_t grey) {
    std::vector<uint8_t> rgba(kWidth * kHeight * 4, grey);
    for (size_t i = 3; i < rgba.size(); i += 4) rgba[i] = 255;
    return pictureFromRgba(kWidth, kHeight, rgba.data(), kWidth * 4);
  }

  std::unique_ptr<RingProducer> add(const char* id, bool file, const char* fallback = "", uint32_t slots = 8) {
    state.sources[id] = std::make_unique<Source>(sourceOptions(id, file, fallback), clock.intervalUs());
    return renew(id, slots);
  }

  /// Another decoder for the same source, with a ring of its own.
  std::unique_ptr<RingProducer> renew(const char* id, uint32_t slots = 8) {
    Source& source = *state.sources[id];
    int fd = -1;
    std::shared_ptr<Ring> ring = Ring::create(slots, kWidth, kHeight, 1 << 16, !source.options.file, fd);
    close(fd);
    source.attach(ring);
    rings.push_back(ring);
    auto producer = std::make_unique<RingProducer>(ring->header());
    producer->setState(ProducerState::Running);
    return producer;
  }

  /// A frame of one grey for film time `k`; false while the ring is full.
  static bool frame(RingProducer& producer, int64_t k, uint8_t grey) {
    const int slot = producer.claim(0);
    if (slot < 0) return false;
    std::memset(producer.pixels(slot), grey, i420Bytes(kWidth, kHeight));
    PictureInfo info;
    info.width = kWidth;
    info.height = kHeight;
    info.ptsUs = int64_t(std::llround(double(k) * 1e6 / 60));
    info.durationUs = 16667;
    producer.publish(slot, info);
    return true;
  }

  /// One tick; returns the brightness at a place of the program's picture.
  int tick(int x = 10, int y = 10) {
    const PictureRef picture = state.tick(n, int64_t(clock.dueUs(n)));
    n++;
    return picture->y[y * picture->strideY + x];
  }

  /// The loudest sample of the program since the last call, 0..1.
  double peak() {
    const Meter meter = seen->levels["program"];
    seen->levels.clear();
    return std::max(meter.peak[0], meter.peak[1]);
  }

  void scene(std::vector<Layer> layers) { take(shared(sceneOf("s", layers)), {}); }
  static std::shared_ptr<const Scene> shared(Scene scene) { return std::make_shared<const Scene>(std::move(scene)); }
  void take(std::shared_ptr<const Scene> scene, const Transition& transition) { state.take({std::move(scene), false, transition, {}}); }
  void takeAt(int64_t frame, std::shared_ptr<const Scene> scene, const Transition& transition) {
    state.takeAt(frame, {std::move(scene), false, transition, {}});
  }

  const FrameClock clock{60, 1};
  std::shared_ptr<RenderShared> seen = std::make_shared<RenderShared>();
  RenderState state{kWidth, kHeight, clock, seen};
  std::vector<std::shared_ptr<Ring>> rings;
  int64_t n = kFirst;
};

}  // namespace vistter
