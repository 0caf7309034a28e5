// Scaling one plane by less than half or to any larger size: bilinear, centres on centres.
#pragma once

#include <cstdint>

namespace vistter {

/// Neither side of `to` may be smaller than half of `from`. Weights have 1/256 down and 1/64 across. About three times as
/// fast as libyuv's general case, which picks pixels one by one.
void scaleBilinear(const uint8_t* from, int fromStride, int fromWidth, int fromHeight, uint8_t* to, int toStride, int width, int height);

}  // namespace vistter
