// Where a layer's picture comes to lie.
#pragma once

#include "compositor/picture.h"
#include "compositor/scene.h"

namespace vistter {

struct Placement {
  Rect to;    // In the frame, inside it, on even pixels. Empty: nothing is seen.
  Rect from;  // In the picture; begins on even pixels.
  bool scaled() const { return to.w != from.w || to.h != from.h; }
};

/// Places a picture of the given size in a frame by the layer's place, fit and crop.
Placement place(const Layer& layer, int pictureWidth, int pictureHeight, int frameWidth, int frameHeight);

/// The pixels that a part of the frame takes up: all that layers within it can reach.
Rect areaRect(const Area& area, int frameWidth, int frameHeight);

}  // namespace vistter
