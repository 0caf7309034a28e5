// A picture made small and packed as JPEG.
#pragma once

#include <cstdint>
#include <vector>

#include "compositor/picture.h"

namespace vistter {

/// Shrinks pictures to fit a box and packs them. Keeps its memory between calls; for one thread.
class JpegShrinker {
 public:
  /// The largest that fits `width`×`height` with the picture's own proportions, and is not larger than the picture.
  /// Alpha lies over black. Fills `out`, `outWidth` and `outHeight`; false when it cannot be packed.
  bool pack(const Picture& picture, int width, int height, int quality, std::vector<uint8_t>& out, int& outWidth, int& outHeight);

 private:
  std::vector<uint8_t> small_, rgb_;
};

}  // namespace vistter
