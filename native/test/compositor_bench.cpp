// What a frame costs: the reference mix M, one camera alone, and the rest of what is done often. Medians of µs, 1080p.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <vector>

#include "clock/frame_clock.h"
#include "compositor/blend.h"
#include "compositor/compositor.h"

using namespace vistter;

namespace {

constexpr int kWidth = 1920, kHeight = 1080, kFrames = 400;

/// A camera's ring: eight slots, so that no frame is still in the cache when its turn comes again.
struct Camera {
  std::vector<FrameRef> slots;
  Camera(int width, int height, int seed) {
    for (int i = 0; i < 8; i++) {
      auto f = std::make_shared<Frame>(width, height, false);
      uint32_t noise = uint32_t(seed * 97 + i);
      for (int p = 0; p < width * height; p++) {
        noise = noise * 1664525 + 1013904223;
        f->writeY()[p] = uint8_t(noise >> 24);
      }
      std::fill_n(f->writeU(), f->chromaWidth() * f->chromaHeight() * 2, uint8_t(100 + i));
      slots.push_back(f);
    }
  }
  /// The next frame: other pixels than before, and a serial of its own.
  PictureRef next(int n) {
    slots[size_t(n % 8)]->serial = nextSerial();
    return slots[size_t(n % 8)];
  }
};

double median(const char* name, const std::function<void(int)>& frame) {
  std::vector<double> us;
  for (int n = 0; n < kFrames; n++) {
    const int64_t began = monotonicNs();
    frame(n);
    us.push_back(double(monotonicNs() - began) / 1000);
  }
  std::sort(us.begin(), us.end());
  printf("%-52s %8.1f µs   p99 %8.1f µs\n", name, us[us.size() / 2], us[us.size() * 99 / 100]);
  return us[us.size() / 2];
}

PictureRef overlayPicture(int width, int height) {
  std::vector<uint8_t> rgba(size_t(width) * height * 4);
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      const int alpha = std::min(255, (x + y) % 320);
      uint8_t* p = rgba.data() + 4 * (size_t(y) * width + x);
      p[0] = uint8_t(alpha), p[1] = uint8_t(alpha / 2), p[2] = 0, p[3] = uint8_t(alpha);
    }
  }
  return pictureFromRgba(width, height, rgba.data(), size_t(width) * 4);
}

Layer at(double x, double y, double w, double h, double opacity = 1) {
  Layer l;
  l.x = x, l.y = y, l.width = w, l.height = h, l.opacity = opacity;
  l.fit = Fit::Fill;
  return l;
}

}  // namespace

int main() {
  Compositor compositor(kWidth, kHeight);
  Camera one(kWidth, kHeight, 1), two(kWidth, kHeight, 2), small(1280, 720, 3);
  const Layer whole = at(0, 0, 1, 1), pip = at(0.7, 0.05, 0.25, 0.25), pipLarge = at(0.4, 0.4, 0.6, 0.6);
  const Layer third = at(0.1, 0.75, 600.0 / kWidth, 200.0 / kHeight);
  const PictureRef overlay = overlayPicture(600, 200);
  const auto compose = [&](std::vector<DrawnLayer> layers, int memory = 0) {
    compositor.begin();
    return compositor.compose(layers, memory);
  };

  const double mix = median("M: 1080p + PiP 480x270 + overlay 600x200", [&](int n) {
    compose({{&whole, one.next(n)}, {&pip, two.next(n)}, {&third, overlay}});
  });
  const double alone = median("one full-frame camera", [&](int n) { compose({{&whole, one.next(n)}}); });
  median("full-frame camera + overlay 600x200", [&](int n) { compose({{&whole, one.next(n)}, {&third, overlay}}); });
  median("1080p + PiP 1152x648", [&](int n) { compose({{&whole, one.next(n)}, {&pipLarge, two.next(n)}}); });
  median("720p camera on a 1080p program", [&](int n) { compose({{&whole, small.next(n)}}); });
  const Layer half = at(0, 0, 1, 1, 0.5);
  median("two full-frame cameras, upper at opacity 0.5", [&](int n) { compose({{&whole, one.next(n)}, {&half, two.next(n)}}); });
  for (const auto& [name, kind] : {std::pair{"fade between two cameras", TransitionKind::Fade}, {"dip", TransitionKind::Dip}, {"wipe", TransitionKind::Wipe}, {"push", TransitionKind::Push}}) {
    Transition t;
    t.kind = kind;
    t.frames = kFrames;
    median(name, [&](int n) {
      compositor.begin();
      const PictureRef a = compositor.compose({{&whole, one.next(n)}}, 1);
      const PictureRef b = compositor.compose({{&whole, two.next(n)}}, 0);
      compositor.mix(a, b, t, t.progress(n));
    });
  }
  median("an overlay handed over: 600x200 RGBA to I420", [&](int) { overlayPicture(600, 200); });
  printf("%s\n", mix <= 1000 && alone <= 100 ? "within 1000 µs (M) and 100 µs (one camera)" : "TOO SLOW");
  return 0;
}
