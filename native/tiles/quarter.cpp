#include "tiles/quarter.h"

#include <cstddef>

#if defined(__SSSE3__)
#include <tmmintrin.h>
#endif

namespace vistter {
namespace {

/// The mean of 4 × 2 pixels each. The rows that come next lie `next` bytes on: asked for ahead, as nothing guesses at rows that are
/// skipped, they are there when they are needed.
void quarterRow(const uint8_t* a, const uint8_t* b, size_t next, uint8_t* to, int width) {
  int x = 0;
  (void)next;
#if defined(__SSSE3__)
  const __m128i ones = _mm_set1_epi8(1);
  const __m128i two = _mm_set1_epi16(2);
  const auto load = [](const uint8_t* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); };
  // Sixteen pixels of both rows → eight sums of two.
  const auto pairs = [&](int at) { return _mm_maddubs_epi16(_mm_avg_epu8(load(a + at), load(b + at)), ones); };
  for (; x + 16 <= width; x += 16) {
    const int at = 4 * x;
    _mm_prefetch(reinterpret_cast<const char*>(a + next + at), _MM_HINT_NTA);
    _mm_prefetch(reinterpret_cast<const char*>(b + next + at), _MM_HINT_NTA);
    const __m128i left = _mm_srli_epi16(_mm_add_epi16(_mm_hadd_epi16(pairs(at), pairs(at + 16)), two), 2);
    const __m128i right = _mm_srli_epi16(_mm_add_epi16(_mm_hadd_epi16(pairs(at + 32), pairs(at + 48)), two), 2);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + x), _mm_packus_epi16(left, right));
  }
#endif
  for (; x < width; x++) {
    int sum = 4;
    for (int i = 0; i < 4; i++) sum += a[4 * x + i] + b[4 * x + i];
    to[x] = uint8_t(sum >> 3);
  }
}

}  // namespace

void quarterPlane(const uint8_t* from, int fromStride, int width, int height, uint8_t* to, int toStride) {
  for (int y = 0; y < height / 4; y++) {
    const uint8_t* row = from + size_t(4 * y + 1) * size_t(fromStride);
    quarterRow(row, row + fromStride, 4 * size_t(fromStride), to + size_t(y) * size_t(toStride), width / 4);
  }
}

}  // namespace vistter
