#include "compositor/compositor.h"

#include <algorithm>
#include <cmath>

#include "compositor/blend.h"

namespace vistter {
namespace {

/// Frames after which a scaled picture that nobody draws is let go.
constexpr uint64_t kScaledKept = 30;

}  // namespace

Compositor::Compositor(int width, int height)
    : width_(width), height_(height), pool_(std::make_shared<FramePool>(width, height)), results_(kMemories) {}

void Compositor::begin() {
  frame_++;
  for (Result& r : results_) {
    if (r.picture && frame_ - r.used > 1) r = {};
  }
  scaled_.erase(std::remove_if(scaled_.begin(), scaled_.end(), [&](const Scaled& s) { return frame_ - s.used > (s.frame ? kScaledKept : 1); }),
                scaled_.end());
}

std::vector<Compositor::Draw> Compositor::plan(const std::vector<DrawnLayer>& layers) const {
  std::vector<Draw> draws;
  draws.reserve(layers.size());
  for (const DrawnLayer& l : layers) {
    if (!l.picture) continue;
    const int opacity = int(std::lround(std::clamp(l.layer->opacity, 0.0, 1.0) * 256));
    if (opacity == 0 || l.picture->content.empty()) continue;
    Placement at = place(*l.layer, l.picture->width, l.picture->height, width_, height_);
    if (at.to.empty()) continue;
    if (!at.scaled() && l.picture->a) {
      // Only what is not transparent.
      const Rect& c = l.picture->content;
      const int x0 = std::max(at.from.x, c.x), y0 = std::max(at.from.y, c.y);
      const int x1 = std::min(at.from.x + at.from.w, c.x + c.w), y1 = std::min(at.from.y + at.from.h, c.y + c.h);
      if (x1 <= x0 || y1 <= y0) continue;
      at.to = {at.to.x + x0 - at.from.x, at.to.y + y0 - at.from.y, x1 - x0, y1 - y0};
      at.from = {x0, y0, x1 - x0, y1 - y0};
    }
    draws.push_back({l.picture, at, opacity});
  }
  cull(draws);
  return draws;
}

/// Takes out what lies wholly under one opaque picture.
void Compositor::cull(std::vector<Draw>& draws) {
  for (size_t i = draws.size(); i-- > 0;) {
    if (!draws[i].opaque()) continue;
    const Rect over = draws[i].at.to;
    for (size_t j = i; j-- > 0;) {
      if (!over.contains(draws[j].at.to)) continue;
      draws.erase(draws.begin() + long(j));
      i--;
    }
  }
}

PictureRef Compositor::compose(const std::vector<DrawnLayer>& layers, int memory) {
  const std::vector<Draw> draws = plan(layers);
  const Rect whole{0, 0, width_, height_};
  if (draws.size() == 1 && draws[0].opaque() && draws[0].at.to == whole && draws[0].at.from == whole &&
      draws[0].picture->width == width_ && draws[0].picture->height == height_ && draws[0].picture->packed()) {
    if (memory < kMemories) results_[size_t(memory)] = {};
    return draws[0].picture;
  }
  std::vector<Key> key;
  key.reserve(draws.size());
  for (const Draw& d : draws) key.push_back(keyOf(d));
  Result none;
  Result& last = memory < kMemories ? results_[size_t(memory)] : none;
  if (last.picture && last.key == key) {
    last.used = frame_;
    return last.picture;
  }

  FrameRef frame = pool_->take();
  if (draws.empty() || !draws[0].opaque() || !(draws[0].at.to == whole)) fillRect(*frame, whole, Yuv{});
  for (const Draw& d : draws) draw(d, *frame);
  last = {std::move(key), frame, frame_};
  return frame;
}

void Compositor::drawOver(Frame& frame, const std::vector<DrawnLayer>& layers) {
  for (const Draw& d : plan(layers)) draw(d, frame);
}

Compositor::Scaled& Compositor::scaledEntry(const Key& key) {
  for (Scaled& s : scaled_) {
    if (s.key == key) return s;
  }
  scaled_.push_back({key, nullptr, frame_});
  return scaled_.back();
}

void Compositor::draw(const Draw& d, Frame& to) {
  const Rect& at = d.at.to;
  if (!d.at.scaled()) {
    if (d.opaque()) copyRect(*d.picture, d.at.from.x, d.at.from.y, to, at);
    else blendRect(*d.picture, d.at.from.x, d.at.from.y, to, at, d.opacity);
    return;
  }
  // A picture drawn for the second time at this size is kept scaled: stills and late sources cost no more than a copy.
  Scaled& entry = scaledEntry({d.picture->serial, {0, 0, at.w, at.h}, d.at.from, 256});
  if (!entry.frame && entry.used != frame_) {
    entry.frame = std::make_shared<Frame>(at.w, at.h, d.picture->a != nullptr);
    scaleRect(*d.picture, d.at.from, *entry.frame, {0, 0, at.w, at.h});
  }
  entry.used = frame_;
  if (entry.frame) {
    if (d.opaque()) copyRect(*entry.frame, 0, 0, to, at);
    else blendRect(*entry.frame, 0, 0, to, at, d.opacity);
    return;
  }
  if (d.opaque()) {
    scaleRect(*d.picture, d.at.from, to, at);
    return;
  }
  const bool alpha = d.picture->a != nullptr;
  if (!scratch_ || scratch_->width != at.w || scratch_->height != at.h || (alpha && !scratch_->a)) {
    scratch_ = std::make_unique<Frame>(at.w, at.h, alpha);
  }
  scaleRect(*d.picture, d.at.from, *scratch_, {0, 0, at.w, at.h});
  Picture view = *scratch_;
  if (!alpha) view.a = nullptr;
  blendRect(view, 0, 0, to, at, d.opacity);
}

FrameRef Compositor::mix(const PictureRef& a, const PictureRef& b, const Transition& transition, double progress, const Rect& area) {
  const int share = int(std::lround(progress * 256));
  FrameRef out = pool_->take();
  if (!(area == whole())) copyRect(*b, 0, 0, *out, whole());
  const auto even = [&](int size) { return int(std::lround(progress * size / 2)) * 2; };
  const bool across = transition.direction == Direction::Left || transition.direction == Direction::Right;
  const bool forward = transition.direction == Direction::Right || transition.direction == Direction::Down;
  const int size = across ? area.w : area.h;
  const int gone = std::min(even(size), size);  // How far things have moved.
  // Along the way of movement, from the area's edge on: `a` from..to shows at `at`.
  const auto part = [&](const Picture& p, int from, int at, int length) {
    if (length <= 0) return;
    if (across) copyRect(p, area.x + from, area.y, *out, {area.x + at, area.y, length, area.h});
    else copyRect(p, area.x, area.y + from, *out, {area.x, area.y + at, area.w, length});
  };
  switch (transition.kind) {
    case TransitionKind::Cut:
      copyRect(*b, area.x, area.y, *out, area);
      break;
    case TransitionKind::Fade:
      mixPictures(*a, *b, share, *out, area);
      break;
    case TransitionKind::Dip: {
      const Yuv color = yuvOf(transition.color);
      if (progress <= 0.5) mixColor(*a, color, int(std::lround(progress * 512)), *out, area);
      else mixColor(*b, color, int(std::lround((1 - progress) * 512)), *out, area);
      break;
    }
    case TransitionKind::Wipe:
      if (forward) {
        part(*b, 0, 0, gone);
        part(*a, gone, gone, size - gone);
      } else {
        part(*a, 0, 0, size - gone);
        part(*b, size - gone, size - gone, gone);
      }
      break;
    case TransitionKind::Slide:
      if (forward) {
        part(*b, size - gone, 0, gone);
        part(*a, gone, gone, size - gone);
      } else {
        part(*a, 0, 0, size - gone);
        part(*b, 0, size - gone, gone);
      }
      break;
    case TransitionKind::Push:
      if (forward) {
        part(*b, size - gone, 0, gone);
        part(*a, 0, gone, size - gone);
      } else {
        part(*a, gone, 0, size - gone);
        part(*b, 0, size - gone, gone);
      }
      break;
  }
  return out;
}

FrameRef Compositor::darken(const PictureRef& picture, double progress) {
  FrameRef out = pool_->take();
  mixColor(*picture, Yuv{}, int(std::lround(progress * 256)), *out, whole());
  return out;
}

PictureRef Compositor::detach(const PictureRef& picture) {
  FrameRef frame = pool_->take();
  copyRect(*picture, 0, 0, *frame, {0, 0, width_, height_});
  return frame;
}

}  // namespace vistter
