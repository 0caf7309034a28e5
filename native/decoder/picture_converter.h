// A decoded frame → what a slot holds: tight I420, limited-range BT.709, upright, square pixels, no larger than the ring
// takes, with a straight alpha plane behind it where the frame has one. A frame that is all that already is only copied.
#pragma once

#include <cstdint>
#include <vector>

#include "decoder/av.h"
#include "decoder/color_matrix.h"
#include "decoder/tone_map.h"

namespace vistter::decoder {

/// How a picture is to be turned to stand upright: mirrored left to right first, then turned clockwise.
struct Orientation {
  int degrees = 0;  // 0, 90, 180 or 270
  bool mirrored = false;
};

/// From a 3×3 display matrix as containers and EXIF carry it; turns that are not of 90° are taken to the nearest.
Orientation orientationOf(const int32_t* displayMatrix);

/// Whether its colours need no conversion. Its size is looked at too: small pictures that do not say are BT.601.
bool hasProgramColors(const AVFrame& frame);

class PictureConverter {
 public:
  PictureConverter(uint32_t maxWidth, uint32_t maxHeight) : maxWidth_(maxWidth), maxHeight_(maxHeight) {}

  struct Shape {
    uint32_t width = 0;
    uint32_t height = 0;
    bool alpha = false;
  };

  /// The shape `convert` will give. `sampleAspect` of 0 takes the frame's own.
  Shape shapeOf(const AVFrame& frame, Orientation turn, AVRational sampleAspect) const;

  /// Whether `convert` would only copy.
  bool takesAsIs(const AVFrame& frame, Orientation turn, AVRational sampleAspect) const;

  /// Draws `frame` into `out`, which has room for the shape's planes. False when the pixel format cannot be read.
  bool convert(const AVFrame& frame, Orientation turn, AVRational sampleAspect, uint8_t* out);

 private:
  /// I420 with an optional alpha plane, somewhere in memory.
  struct Picture {
    PlanesView planes;
    const uint8_t* alpha;
    int alphaStride;
    int width;
    int height;
  };
  struct Canvas {
    Planes planes;
    uint8_t* alpha;
    int width;
    int height;
  };

  static Canvas canvasAt(uint8_t* memory, int width, int height, bool alpha);
  Canvas scratch(int which, int width, int height, bool alpha);
  bool throughSwscale(const AVFrame& frame, const Canvas& to, bool toLimited709);

  uint32_t maxWidth_;
  uint32_t maxHeight_;
  std::vector<uint8_t> scratch_[2];
  SwsPtr sws_;
  ToneMapper toneMapper_;
};

}  // namespace vistter::decoder
