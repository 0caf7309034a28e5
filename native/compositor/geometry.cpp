#include "compositor/geometry.h"

#include <algorithm>
#include <cmath>

namespace vistter {
namespace {

struct Span {
  int from, size;
};

/// A span of pixels on even edges, at least two wide.
Span evenSpan(double from, double size, int limit) {
  int a = int(std::lround(from / 2)) * 2;
  int b = int(std::lround((from + size) / 2)) * 2;
  if (std::abs(from + size - limit) < 1) b = limit;  // An odd frame is filled to its edge.
  if (b - a < 2) b = a + 2;
  return {a, b - a};
}

/// Cuts the target span to 0..limit and the source span with it.
bool clip(Span& to, double& from, double& size, int limit) {
  const int a = std::max(to.from, 0), b = std::min(to.from + to.size, limit);
  if (b <= a) return false;
  const double scale = size / to.size;
  from += (a - to.from) * scale;
  size = (b - a) * scale;
  to = {a, b - a};
  return true;
}

Span sourceSpan(double from, double size, int limit) {
  int a = std::clamp(int(std::lround(from / 2)) * 2, 0, std::max(0, limit - 2)) & ~1;
  int n = std::max(2, int(std::lround(size)));
  return {a, std::min(n, limit - a)};
}

}  // namespace

Placement place(const Layer& layer, int pictureWidth, int pictureHeight, int frameWidth, int frameHeight) {
  double sx = layer.cropLeft * pictureWidth;
  double sy = layer.cropTop * pictureHeight;
  double sw = pictureWidth * (1 - layer.cropLeft - layer.cropRight);
  double sh = pictureHeight * (1 - layer.cropTop - layer.cropBottom);
  double x = layer.x * frameWidth, y = layer.y * frameHeight;
  double w = layer.width * frameWidth, h = layer.height * frameHeight;
  if (sw < 1 || sh < 1 || w < 1 || h < 1) return {};
  if (layer.fit == Fit::Contain) {
    const double scale = std::min(w / sw, h / sh);
    x += (w - sw * scale) / 2;
    y += (h - sh * scale) / 2;
    w = sw * scale;
    h = sh * scale;
  } else if (layer.fit == Fit::Cover) {
    const double scale = std::max(w / sw, h / sh);
    sx += (sw - w / scale) / 2;
    sy += (sh - h / scale) / 2;
    sw = w / scale;
    sh = h / scale;
  }
  Span across = evenSpan(x, w, frameWidth), down = evenSpan(y, h, frameHeight);
  if (!clip(across, sx, sw, frameWidth) || !clip(down, sy, sh, frameHeight)) return {};
  const Span fromX = sourceSpan(sx, sw, pictureWidth), fromY = sourceSpan(sy, sh, pictureHeight);
  Placement p;
  p.to = {across.from, down.from, across.size, down.size};
  p.from = {fromX.from, fromY.from, fromX.size, fromY.size};
  // A picture that is within a pixel of its place's size is not scaled for it.
  if (std::abs(p.to.w - p.from.w) == 1 && p.from.x + p.to.w <= pictureWidth) p.from.w = p.to.w;
  if (std::abs(p.to.h - p.from.h) == 1 && p.from.y + p.to.h <= pictureHeight) p.from.h = p.to.h;
  return p;
}

Rect areaRect(const Area& area, int frameWidth, int frameHeight) {
  const auto cut = [](const Span& span, int limit) {
    const int a = std::clamp(span.from, 0, limit), b = std::clamp(span.from + span.size, 0, limit);
    return Span{a, b - a};
  };
  const Span across = cut(evenSpan(area.x * frameWidth, area.width * frameWidth, frameWidth), frameWidth);
  const Span down = cut(evenSpan(area.y * frameHeight, area.height * frameHeight, frameHeight), frameHeight);
  return {across.from, down.from, across.size, down.size};
}

}  // namespace vistter
