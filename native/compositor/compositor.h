// Scenes → frames. One thread, no waiting, no clock: the same input gives the same pixels.
//
// What costs nothing: layers that are off, outside, fully transparent, or hidden under an opaque one; a scene whose
// pictures are the same as at the last frame; a lone opaque picture of the program's size, which is passed on as it is.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compositor/geometry.h"
#include "compositor/picture.h"
#include "compositor/scene.h"

namespace vistter {

/// One layer with the picture it shows now.
struct DrawnLayer {
  const Layer* layer;
  PictureRef picture;  // Null: nothing to draw.
};

class Compositor {
 public:
  Compositor(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }

  /// Begins a frame. What was remembered of pictures that are no longer drawn is let go.
  void begin();

  /// Draws the layers, from the bottom to the top, on black. `memory` tells apart what is composed within one frame (the
  /// two scenes of a transition, the sides of mixes), whose last results are remembered; beyond `kMemories` nothing is.
  PictureRef compose(const std::vector<DrawnLayer>& layers, int memory);
  static constexpr int kMemories = 12;

  /// Draws layers on a frame that nobody else has yet.
  void drawOver(Frame& frame, const std::vector<DrawnLayer>& layers);

  /// A frame of the way from `a` to `b`, gone as far as `progress`, between 0 and 1; the transition is not a cut. It goes on
  /// within `area`, on even pixels; around it there is `b`.
  FrameRef mix(const PictureRef& a, const PictureRef& b, const Transition& transition, double progress, const Rect& area);
  FrameRef mix(const PictureRef& a, const PictureRef& b, const Transition& transition, double progress) { return mix(a, b, transition, progress, whole()); }

  /// The picture, of the program's size, gone so far to black, between 0 and 1.
  FrameRef darken(const PictureRef& picture, double progress);
  Rect whole() const { return {0, 0, width_, height_}; }

  /// A copy, for a picture of the program's size that must not be kept back any longer.
  PictureRef detach(const PictureRef& picture);

 private:
  struct Draw {
    PictureRef picture;
    Placement at;
    int opacity;  // 0..256
    bool opaque() const { return !picture->a && opacity >= 256; }
  };
  struct Key {
    uint64_t serial;
    Rect to, from;
    int opacity;
    bool operator==(const Key& o) const { return serial == o.serial && to == o.to && from == o.from && opacity == o.opacity; }
  };
  struct Result {
    std::vector<Key> key;
    PictureRef picture;
    uint64_t used = 0;
  };
  struct Scaled {
    Key key;
    std::shared_ptr<Frame> frame;  // Null: seen once, so not worth keeping yet.
    uint64_t used;
  };

  std::vector<Draw> plan(const std::vector<DrawnLayer>& layers) const;
  static void cull(std::vector<Draw>& draws);
  void draw(const Draw& d, Frame& to);
  Scaled& scaledEntry(const Key& key);
  static Key keyOf(const Draw& d) { return {d.picture->serial, d.at.to, d.at.from, d.opacity}; }

  const int width_, height_;
  std::shared_ptr<FramePool> pool_;
  std::vector<Result> results_;
  std::vector<Scaled> scaled_;
  std::unique_ptr<Frame> scratch_;
  uint64_t frame_ = 0;
};

}  // namespace vistter
