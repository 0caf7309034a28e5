// A picture made small and packed as JPEG.
#pragma once

#include <cstdint>
#include <vector>

#include "compositor/picture.h"

namespace vistter {

struct Size {
  int width, height;
};
/// The largest that fits into a box, even both ways, with the proportions of `width`×`height` and not larger than that.
Size fit(int width, int height, int boxWidth, int boxHeight);

/// Shrinks pictures to fit a box and packs them. Keeps its memory between calls; for one thread.
class JpegShrinker {
 public:
  /// The largest that fits `width`×`height` with the picture's own proportions, and is not larger than the picture.
  /// Alpha lies over black. Fills `out`, `outWidth` and `outHeight`; false when it cannot be packed.
  bool pack(const Picture& picture, int width, int height, int quality, std::vector<uint8_t>& out, int& outWidth, int& outHeight);

 private:
  static void overBlack(uint8_t* plane, int stride, const uint8_t* alpha, int alphaStride, int width, int height, int black, int step);

  void shrink(const uint8_t* from, int fromStride, int fromWidth, int fromHeight, uint8_t* to, int toStride, int width, int height);

  std::vector<uint8_t> small_, quarter_;
  std::vector<int16_t> shade_;
};

}  // namespace vistter
