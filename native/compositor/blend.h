// Drawing primitives on I420, by libyuv. Rectangles of a destination begin and end on even pixels (or at its edge).
#pragma once

#include "compositor/picture.h"

namespace vistter {

void fillRect(Frame& to, const Rect& r, Yuv color);

/// Copies the part of `from` that begins at (sx, sy) into `r` of `to`, pixel for pixel. Alpha is not looked at.
void copyRect(const Picture& from, int sx, int sy, Frame& to, const Rect& r);

/// One plane to another size. Larger steps down are halved first, each output pixel then sees all its input pixels.
void scalePlane(const uint8_t* from, int fromStride, int fromWidth, int fromHeight, uint8_t* to, int toStride, int width, int height);

/// Scales `part` of `from` into `r` of `to`, as scalePlane does; alpha too when both have it.
void scaleRect(const Picture& from, const Rect& part, Frame& to, const Rect& r);

/// Lays the part of `from` that begins at (sx, sy) over `r` of `to`, by its alpha times `opacity` (0..256).
void blendRect(const Picture& from, int sx, int sy, Frame& to, const Rect& r, int opacity);

/// Each pixel in `r` of `to` becomes a + (b - a) · share/256. All three have one size.
void mixPictures(const Picture& a, const Picture& b, int share, Frame& to, const Rect& r);

/// The same towards a colour.
void mixColor(const Picture& a, Yuv color, int share, Frame& to, const Rect& r);

}  // namespace vistter
