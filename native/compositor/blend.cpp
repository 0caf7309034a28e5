#include "compositor/blend.h"

#include <libyuv.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "compositor/scale.h"

namespace vistter {
namespace {

struct Plane {
  const uint8_t* data;
  int stride, width, height;
};

inline int half(int n) { return (n + 1) / 2; }

/// Memory that grows as needed and stays: the render thread allocates nothing once it is warm.
uint8_t* scratch(std::vector<uint8_t>& buffer, size_t bytes) {
  if (buffer.size() < bytes) buffer.resize(bytes);
  return buffer.data();
}

void scalePlane(Plane from, uint8_t* to, int toStride, int width, int height) {
  thread_local std::vector<uint8_t> buffers[2];
  for (int turn = 0;; turn ^= 1) {
    if (from.width == width && from.height == height) {
      libyuv::CopyPlane(from.data, from.stride, to, toStride, width, height);
      return;
    }
    const bool halve = from.width >= 2 * width && from.height >= 2 * height;
    if (!halve) {
      if (from.width > 2 * width || from.height > 2 * height) {
        libyuv::ScalePlane(from.data, from.stride, from.width, from.height, to, toStride, width, height, libyuv::kFilterBox);
      } else {
        scaleBilinear(from.data, from.stride, from.width, from.height, to, toStride, width, height);
      }
      return;
    }
    // An exact half by the box filter is by far its fastest case; an odd last column or row is left out.
    const int w = from.width / 2, h = from.height / 2;
    const bool last = w == width && h == height;
    uint8_t* into = last ? to : scratch(buffers[turn], size_t(w) * h);
    const int intoStride = last ? toStride : w;
    libyuv::ScalePlane(from.data, from.stride, w * 2, h * 2, into, intoStride, w, h, libyuv::kFilterBox);
    if (last) return;
    from = {into, intoStride, w, h};
  }
}

}  // namespace

void scalePlane(const uint8_t* from, int fromStride, int fromWidth, int fromHeight, uint8_t* to, int toStride, int width, int height) {
  scalePlane({from, fromStride, fromWidth, fromHeight}, to, toStride, width, height);
}

void fillRect(Frame& to, const Rect& r, Yuv color) {
  if (r.empty()) return;
  libyuv::SetPlane(to.writeY() + size_t(r.y) * to.strideY + r.x, to.strideY, r.w, r.h, color.y);
  const size_t at = size_t(r.y / 2) * to.strideUv + r.x / 2;
  libyuv::SetPlane(to.writeU() + at, to.strideUv, half(r.w), half(r.h), color.u);
  libyuv::SetPlane(to.writeV() + at, to.strideUv, half(r.w), half(r.h), color.v);
}

void copyRect(const Picture& from, int sx, int sy, Frame& to, const Rect& r) {
  if (r.empty()) return;
  libyuv::CopyPlane(from.y + size_t(sy) * from.strideY + sx, from.strideY,
                    to.writeY() + size_t(r.y) * to.strideY + r.x, to.strideY, r.w, r.h);
  const size_t source = size_t(sy / 2) * from.strideUv + sx / 2;
  const size_t at = size_t(r.y / 2) * to.strideUv + r.x / 2;
  libyuv::CopyPlane(from.u + source, from.strideUv, to.writeU() + at, to.strideUv, half(r.w), half(r.h));
  libyuv::CopyPlane(from.v + source, from.strideUv, to.writeV() + at, to.strideUv, half(r.w), half(r.h));
}

void scaleRect(const Picture& from, const Rect& part, Frame& to, const Rect& r) {
  if (r.empty() || part.empty()) return;
  const size_t lumaAt = size_t(part.y) * from.strideY + part.x;
  const size_t chromaFrom = size_t(part.y / 2) * from.strideUv + part.x / 2;
  const size_t chromaAt = size_t(r.y / 2) * to.strideUv + r.x / 2;
  scalePlane({from.y + lumaAt, from.strideY, part.w, part.h}, to.writeY() + size_t(r.y) * to.strideY + r.x, to.strideY, r.w, r.h);
  scalePlane({from.u + chromaFrom, from.strideUv, half(part.w), half(part.h)}, to.writeU() + chromaAt, to.strideUv, half(r.w), half(r.h));
  scalePlane({from.v + chromaFrom, from.strideUv, half(part.w), half(part.h)}, to.writeV() + chromaAt, to.strideUv, half(r.w), half(r.h));
  if (from.a && to.a) {
    scalePlane({from.a + size_t(part.y) * from.strideA + part.x, from.strideA, part.w, part.h},
               to.writeA() + size_t(r.y) * to.strideA + r.x, to.strideA, r.w, r.h);
  }
}

void blendRect(const Picture& from, int sx, int sy, Frame& to, const Rect& r, int opacity) {
  if (r.empty() || opacity <= 0) return;
  const uint8_t* y = from.y + size_t(sy) * from.strideY + sx;
  const size_t chromaFrom = size_t(sy / 2) * from.strideUv + sx / 2;
  uint8_t* outY = to.writeY() + size_t(r.y) * to.strideY + r.x;
  const size_t chromaAt = size_t(r.y / 2) * to.strideUv + r.x / 2;
  uint8_t* outU = to.writeU() + chromaAt;
  uint8_t* outV = to.writeV() + chromaAt;
  if (!from.a) {
    // One opacity for all: each plane is mixed in place.
    const int share = std::min(opacity, 255);
    libyuv::InterpolatePlane(outY, to.strideY, y, from.strideY, outY, to.strideY, r.w, r.h, share);
    libyuv::InterpolatePlane(outU, to.strideUv, from.u + chromaFrom, from.strideUv, outU, to.strideUv, half(r.w), half(r.h), share);
    libyuv::InterpolatePlane(outV, to.strideUv, from.v + chromaFrom, from.strideUv, outV, to.strideUv, half(r.w), half(r.h), share);
    return;
  }
  const uint8_t* alpha = from.a + size_t(sy) * from.strideA + sx;
  int alphaStride = from.strideA;
  thread_local std::vector<uint8_t> faded;
  if (opacity < 256) {
    uint8_t* out = scratch(faded, size_t(r.w) * r.h);
    for (int row = 0; row < r.h; row++) {
      const uint8_t* in = alpha + size_t(row) * alphaStride;
      uint8_t* line = out + size_t(row) * r.w;
      for (int x = 0; x < r.w; x++) line[x] = uint8_t((in[x] * opacity + 128) >> 8);
    }
    alpha = out;
    alphaStride = r.w;
  }
  libyuv::I420Blend(y, from.strideY, from.u + chromaFrom, from.strideUv, from.v + chromaFrom, from.strideUv,
                    outY, to.strideY, outU, to.strideUv, outV, to.strideUv, alpha, alphaStride,
                    outY, to.strideY, outU, to.strideUv, outV, to.strideUv, r.w, r.h);
}

void mixPictures(const Picture& a, const Picture& b, int share, Frame& to, const Rect& r) {
  if (r.empty()) return;
  const int f = std::clamp(share, 0, 255);
  const auto luma = [&](int stride) { return size_t(r.y) * stride + r.x; };
  const auto chroma = [&](int stride) { return size_t(r.y / 2) * stride + r.x / 2; };
  const int cw = half(r.w), ch = half(r.h);
  libyuv::InterpolatePlane(a.y + luma(a.strideY), a.strideY, b.y + luma(b.strideY), b.strideY, to.writeY() + luma(to.strideY), to.strideY, r.w, r.h, f);
  libyuv::InterpolatePlane(a.u + chroma(a.strideUv), a.strideUv, b.u + chroma(b.strideUv), b.strideUv, to.writeU() + chroma(to.strideUv), to.strideUv, cw, ch, f);
  libyuv::InterpolatePlane(a.v + chroma(a.strideUv), a.strideUv, b.v + chroma(b.strideUv), b.strideUv, to.writeV() + chroma(to.strideUv), to.strideUv, cw, ch, f);
}

void mixColor(const Picture& a, Yuv color, int share, Frame& to, const Rect& r) {
  if (r.empty()) return;
  const int f = std::clamp(share, 0, 255);
  const auto luma = [&](int stride) { return size_t(r.y) * stride + r.x; };
  const auto chroma = [&](int stride) { return size_t(r.y / 2) * stride + r.x / 2; };
  const int cw = half(r.w), ch = half(r.h);
  // One row of the colour, read again for each row of the picture.
  thread_local std::vector<uint8_t> row;
  uint8_t* line = scratch(row, size_t(r.w));
  std::memset(line, color.y, size_t(r.w));
  libyuv::InterpolatePlane(a.y + luma(a.strideY), a.strideY, line, 0, to.writeY() + luma(to.strideY), to.strideY, r.w, r.h, f);
  std::memset(line, color.u, size_t(cw));
  libyuv::InterpolatePlane(a.u + chroma(a.strideUv), a.strideUv, line, 0, to.writeU() + chroma(to.strideUv), to.strideUv, cw, ch, f);
  std::memset(line, color.v, size_t(cw));
  libyuv::InterpolatePlane(a.v + chroma(a.strideUv), a.strideUv, line, 0, to.writeV() + chroma(to.strideUv), to.strideUv, cw, ch, f);
}

}  // namespace vistter
