#include "tiles/jpeg.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "compositor/blend.h"
#include "tiles/quarter.h"

namespace vistter {
namespace {

/// Rows and columns of a block of 4:2:0: two blocks of eight of luma to one of each chroma.
constexpr int kBlock = 16;

int even(double n) { return std::max(2, int(std::lround(n / 2)) * 2); }
int upTo(int n, int step) { return (n + step - 1) / step * step; }

/// libjpeg's own way out is to end the process.
struct Failure {
  jpeg_error_mgr base;
  jmp_buf back;
};

void onError(j_common_ptr info) { longjmp(reinterpret_cast<Failure*>(info->err)->back, 1); }
void onMessage(j_common_ptr) {}

/// Planes as JPEG has them, whose rows and columns are there up to whole blocks.
struct Planes {
  uint8_t *y, *u, *v;
  int strideY, strideUv;
};

/// No object with a destructor may live in here: an error leaves by longjmp.
bool compress(const Planes& planes, int width, int height, int quality, unsigned char** bytes, unsigned long* size) {
  jpeg_compress_struct info;
  Failure failure;
  info.err = jpeg_std_error(&failure.base);
  failure.base.error_exit = onError;
  failure.base.output_message = onMessage;
  if (setjmp(failure.back)) {
    jpeg_destroy_compress(&info);
    return false;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, bytes, size);
  info.image_width = JDIMENSION(width);
  info.image_height = JDIMENSION(height);
  info.input_components = 3;
  info.in_color_space = JCS_YCbCr;
  jpeg_set_defaults(&info);  // 4:2:0.
  jpeg_set_quality(&info, quality, TRUE);
  info.dct_method = JDCT_FASTEST;
  info.raw_data_in = TRUE;
  jpeg_start_compress(&info, TRUE);
  JSAMPROW y[kBlock], u[kBlock / 2], v[kBlock / 2];
  JSAMPARRAY rows[3] = {y, u, v};
  while (info.next_scanline < info.image_height) {
    const size_t top = info.next_scanline;
    for (size_t i = 0; i < kBlock; i++) y[i] = planes.y + (top + i) * size_t(planes.strideY);
    for (size_t i = 0; i < kBlock / 2; i++) {
      u[i] = planes.u + (top / 2 + i) * size_t(planes.strideUv);
      v[i] = planes.v + (top / 2 + i) * size_t(planes.strideUv);
    }
    jpeg_write_raw_data(&info, rows, kBlock);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  return true;
}

// Clones are chosen while the program is loaded, before ThreadSanitizer can be called.
#if defined(__SANITIZE_THREAD__) || !defined(__x86_64__)
#define VISTTER_CLONES
#else
#define VISTTER_CLONES __attribute__((target_clones("avx2", "default")))
#endif

inline uint8_t toByte(int16_t n) { return uint8_t(n < 0 ? 0 : n > 255 ? 255 : n); }

/// Limited BT.709 → full BT.601, which JPEG means: the way over RGB in one step, in 1/128, so that all of it fits into 16 bits and luma
/// and chroma stay planes. `shade`: what the chroma of a row adds to its luma.
VISTTER_CLONES void recolourChroma(uint8_t* u, uint8_t* v, int16_t* shade, int width) {
  for (int x = 0; x < width; x++) {
    const int16_t b = int16_t(u[x] - 128), r = int16_t(v[x] - 128);
    const int16_t more = int16_t(15 * b + 29 * r + 64);
    shade[x] = int16_t(more >> 7);
    u[x] = toByte(int16_t(128 + (int16_t(144 * b - 16 * r + 64) >> 7)));
    v[x] = toByte(int16_t(128 + (int16_t(-11 * b + 143 * r + 64) >> 7)));
  }
}

VISTTER_CLONES void spread(const int16_t* shade, int16_t* wide, int width) {
  for (int x = 0; x < width; x++) wide[2 * x] = wide[2 * x + 1] = shade[x];
}

VISTTER_CLONES void recolourLuma(uint8_t* y, const int16_t* shade, int width) {
  for (int x = 0; x < width; x++) {
    const uint16_t above = uint16_t(y[x] < 16 ? 0 : y[x] - 16);
    const uint16_t full = uint16_t(uint16_t(above * 149 + 64) >> 7);
    y[x] = toByte(int16_t(int16_t(full) + shade[x]));
  }
}

/// The last row and column again up to whole blocks: what lies beyond is not seen, and is cheap to pack.
void fillUp(uint8_t* plane, int stride, int width, int height, int fullWidth, int fullHeight) {
  for (int y = 0; y < height && fullWidth > width; y++) {
    uint8_t* row = plane + size_t(y) * size_t(stride);
    std::memset(row + width, row[width - 1], size_t(fullWidth - width));
  }
  for (int y = height; y < fullHeight; y++) std::memcpy(plane + size_t(y) * size_t(stride), plane + size_t(height - 1) * size_t(stride), size_t(fullWidth));
}

}  // namespace

Size fit(int width, int height, int boxWidth, int boxHeight) {
  const double scale = std::min({1.0, double(boxWidth) / width, double(boxHeight) / height});
  return {std::min(even(width * scale), 4096), std::min(even(height * scale), 4096)};
}

bool JpegShrinker::pack(const Picture& picture, int boxWidth, int boxHeight, int quality, std::vector<uint8_t>& out, int& outWidth, int& outHeight) {
  const auto [width, height] = fit(picture.width, picture.height, boxWidth, boxHeight);
  outWidth = width;
  outHeight = height;
  const int fullWidth = upTo(width, kBlock), fullHeight = upTo(height, kBlock);
  const int halfWidth = width / 2, halfHeight = height / 2;
  const size_t luma = size_t(fullWidth) * size_t(fullHeight);
  small_.resize(luma * 3 / 2 + (picture.a ? size_t(width) * size_t(height) : 0));
  shade_.resize(size_t(width) * 3 / 2);
  const Planes planes{small_.data(), small_.data() + luma, small_.data() + luma * 5 / 4, fullWidth, fullWidth / 2};
  shrink(picture.y, picture.strideY, picture.width, picture.height, planes.y, planes.strideY, width, height);
  shrink(picture.u, picture.strideUv, picture.chromaWidth(), picture.chromaHeight(), planes.u, planes.strideUv, halfWidth, halfHeight);
  shrink(picture.v, picture.strideUv, picture.chromaWidth(), picture.chromaHeight(), planes.v, planes.strideUv, halfWidth, halfHeight);
  if (picture.a) {
    uint8_t* alpha = small_.data() + luma * 3 / 2;
    scalePlane(picture.a, picture.strideA, picture.width, picture.height, alpha, width, width, height);
    overBlack(planes.y, planes.strideY, alpha, width, width, height, 16, 1);
    overBlack(planes.u, planes.strideUv, alpha, width, halfWidth, halfHeight, 128, 2);
    overBlack(planes.v, planes.strideUv, alpha, width, halfWidth, halfHeight, 128, 2);
  }
  for (int y = 0; y < halfHeight; y++) {
    int16_t* wide = shade_.data() + halfWidth;
    recolourChroma(planes.u + size_t(y) * size_t(planes.strideUv), planes.v + size_t(y) * size_t(planes.strideUv), shade_.data(), halfWidth);
    spread(shade_.data(), wide, halfWidth);
    for (int i = 0; i < 2; i++) recolourLuma(planes.y + size_t(2 * y + i) * size_t(planes.strideY), wide, width);
  }
  fillUp(planes.y, planes.strideY, width, height, fullWidth, fullHeight);
  fillUp(planes.u, planes.strideUv, halfWidth, halfHeight, fullWidth / 2, fullHeight / 2);
  fillUp(planes.v, planes.strideUv, halfWidth, halfHeight, fullWidth / 2, fullHeight / 2);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const bool done = compress(planes, width, height, quality, &bytes, &size);
  if (done) out.assign(bytes, bytes + size);
  free(bytes);
  return done;
}

void JpegShrinker::shrink(const uint8_t* from, int fromStride, int fromWidth, int fromHeight, uint8_t* to, int toStride, int width, int height) {
  if (fromWidth < 4 * width || fromHeight < 4 * height) {
    scalePlane(from, fromStride, fromWidth, fromHeight, to, toStride, width, height);
    return;
  }
  const int w = fromWidth / 4, h = fromHeight / 4;
  quarter_.resize(size_t(w) * size_t(h));
  quarterPlane(from, fromStride, fromWidth, fromHeight, quarter_.data(), w);
  scalePlane(quarter_.data(), w, w, h, to, toStride, width, height);
}

void JpegShrinker::overBlack(uint8_t* plane, int stride, const uint8_t* alpha, int alphaStride, int width, int height, int black, int step) {
  for (int y = 0; y < height; y++) {
    uint8_t* row = plane + size_t(y) * size_t(stride);
    const uint8_t* over = alpha + size_t(y * step) * size_t(alphaStride);
    for (int x = 0; x < width; x++) row[x] = uint8_t(black + ((row[x] - black) * over[x * step] + 127) / 255);
  }
}

}  // namespace vistter
