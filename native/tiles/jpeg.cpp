#include "tiles/jpeg.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>
#include <libyuv.h>

#include <algorithm>
#include <cmath>

namespace vistter {
namespace {

int even(double n) { return std::max(2, int(std::lround(n / 2)) * 2); }

/// libjpeg's own way out is to end the process.
struct Failure {
  jpeg_error_mgr base;
  jmp_buf back;
};

void onError(j_common_ptr info) { longjmp(reinterpret_cast<Failure*>(info->err)->back, 1); }
void onMessage(j_common_ptr) {}

/// No object with a destructor may live in here: an error leaves by longjmp.
bool compress(const uint8_t* bgrx, int width, int height, int quality, unsigned char** bytes, unsigned long* size) {
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
  info.input_components = 4;
  info.in_color_space = JCS_EXT_BGRX;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  info.dct_method = JDCT_FASTEST;
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(bgrx + size_t(info.next_scanline) * size_t(width) * 4);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  return true;
}

}  // namespace

bool JpegShrinker::pack(const Picture& picture, int width, int height, int quality, std::vector<uint8_t>& out, int& outWidth, int& outHeight) {
  const double scale = std::min({1.0, double(width) / picture.width, double(height) / picture.height});
  outWidth = std::min(even(picture.width * scale), 4096);
  outHeight = std::min(even(picture.height * scale), 4096);
  const int half = outWidth / 2;
  small_.resize(size_t(outWidth) * size_t(outHeight) * 3 / 2 + (picture.a ? size_t(outWidth) * size_t(outHeight) : 0));
  uint8_t* y = small_.data();
  uint8_t* u = y + size_t(outWidth) * size_t(outHeight);
  uint8_t* v = u + size_t(half) * size_t(outHeight / 2);
  if (libyuv::I420Scale(picture.y, picture.strideY, picture.u, picture.strideUv, picture.v, picture.strideUv, picture.width, picture.height,
                        y, outWidth, u, half, v, half, outWidth, outHeight, libyuv::kFilterBox) != 0) {
    return false;
  }
  rgb_.resize(size_t(outWidth) * size_t(outHeight) * 4);
  if (picture.a) {
    uint8_t* a = v + size_t(half) * size_t(outHeight / 2);
    libyuv::ScalePlane(picture.a, picture.strideA, picture.width, picture.height, a, outWidth, outWidth, outHeight, libyuv::kFilterBox);
    // `attenuate`: multiplied with its alpha, which is the same as over black.
    libyuv::I420AlphaToARGBMatrix(y, outWidth, u, half, v, half, a, outWidth, rgb_.data(), outWidth * 4, &libyuv::kYuvH709Constants, outWidth, outHeight, 1);
  } else {
    libyuv::I420ToARGBMatrix(y, outWidth, u, half, v, half, rgb_.data(), outWidth * 4, &libyuv::kYuvH709Constants, outWidth, outHeight);
  }
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const bool done = compress(rgb_.data(), outWidth, outHeight, quality, &bytes, &size);
  if (done) out.assign(bytes, bytes + size);
  free(bytes);
  return done;
}

}  // namespace vistter
