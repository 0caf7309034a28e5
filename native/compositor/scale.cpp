#include "compositor/scale.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#if defined(__SSSE3__)
#include <tmmintrin.h>
#endif

namespace vistter {
namespace {

constexpr int kBlock = 8;     // Output pixels at a time: their input lies within 16 bytes as long as the step is at most 2.
constexpr int kPadding = 32;  // Bytes past a row's end that may be loaded.

struct Block {
  uint8_t shuffle[16];  // Left and right neighbour of each pixel, from `base` on.
  int8_t weights[16];   // Theirs, adding up to 64.
  int base;
};

struct Steps {
  int fromWidth = 0, width = 0;
  std::vector<Block> blocks;
};

/// Where each output pixel comes from; remembered for the sizes in use.
const Steps& stepsFor(int fromWidth, int width) {
  thread_local std::vector<Steps> known;
  for (const Steps& s : known) {
    if (s.fromWidth == fromWidth && s.width == width) return s;
  }
  if (known.size() >= 16) known.erase(known.begin());
  Steps s;
  s.fromWidth = fromWidth;
  s.width = width;
  const double ratio = double(fromWidth) / width;
  for (int x = 0; x < width; x += kBlock) {
    Block b{};
    for (int i = 0; i < kBlock; i++) {
      const double at = std::clamp((std::min(x + i, width - 1) + 0.5) * ratio - 0.5, 0.0, double(fromWidth - 1));
      const int left = std::min(int(at), std::max(0, fromWidth - 2));
      if (i == 0) b.base = left;
      const int share = int(std::lround((at - left) * 64));
      b.shuffle[2 * i] = uint8_t(left - b.base);
      b.shuffle[2 * i + 1] = uint8_t(std::min(left + 1, fromWidth - 1) - b.base);
      b.weights[2 * i] = int8_t(64 - share);
      b.weights[2 * i + 1] = int8_t(share);
    }
    s.blocks.push_back(b);
  }
  known.push_back(std::move(s));
  return known.back();
}

// Clones are chosen while the program is loaded, before ThreadSanitizer can be called.
#if defined(__SANITIZE_THREAD__) || !defined(__x86_64__)
#define VISTTER_CLONES
#else
#define VISTTER_CLONES __attribute__((target_clones("avx2", "default")))
#endif

VISTTER_CLONES void mixRows(const uint8_t* a, const uint8_t* b, int share, uint8_t* out, int width) {
  for (int x = 0; x < width; x++) out[x] = uint8_t((a[x] * (256 - share) + b[x] * share + 128) >> 8);
}

#if defined(__SSSE3__)

void scaleRow(const uint8_t* row, const Steps& steps, uint8_t* out) {
  const __m128i half = _mm_set1_epi16(32);
  int x = 0;
  for (const Block& b : steps.blocks) {
    const __m128i pixels = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + b.base));
    const __m128i pairs = _mm_shuffle_epi8(pixels, _mm_loadu_si128(reinterpret_cast<const __m128i*>(b.shuffle)));
    const __m128i sums = _mm_maddubs_epi16(pairs, _mm_loadu_si128(reinterpret_cast<const __m128i*>(b.weights)));
    const __m128i eight = _mm_packus_epi16(_mm_srli_epi16(_mm_add_epi16(sums, half), 6), _mm_setzero_si128());
    const int left = steps.width - x;
    if (left >= kBlock) {
      _mm_storel_epi64(reinterpret_cast<__m128i*>(out + x), eight);
    } else {
      uint8_t last[8];
      _mm_storel_epi64(reinterpret_cast<__m128i*>(last), eight);
      std::memcpy(out + x, last, size_t(left));
    }
    x += kBlock;
  }
}

#else

void scaleRow(const uint8_t* row, const Steps& steps, uint8_t* out) {
  for (int x = 0; x < steps.width; x++) {
    const Block& b = steps.blocks[size_t(x / kBlock)];
    const int i = 2 * (x % kBlock);
    const uint8_t* at = row + b.base;
    out[x] = uint8_t((at[b.shuffle[i]] * b.weights[i] + at[b.shuffle[i + 1]] * b.weights[i + 1] + 32) >> 6);
  }
}

#endif

}  // namespace

void scaleBilinear(const uint8_t* from, int fromStride, int fromWidth, int fromHeight, uint8_t* to, int toStride, int width, int height) {
  const Steps& steps = stepsFor(fromWidth, width);
  thread_local std::vector<uint8_t> buffer;
  if (buffer.size() < size_t(fromWidth) + kPadding) buffer.resize(size_t(fromWidth) + kPadding);
  const double ratio = double(fromHeight) / height;
  for (int y = 0; y < height; y++) {
    const double at = std::clamp((y + 0.5) * ratio - 0.5, 0.0, double(fromHeight - 1));
    const int top = int(at);
    const int share = int(std::lround((at - top) * 256));
    const uint8_t* a = from + size_t(top) * fromStride;
    const uint8_t* b = from + size_t(std::min(top + 1, fromHeight - 1)) * fromStride;
    if (share == 0) std::memcpy(buffer.data(), a, size_t(fromWidth));
    else mixRows(a, b, share, buffer.data(), fromWidth);
    if (fromWidth == width) std::memcpy(to + size_t(y) * toStride, buffer.data(), size_t(width));
    else scaleRow(buffer.data(), steps, to + size_t(y) * toStride);
  }
}

}  // namespace vistter
