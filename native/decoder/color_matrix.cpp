#include "decoder/color_matrix.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace vistter::decoder {

// The loops below become pmulhw/packuswb by themselves; AVX2 halves their time again where the machine has it.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(VISTTER_SANITIZED)
#define VISTTER_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define VISTTER_WIDE
#endif

LumaWeights lumaWeights(Matrix matrix) {
  switch (matrix) {
    case Matrix::Bt709: return {0.2126, 0.0722};
    case Matrix::Bt601: return {0.299, 0.114};
    case Matrix::Bt2020: return {0.2627, 0.0593};
    case Matrix::Smpte240m: return {0.212, 0.087};
    case Matrix::Fcc: return {0.30, 0.11};
  }
  return {0.2126, 0.0722};
}

LinearMap mapToLimited709(ColorSpace from) {
  const LumaWeights a = lumaWeights(from.matrix);
  const LumaWeights b = lumaWeights(Matrix::Bt709);
  const double greenA = 1 - a.red - a.blue;
  const double greenB = 1 - b.red - b.blue;
  // With luma at 1, R−Y = 2(1−kr)·Cr and B−Y = 2(1−kb)·Cb; green follows from the sum of weights being 1.
  const double redFromCr = 2 * (1 - a.red);
  const double blueFromCb = 2 * (1 - a.blue);
  const double greenFromCr = -a.red * redFromCr / greenA;
  const double greenFromCb = -a.blue * blueFromCb / greenA;
  const double lumaFromCb = greenB * greenFromCb + b.blue * blueFromCb;
  const double lumaFromCr = b.red * redFromCr + greenB * greenFromCr;
  const double cbScale = 1 / (2 * (1 - b.blue));
  const double crScale = 1 / (2 * (1 - b.red));
  const double lumaRange = from.fullRange ? 255 : 219;
  const double chromaRange = from.fullRange ? 255 : 224;
  const double lumaBase = from.fullRange ? 0 : 16;

  LinearMap m;
  m.luma = 219 / lumaRange;
  m.lumaOffset = 16 - lumaBase * m.luma;
  m.lumaFromU = 219 / chromaRange * lumaFromCb;
  m.lumaFromV = 219 / chromaRange * lumaFromCr;
  m.uFromU = 224 / chromaRange * cbScale * (blueFromCb - lumaFromCb);
  m.uFromV = 224 / chromaRange * cbScale * (0 - lumaFromCr);
  m.vFromU = 224 / chromaRange * crScale * (0 - lumaFromCb);
  m.vFromV = 224 / chromaRange * crScale * (redFromCr - lumaFromCr);
  return m;
}

namespace {

/// Coefficients at 2^14: with the samples at 2^7, the high half of a 16-bit product is the result at 2^5.
struct FixedMap {
  int16_t luma, lumaFromU, lumaFromV, lumaOffset;
  int16_t uFromU, uFromV, vFromU, vFromV;
};

int16_t fixed(double value) { return int16_t(std::lround(std::clamp(value, -1.99, 1.99) * 16384)); }

FixedMap fix(const LinearMap& m) {
  // Each of up to three truncating products loses half a unit of 1/32 on average; the offset gives it back.
  return {fixed(m.luma),  fixed(m.lumaFromU), fixed(m.lumaFromV), int16_t(std::lround(m.lumaOffset * 32 + 1.0)),
          fixed(m.uFromU), fixed(m.uFromV),    fixed(m.vFromU),    fixed(m.vFromV)};
}

inline int16_t high(int16_t a, int16_t b) { return int16_t((int32_t(a) * int32_t(b)) >> 16); }

inline uint8_t toByte(int16_t at5) {
  const int16_t value = int16_t(at5 >> 5);
  return uint8_t(std::min<int16_t>(255, std::max<int16_t>(0, value)));
}

/// One row of chroma: writes the new U and V, and what they add to the luma above them.
VISTTER_WIDE void chromaRow(const uint8_t* __restrict u, const uint8_t* __restrict v, uint8_t* __restrict uOut,
                            uint8_t* __restrict vOut, int16_t* __restrict lumaDelta, int width, const FixedMap& m) {
  const int16_t uu = m.uFromU, uv = m.uFromV, vu = m.vFromU, vv = m.vFromV, yu = m.lumaFromU, yv = m.lumaFromV;
  const int16_t offset = m.lumaOffset;
  for (int x = 0; x < width; x++) {
    const int16_t cu = int16_t((int16_t(u[x]) - 128) * 128);
    const int16_t cv = int16_t((int16_t(v[x]) - 128) * 128);
    uOut[x] = toByte(int16_t(high(cu, uu) + high(cv, uv) + 4096 + 17));
    vOut[x] = toByte(int16_t(high(cu, vu) + high(cv, vv) + 4096 + 17));
    const int16_t delta = int16_t(high(cu, yu) + high(cv, yv) + offset + 16);
    lumaDelta[2 * x] = delta;
    lumaDelta[2 * x + 1] = delta;
  }
}

VISTTER_WIDE void lumaRow(const uint8_t* __restrict y, uint8_t* __restrict out, const int16_t* __restrict delta, int width, int16_t luma) {
  for (int x = 0; x < width; x++) {
    const int16_t code = int16_t(int16_t(y[x]) * 128);
    out[x] = toByte(int16_t(high(code, luma) + delta[x]));
  }
}

}  // namespace

void convertToLimited709(ColorSpace space, PlanesView from, Planes to, int width, int height) {
  const FixedMap map = fix(mapToLimited709(space));
  const int chromaWidth = (width + 1) / 2;
  const int chromaHeight = (height + 1) / 2;
  std::vector<int16_t> delta(size_t(chromaWidth) * 2);
  for (int row = 0; row < chromaHeight; row++) {
    chromaRow(from.u + ptrdiff_t(row) * from.uStride, from.v + ptrdiff_t(row) * from.vStride,
              to.u + ptrdiff_t(row) * to.uStride, to.v + ptrdiff_t(row) * to.vStride, delta.data(), chromaWidth, map);
    for (int y = row * 2; y < std::min(height, row * 2 + 2); y++) {
      lumaRow(from.y + ptrdiff_t(y) * from.yStride, to.y + ptrdiff_t(y) * to.yStride, delta.data(), width, map.luma);
    }
  }
}

}  // namespace vistter::decoder
