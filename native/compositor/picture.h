// Pictures: limited-range BT.709 I420, with an optional plane of straight (not multiplied) alpha.
//
// A Picture is what may be looked at: a slot of a ring, a picture handed over by JS, a rendered frame. Whoever holds a
// PictureRef may read it for as long as it likes; memory goes back where it came from with the last one.
// A Frame is memory of our own to draw into. Once drawn it is passed on as a Picture and not written again.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "ring/consumer.h"

namespace vistter {

struct Rect {
  int x = 0, y = 0, w = 0, h = 0;
  bool operator==(const Rect& o) const { return x == o.x && y == o.y && w == o.w && h == o.h; }
  bool empty() const { return w <= 0 || h <= 0; }
  bool contains(const Rect& o) const { return o.x >= x && o.y >= y && o.x + o.w <= x + w && o.y + o.h <= y + h; }
};

struct Yuv {
  uint8_t y = 16, u = 128, v = 128;
};

/// 0xRRGGBB → limited-range BT.709.
Yuv yuvOf(uint32_t rgb);

struct Picture {
  int width = 0;
  int height = 0;
  const uint8_t* y = nullptr;
  const uint8_t* u = nullptr;
  const uint8_t* v = nullptr;
  const uint8_t* a = nullptr;  // Null: opaque.
  int strideY = 0, strideUv = 0, strideA = 0;
  uint64_t serial = 0;         // No two pictures have the same, ever: equal serials are equal pixels.
  Rect content;                // What is not fully transparent; the whole when there is no alpha.
  const Ring* ring = nullptr;  // Set when it lies in a ring's slot.

  int chromaWidth() const { return (width + 1) / 2; }
  int chromaHeight() const { return (height + 1) / 2; }
  /// Whether each plane is one piece without padding, as the encoder takes them.
  bool packed() const { return strideY == width && strideUv == chromaWidth(); }
};
using PictureRef = std::shared_ptr<const Picture>;

uint64_t nextSerial();

struct Frame : Picture {
  Frame(int width, int height, bool alpha);
  /// In memory of somebody else: of `bytes(…)`, at a multiple of 64.
  Frame(int width, int height, bool alpha, uint8_t* memory);
  ~Frame();
  static size_t bytes(int width, int height, bool alpha);
  bool owns() const { return owns_; }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  uint8_t* writeY() { return memory_; }
  uint8_t* writeU() { return const_cast<uint8_t*>(u); }
  uint8_t* writeV() { return const_cast<uint8_t*>(v); }
  uint8_t* writeA() { return const_cast<uint8_t*>(a); }

 private:
  uint8_t* const memory_;
  const bool owns_;
};
using FrameRef = std::shared_ptr<Frame>;

/// A picture that lies in slot `taken` of `ring` and gives the slot back when nobody looks at it any more.
PictureRef ringPicture(const std::shared_ptr<Ring>& ring, const Ring::Taken& taken);

/// Premultiplied RGBA → picture. Chroma is weighted by alpha, and colour is carried on into transparent pixels, so that
/// edges neither darken nor fringe when they are scaled. About 2.5 ns a pixel: call it where nothing waits.
PictureRef pictureFromRgba(int width, int height, const uint8_t* rgba, size_t stride);

/// Frames of one size that go round. Never blocks; taking from one thread, giving back from any. Those it keeps are there
/// from the start: a busy moment later on then costs no page faults, and leaves no more memory in use than before. They lie in
/// large pages where the system has them: lending a frame to the encoder's pipe and reading it there then takes half the time.
class FramePool : public std::enable_shared_from_this<FramePool> {
 public:
  FramePool(int width, int height);
  ~FramePool();
  FrameRef take();

 private:
  static constexpr size_t kKept = 6;
  void giveBack(Frame* frame);
  const int width_, height_;
  const size_t frameBytes_;
  uint8_t* const memory_;  // Of all that are kept.
  std::array<std::atomic<Frame*>, kKept> idle_{};
};

}  // namespace vistter
