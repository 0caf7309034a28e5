#include "features/picture_scaler.h"

#include <libyuv/scale.h>

namespace vistter::features {

namespace {

/// Of 8 bit 4:2:0, which nearly all streams are, libyuv averages the pixels in a fifth of swscale's time.
bool isPlain(const AVFrame& frame) {
  return (frame.format == AV_PIX_FMT_YUV420P || frame.format == AV_PIX_FMT_YUVJ420P) && frame.width >= kWidth && frame.height >= kHeight;
}

template <size_t N>
void toLimited(std::array<uint8_t, N>& plane, int from, int scale) {
  for (uint8_t& value : plane) value = uint8_t(from + (int(value) * scale + 127) / 255);
}

}  // namespace

bool PictureScaler::scale(const AVFrame& frame, Thumb& to) {
  if (frame.width <= 0 || frame.height <= 0 || frame.data[0] == nullptr) return false;
  if (isPlain(frame)) {
    const int failed = libyuv::I420Scale(frame.data[0], frame.linesize[0], frame.data[1], frame.linesize[1], frame.data[2], frame.linesize[2], frame.width, frame.height,
                                         to.y.data(), kWidth, to.u.data(), kWidth / 2, to.v.data(), kWidth / 2, kWidth, kHeight, libyuv::kFilterBox);
    if (failed != 0) return false;
  } else {
    if (sws_ == nullptr || width_ != frame.width || height_ != frame.height || format_ != frame.format) {
      sws_.reset(sws_getContext(frame.width, frame.height, AVPixelFormat(frame.format), kWidth, kHeight, AV_PIX_FMT_YUV420P, SWS_AREA, nullptr, nullptr, nullptr));
      width_ = frame.width;
      height_ = frame.height;
      format_ = frame.format;
    }
    if (sws_ == nullptr) return false;
    uint8_t* planes[4] = {to.y.data(), to.u.data(), to.v.data(), nullptr};
    const int strides[4] = {kWidth, kWidth / 2, kWidth / 2, 0};
    if (sws_scale(sws_.get(), frame.data, frame.linesize, 0, frame.height, planes, strides) <= 0) return false;
  }
  // swscale knows the full range only of the formats that have it in their name, and brings those to the limited one.
  const bool isFull = frame.format == AV_PIX_FMT_YUVJ420P ? isPlain(frame) : frame.color_range == AVCOL_RANGE_JPEG && (av_pix_fmt_desc_get(AVPixelFormat(frame.format))->flags & AV_PIX_FMT_FLAG_RGB) == 0;
  if (isFull) {
    toLimited(to.y, 16, 219);
    toLimited(to.u, 16, 224);
    toLimited(to.v, 16, 224);
  }
  return true;
}

}  // namespace vistter::features
