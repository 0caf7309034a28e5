// A plane made a quarter as wide and high, for small pictures: two of each four rows are looked at, so that half of a picture that
// lies in no cache need not be read.
#pragma once

#include <cstdint>

namespace vistter {

/// `to` has width/4 × height/4; what is left over at the right and at the bottom is left out.
void quarterPlane(const uint8_t* from, int fromStride, int width, int height, uint8_t* to, int toStride);

}  // namespace vistter
