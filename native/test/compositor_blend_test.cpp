// Drawing against slow references that do the same with floats, pixel by pixel.
#include "compositor/blend.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "compositor/compositor.h"
#include "compositor/geometry.h"
#include "test/check.h"

using namespace vistter;

namespace {

FrameRef noise(int width, int height, bool alpha, uint32_t seed) {
  auto f = std::make_shared<Frame>(width, height, alpha);
  const size_t bytes = size_t(width) * height * (alpha ? 2 : 1) + 2 * size_t(f->chromaWidth()) * f->chromaHeight();
  for (size_t i = 0; i < bytes; i++) {
    seed = seed * 1664525 + 1013904223;
    f->writeY()[i] = uint8_t(16 + (seed >> 24) * 219 / 255);
  }
  return f;
}

/// A picture that changes slowly, so that scaling has a right answer.
FrameRef smooth(int width, int height) {
  auto f = std::make_shared<Frame>(width, height, false);
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) f->writeY()[size_t(y) * width + x] = uint8_t(40 + 150.0 * (x + 0.5) / width + 40 * (y + 0.5) / height);
  }
  for (int y = 0; y < f->chromaHeight(); y++) {
    for (int x = 0; x < f->chromaWidth(); x++) {
      f->writeU()[size_t(y) * f->chromaWidth() + x] = uint8_t(40 + 160.0 * (x + 0.5) / f->chromaWidth());
      f->writeV()[size_t(y) * f->chromaWidth() + x] = uint8_t(40 + 160.0 * (y + 0.5) / f->chromaHeight());
    }
  }
  return f;
}

int lumaAt(const Picture& p, int x, int y) { return p.y[size_t(y) * p.strideY + x]; }

void fadesAreWithinOneOfTheReference() {
  auto a = noise(322, 182, false, 1), b = noise(322, 182, false, 2);
  Frame out(322, 182, false);
  for (int share : {0, 1, 37, 64, 127, 128, 200, 255}) {
    mixPictures(*a, *b, share, out, {0, 0, out.width, out.height});
    for (int y = 0; y < 182; y++) {
      for (int x = 0; x < 322; x++) {
        CHECK_NEAR(lumaAt(out, x, y), lumaAt(*a, x, y) + (lumaAt(*b, x, y) - lumaAt(*a, x, y)) * share / 256.0, 1.01);
      }
    }
    for (int i = 0; i < 161 * 91; i++) CHECK_NEAR(out.v[i], a->v[i] + (b->v[i] - a->v[i]) * share / 256.0, 1.01);
  }
  mixColor(*a, {200, 30, 220}, 100, out, {0, 0, out.width, out.height});
  for (int i = 0; i < 322 * 182; i++) CHECK_NEAR(out.y[i], a->y[i] + (200 - a->y[i]) * 100 / 256.0, 1.01);
  for (int i = 0; i < 161 * 91; i++) CHECK_NEAR(out.u[i], a->u[i] + (30 - a->u[i]) * 100 / 256.0, 1.01);
}

void alphaIsWithinTwoOfTheReference() {
  auto fg = noise(200, 100, true, 3);
  for (int opacity : {256, 128, 10}) {
    auto to = noise(320, 180, false, 4), before = noise(320, 180, false, 4);
    blendRect(*fg, 4, 6, *to, {50, 20, 150, 80}, opacity);
    for (int y = 0; y < 180; y++) {
      for (int x = 0; x < 320; x++) {
        const bool inside = x >= 50 && x < 200 && y >= 20 && y < 100;
        if (!inside) {
          CHECK(lumaAt(*to, x, y) == lumaAt(*before, x, y));
          continue;
        }
        const int sx = x - 50 + 4, sy = y - 20 + 6;
        const double alpha = fg->a[size_t(sy) * fg->strideA + sx] / 255.0 * opacity / 256.0;
        CHECK_NEAR(lumaAt(*to, x, y), lumaAt(*before, x, y) * (1 - alpha) + lumaAt(*fg, sx, sy) * alpha, 2);
      }
    }
  }
}

void oneOpacityIsWithinOneOfTheReference() {
  auto fg = noise(200, 100, false, 5), to = noise(320, 180, false, 6), before = noise(320, 180, false, 6);
  blendRect(*fg, 0, 0, *to, {10, 10, 200, 100}, 77);
  for (int y = 10; y < 110; y++) {
    for (int x = 10; x < 210; x++) {
      CHECK_NEAR(lumaAt(*to, x, y), lumaAt(*before, x, y) * (1 - 77 / 256.0) + lumaAt(*fg, x - 10, y - 10) * 77 / 256.0, 1.01);
    }
  }
}

void scalingKeepsPlacesAndLevels() {
  const int sizes[][2] = {{1920, 1080}, {640, 360}, {333, 217}, {160, 90}, {1281, 719}};
  const int targets[][2] = {{320, 180}, {480, 270}, {322, 182}, {100, 56}, {1000, 562}};
  for (const auto& s : sizes) {
    auto from = smooth(s[0], s[1]);
    for (const auto& t : targets) {
      Frame to(t[0], t[1], false);
      scaleRect(*from, {0, 0, s[0], s[1]}, to, {0, 0, t[0], t[1]});
      // Anything that shifted by half a pixel of the smaller one shows in the slopes of 150 and 160 across.
      const double slope = 190.0 / std::min(s[0], t[0]) + 80.0 / std::min(s[1], t[1]);
      for (int y = 2; y < t[1] - 2; y++) {
        for (int x = 2; x < t[0] - 2; x++) {
          CHECK_NEAR(lumaAt(to, x, y), 40 + 150.0 * (x + 0.5) / t[0] + 40 * (y + 0.5) / t[1], 1.6 + slope);
        }
      }
      for (int y = 2; y < to.chromaHeight() - 2; y++) {
        for (int x = 2; x < to.chromaWidth() - 2; x++) {
          CHECK_NEAR(to.u[size_t(y) * to.strideUv + x], 40 + 160.0 * (x + 0.5) / to.chromaWidth(), 1.6 + 2 * slope);
        }
      }
    }
  }
}

void everyInputPixelCountsWhenScaledDown() {
  // One white pixel in sixteen: each output pixel has its share of it.
  Frame from(640, 360, false);
  std::fill_n(from.writeY(), 640 * 360 * 3 / 2, uint8_t(16));
  for (int y = 0; y < 360; y += 4) {
    for (int x = 0; x < 640; x += 4) from.writeY()[y * 640 + x] = 235;
  }
  Frame to(160, 90, false);
  scaleRect(from, {0, 0, 640, 360}, to, {0, 0, 160, 90});
  for (int i = 0; i < 160 * 90; i++) CHECK_NEAR(to.y[i], 16 + 219 / 16.0, 2);
}

void rgbaBecomesLimited709() {
  const int w = 64, h = 36;
  std::vector<uint8_t> rgba(size_t(w) * h * 4);
  for (int y = 0; y < h; y++) {
    for (int x = 0; x < w; x++) {
      uint8_t* p = rgba.data() + 4 * (size_t(y) * w + x);
      p[0] = uint8_t(x / 2 * 8), p[1] = uint8_t(y / 2 * 14), p[2] = uint8_t(255 - x / 2 * 8), p[3] = 255;
    }
  }
  const PictureRef p = pictureFromRgba(w, h, rgba.data(), size_t(w) * 4);
  CHECK(!p->a);
  for (int y = 0; y < h; y++) {
    for (int x = 0; x < w; x++) {
      const uint8_t* c = rgba.data() + 4 * (size_t(y) * w + x);
      const double luma = 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
      CHECK_NEAR(lumaAt(*p, x, y), 16 + 219 * luma / 255, 0.6);
      CHECK_NEAR(p->u[size_t(y / 2) * p->strideUv + x / 2], 128 + 224 * (c[2] - luma) / 1.8556 / 255, 0.8);
      CHECK_NEAR(p->v[size_t(y / 2) * p->strideUv + x / 2], 128 + 224 * (c[0] - luma) / 1.5748 / 255, 0.8);
    }
  }
  for (int grey : {0, 1, 127, 255}) {
    const Yuv yuv = yuvOf(uint32_t(grey * 0x010101));
    CHECK(yuv.u == 128 && yuv.v == 128);
  }
  CHECK(yuvOf(0xffffff).y == 235 && yuvOf(0).y == 16);
}

void premultipliedColourIsMadeStraight() {
  // An orange edge that fades out over transparent black: every pixel keeps the orange.
  const int w = 66, h = 8;
  std::vector<uint8_t> rgba(size_t(w) * h * 4);
  for (int y = 0; y < h; y++) {
    for (int x = 0; x < w; x++) {
      const int alpha = x < 16 || x >= 50 ? 0 : (x - 16) * 7 + 17;
      uint8_t* p = rgba.data() + 4 * (size_t(y) * w + x);
      p[0] = uint8_t(255 * alpha / 255), p[1] = uint8_t(160 * alpha / 255), p[2] = 0, p[3] = uint8_t(alpha);
    }
  }
  const PictureRef p = pictureFromRgba(w, h, rgba.data(), size_t(w) * 4);
  CHECK(p->a);
  CHECK((p->content == Rect{16, 0, 34, 8}));
  const Yuv orange = yuvOf(0xffa000);
  for (int x = 0; x < w; x++) CHECK_NEAR(lumaAt(*p, x, 4), orange.y, x > 20 ? 3 : 12);
  for (int x = 0; x < w / 2; x++) CHECK_NEAR(p->u[x], orange.u, 8);
  std::fill(rgba.begin(), rgba.end(), 0);
  CHECK(pictureFromRgba(w, h, rgba.data(), size_t(w) * 4)->content.empty());
}

void layersAreInsideTheFrameAndEven() {
  Random random(7);
  for (int i = 0; i < 20000; i++) {
    Layer l;
    l.x = random.below(4000) / 1000.0 - 2;
    l.y = random.below(4000) / 1000.0 - 2;
    l.width = random.below(3000) / 1000.0;
    l.height = random.below(3000) / 1000.0;
    l.fit = Fit(random.below(3));
    l.cropLeft = random.below(600) / 1000.0;
    l.cropTop = random.below(600) / 1000.0;
    l.cropRight = random.below(600) / 1000.0;
    l.cropBottom = random.below(600) / 1000.0;
    const int pw = 2 + int(random.below(3000)), ph = 2 + int(random.below(3000));
    const Placement p = place(l, pw, ph, 1280, 720);
    if (p.to.empty()) continue;
    CHECK(p.to.x >= 0 && p.to.y >= 0 && p.to.x + p.to.w <= 1280 && p.to.y + p.to.h <= 720);
    CHECK(p.to.x % 2 == 0 && p.to.y % 2 == 0 && p.to.w % 2 == 0 && p.to.h % 2 == 0);
    CHECK(p.from.x >= 0 && p.from.y >= 0 && p.from.w >= 1 && p.from.h >= 1);
    CHECK(p.from.x + p.from.w <= pw && p.from.y + p.from.h <= ph);
    CHECK(p.from.x % 2 == 0 && p.from.y % 2 == 0);
  }
}

void anythingAnywhereStaysWithinItsMemory() {
  // For the sanitizer: pictures of all sizes in all places, blended and scaled.
  Random random(11);
  Compositor compositor(320, 180);
  for (int i = 0; i < 1500; i++) {
    std::vector<Layer> layers(1 + random.below(4));
    std::vector<DrawnLayer> drawn;
    for (Layer& l : layers) {
      l.x = random.below(3000) / 1000.0 - 1.5;
      l.y = random.below(3000) / 1000.0 - 1.5;
      l.width = random.below(2500) / 1000.0;
      l.height = random.below(2500) / 1000.0;
      l.fit = Fit(random.below(3));
      l.opacity = random.below(3) / 2.0;
      l.cropLeft = random.below(500) / 1000.0;
      l.cropBottom = random.below(500) / 1000.0;
      drawn.push_back({&l, noise(2 + int(random.below(500)), 2 + int(random.below(400)), random.below(2) != 0, random.next())});
    }
    compositor.begin();
    const PictureRef first = compositor.compose(drawn, 0);
    const PictureRef again = compositor.compose(drawn, 0);
    CHECK(first->serial == again->serial);  // Nothing changed, nothing drawn.
    Transition t;
    t.kind = TransitionKind(1 + random.below(5));
    t.direction = Direction(random.below(4));
    t.frames = 1 + int(random.below(40));
    compositor.mix(first, compositor.compose({}, 1), t, t.progress(int(random.below(uint32_t(t.frames)))));
  }
}

/// What the kernel notes of the memory at a place (proc(5), VmFlags).
std::string flagsOf(const void* at) {
  std::ifstream maps("/proc/self/smaps");
  bool isThere = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long long from = 0, to = 0;
    if (sscanf(line.c_str(), "%llx-%llx ", &from, &to) == 2) isThere = uintptr_t(at) >= from && uintptr_t(at) < to;
    else if (isThere && line.compare(0, 8, "VmFlags:") == 0) return line;
  }
  return "";
}

void aChildThatIsStartedHasNoFrames() {
  const auto pool = std::make_shared<FramePool>(1920, 1080);
  std::vector<FrameRef> frames;
  for (int i = 0; i < 8; i++) frames.push_back(pool->take());
  for (int i = 0; i < 6; i++) {
    CHECK(flagsOf(frames[size_t(i)]->y).find(" dc") != std::string::npos);
    std::memset(frames[size_t(i)]->writeY(), i, Frame::bytes(1920, 1080, false));
  }
  for (int i = 0; i < 6; i++) CHECK(frames[size_t(i)]->y[0] == i && frames[size_t(i)]->v[960 * 540 - 1] == i);
  // Nor after more were out than are kept, in whatever order they come back.
  while (!frames.empty()) frames.pop_back();
  for (int i = 0; i < 6; i++) {
    frames.push_back(pool->take());
    CHECK(flagsOf(frames.back()->y).find(" dc") != std::string::npos);
  }
}

}  // namespace

int main() {
  RUN(fadesAreWithinOneOfTheReference);
  RUN(alphaIsWithinTwoOfTheReference);
  RUN(oneOpacityIsWithinOneOfTheReference);
  RUN(scalingKeepsPlacesAndLevels);
  RUN(everyInputPixelCountsWhenScaledDown);
  RUN(rgbaBecomesLimited709);
  RUN(premultipliedColourIsMadeStraight);
  RUN(layersAreInsideTheFrameAndEven);
  RUN(anythingAnywhereStaysWithinItsMemory);
  RUN(aChildThatIsStartedHasNoFrames);
}
