#include "compositor/picture.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

namespace vistter {
namespace {

// BT.709 in 1/65536, limited range. Each chroma row adds up to 0, so that grey stays grey.
inline uint8_t lumaOf(int r, int g, int b) { return uint8_t(16 + ((11966 * r + 40254 * g + 4064 * b + 32768) >> 16)); }
inline uint8_t uOf(int r, int g, int b) { return uint8_t(128 + ((-6596 * r - 22189 * g + 28785 * b + 32768) >> 16)); }
inline uint8_t vOf(int r, int g, int b) { return uint8_t(128 + ((28784 * r - 26145 * g - 2639 * b + 32768) >> 16)); }

struct Inverse {
  uint32_t of[256];  // 255 / alpha in 1/65536.
  Inverse() {
    of[0] = 0;
    for (uint32_t a = 1; a < 256; a++) of[a] = ((255u << 16) + a / 2) / a;
  }
};
const Inverse kInverse;

constexpr size_t kLine = 64, kLargePage = size_t(2) << 20;

uint8_t* allocate(size_t alignment, size_t bytes) {
  auto* memory = static_cast<uint8_t*>(std::aligned_alloc(alignment, alignUp(bytes, alignment)));
  if (!memory) throw std::bad_alloc();
  return memory;
}

/// Refused where the system has no such pages, which is no harm. A child that is being started has none of it: otherwise the first writing
/// to each page afterwards would fault, and break up the large ones that lie in a pipe.
uint8_t* allocateLarge(size_t bytes) {
  uint8_t* const memory = allocate(kLargePage, bytes);
  madvise(memory, alignUp(bytes, kLargePage), MADV_HUGEPAGE);
  madvise(memory, alignUp(bytes, kLargePage), MADV_DONTFORK);
  return memory;
}

void freeLarge(uint8_t* memory, size_t bytes) {
  // What comes to lie there next is a child's like any other.
  madvise(memory, alignUp(bytes, kLargePage), MADV_DOFORK);
  std::free(memory);
}

inline int straight(int premultiplied, uint32_t inverse) { return std::min<int>(255, int((uint64_t(premultiplied) * inverse + 32768) >> 16)); }

}  // namespace

Yuv yuvOf(uint32_t rgb) {
  const int r = (rgb >> 16) & 255, g = (rgb >> 8) & 255, b = rgb & 255;
  return {lumaOf(r, g, b), uOf(r, g, b), vOf(r, g, b)};
}

uint64_t nextSerial() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

size_t Frame::bytes(int width, int height, bool alpha) { return i420Bytes(uint32_t(width), uint32_t(height)) + (alpha ? size_t(width) * height : 0); }

Frame::Frame(int width, int height, bool alpha) : Frame(width, height, alpha, nullptr) {}

Frame::Frame(int width, int height, bool alpha, uint8_t* memory)
    : memory_(memory ? memory : allocate(kLine, bytes(width, height, alpha))), owns_(!memory) {
  const PlaneOffsets at = planeOffsets(uint32_t(width), uint32_t(height));
  this->width = width;
  this->height = height;
  y = memory_;
  u = memory_ + at.u;
  v = memory_ + at.v;
  a = alpha ? memory_ + at.end : nullptr;
  strideY = width;
  strideUv = (width + 1) / 2;
  strideA = alpha ? width : 0;
  content = {0, 0, width, height};
  serial = nextSerial();
}

Frame::~Frame() {
  if (owns_) std::free(memory_);
}

PictureRef ringPicture(const std::shared_ptr<Ring>& ring, const Ring::Taken& taken) {
  auto* p = new Picture;
  p->width = int(taken.width);
  p->height = int(taken.height);
  const PlaneOffsets at = planeOffsets(taken.width, taken.lines);
  p->y = ring->pixels(taken.slot);
  p->u = p->y + at.u;
  p->v = p->y + at.v;
  p->strideY = p->width;
  p->strideUv = p->chromaWidth();
  if (taken.flags & kSlotHasAlpha) {
    p->a = p->y + at.end;
    p->strideA = p->width;
  }
  p->content = {0, 0, p->width, p->height};
  p->serial = nextSerial();
  p->ring = ring.get();
  return PictureRef(p, [ring, slot = taken.slot](const Picture* gone) {
    ring->release(slot);
    delete gone;
  });
}

PictureRef pictureFromRgba(int width, int height, const uint8_t* rgba, size_t stride) {
  auto frame = std::make_shared<Frame>(width, height, true);
  uint8_t* const planeY = frame->writeY();
  uint8_t* const planeA = frame->writeA();
  bool opaque = true;
  int left = width, right = 0, top = height, bottom = 0;
  for (int y = 0; y < height; y++) {
    const uint8_t* in = rgba + stride * y;
    uint8_t* outY = planeY + size_t(width) * y;
    uint8_t* outA = planeA + size_t(width) * y;
    int first = -1, last = -1;
    uint8_t carried = 16;
    for (int x = 0; x < width; x++, in += 4) {
      const int alpha = in[3];
      outA[x] = uint8_t(alpha);
      if (alpha == 0) {
        opaque = false;
        outY[x] = carried;
        continue;
      }
      if (first < 0) first = x;
      last = x;
      if (alpha == 255) {
        carried = lumaOf(in[0], in[1], in[2]);
      } else {
        const uint32_t inverse = kInverse.of[alpha];
        carried = lumaOf(straight(in[0], inverse), straight(in[1], inverse), straight(in[2], inverse));
        opaque = false;
      }
      outY[x] = carried;
    }
    if (first < 0) continue;
    std::memset(outY, outY[first], first);
    left = std::min(left, first);
    right = std::max(right, last + 1);
    top = std::min(top, y);
    bottom = y + 1;
  }
  const int chromaWidth = frame->chromaWidth();
  for (int cy = 0; cy < frame->chromaHeight(); cy++) {
    const uint8_t* row0 = rgba + stride * (2 * cy);
    const uint8_t* row1 = 2 * cy + 1 < height ? row0 + stride : row0;
    uint8_t* outU = frame->writeU() + size_t(chromaWidth) * cy;
    uint8_t* outV = frame->writeV() + size_t(chromaWidth) * cy;
    uint8_t carriedU = 128, carriedV = 128;
    int first = -1;
    for (int cx = 0; cx < chromaWidth; cx++) {
      const int x0 = 8 * cx;
      const int x1 = 2 * cx + 1 < width ? x0 + 4 : x0;
      const int alpha = row0[x0 + 3] + row0[x1 + 3] + row1[x0 + 3] + row1[x1 + 3];
      if (alpha > 0) {
        const auto mean = [&](int c) { return std::min(255, ((row0[x0 + c] + row0[x1 + c] + row1[x0 + c] + row1[x1 + c]) * 255 + alpha / 2) / alpha); };
        const int r = mean(0), g = mean(1), b = mean(2);
        carriedU = uOf(r, g, b);
        carriedV = vOf(r, g, b);
        if (first < 0) first = cx;
      }
      outU[cx] = carriedU;
      outV[cx] = carriedV;
    }
    if (first > 0) {
      std::memset(outU, outU[first], first);
      std::memset(outV, outV[first], first);
    }
  }
  if (opaque) {
    frame->a = nullptr;
    frame->strideA = 0;
  } else {
    // Even edges, as chroma has them.
    left &= ~1;
    top &= ~1;
    frame->content = right > left ? Rect{left, top, right - left, bottom - top} : Rect{};
  }
  return frame;
}

FramePool::FramePool(int width, int height)
    : width_(width), height_(height), frameBytes_(alignUp(Frame::bytes(width, height, false), kLine)), memory_(allocateLarge(kKept * frameBytes_)) {
  std::memset(memory_, 0, kKept * frameBytes_);
  for (size_t i = 0; i < kKept; i++) idle_[i].store(new Frame(width, height, false, memory_ + i * frameBytes_), std::memory_order_relaxed);
}

FramePool::~FramePool() {
  for (auto& slot : idle_) delete slot.load();
  freeLarge(memory_, kKept * frameBytes_);
}

FrameRef FramePool::take() {
  Frame* frame = nullptr;
  for (auto& slot : idle_) {
    if (slot.load(std::memory_order_relaxed) && (frame = slot.exchange(nullptr, std::memory_order_acq_rel))) break;
  }
  if (!frame) frame = new Frame(width_, height_, false);
  frame->serial = nextSerial();
  return FrameRef(frame, [pool = shared_from_this()](Frame* back) { pool->giveBack(back); });
}

void FramePool::giveBack(Frame* frame) {
  // One beyond those that are kept takes the place of none of them: that one's memory would lie unused for good.
  if (frame->owns()) {
    delete frame;
    return;
  }
  for (auto& slot : idle_) {
    Frame* none = nullptr;
    if (slot.compare_exchange_strong(none, frame, std::memory_order_acq_rel)) return;
  }
}

}  // namespace vistter
