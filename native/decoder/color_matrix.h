// Y'CbCr of any matrix and range → limited-range BT.709, straight on I420 planes: one linear map, no detour over RGB.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vistter::decoder {

enum class Matrix : uint8_t { Bt709, Bt601, Bt2020, Smpte240m, Fcc };

struct ColorSpace {
  Matrix matrix = Matrix::Bt709;
  bool fullRange = false;
  bool operator==(const ColorSpace& o) const { return matrix == o.matrix && fullRange == o.fullRange; }
  bool operator!=(const ColorSpace& o) const { return !(*this == o); }
};

/// Luma weights of red and blue.
struct LumaWeights {
  double red;
  double blue;
};
LumaWeights lumaWeights(Matrix matrix);

/// out = luma·Y + lumaFromU·(U−128) + lumaFromV·(V−128) + lumaOffset, and so on; values are 8-bit codes.
struct LinearMap {
  double luma, lumaFromU, lumaFromV, lumaOffset;
  double uFromU, uFromV, vFromU, vFromV;
};
LinearMap mapToLimited709(ColorSpace from);

/// I420 planes; `const` where they are only read.
struct PlanesView {
  const uint8_t* y;
  const uint8_t* u;
  const uint8_t* v;
  int yStride;
  int uStride;
  int vStride;
};
struct Planes {
  uint8_t* y;
  uint8_t* u;
  uint8_t* v;
  int yStride;
  int uStride;
  int vStride;
  operator PlanesView() const { return {y, u, v, yStride, uStride, vStride}; }
};

/// Converts a whole picture; the planes must not overlap. Each sample is within 1 code of the exact map.
void convertToLimited709(ColorSpace space, PlanesView from, Planes to, int width, int height);

}  // namespace vistter::decoder
