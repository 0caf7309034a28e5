#include "decoder/picture_converter.h"

#include <libyuv.h>

#include <algorithm>
#include <cmath>

#include "ring/ring.h"

namespace vistter::decoder {

namespace {

/// Standard definition ends at 576 lines; what does not say its matrix is taken for what its size was made with.
constexpr int kSdLines = 576;

ColorSpace colorSpaceOf(const AVFrame& frame, const AVPixFmtDescriptor& format) {
  ColorSpace space;
  space.fullRange = frame.color_range == AVCOL_RANGE_JPEG || frame.format == AV_PIX_FMT_YUVJ420P ||
                    frame.format == AV_PIX_FMT_YUVJ422P || frame.format == AV_PIX_FMT_YUVJ444P ||
                    frame.format == AV_PIX_FMT_YUVJ440P || frame.format == AV_PIX_FMT_YUVJ411P;
  switch (frame.colorspace) {
    case AVCOL_SPC_BT709: space.matrix = Matrix::Bt709; break;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M: space.matrix = Matrix::Bt601; break;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL: space.matrix = Matrix::Bt2020; break;
    case AVCOL_SPC_SMPTE240M: space.matrix = Matrix::Smpte240m; break;
    case AVCOL_SPC_FCC: space.matrix = Matrix::Fcc; break;
    default:
      // JPEG is always 601, whatever its size.
      space.matrix = frame.height <= kSdLines || (space.fullRange && format.name[3] == 'j') ? Matrix::Bt601 : Matrix::Bt709;
  }
  return space;
}

Transfer transferOf(const AVFrame& frame) {
  if (frame.color_trc == AVCOL_TRC_SMPTE2084) return Transfer::Pq;
  return frame.color_trc == AVCOL_TRC_ARIB_STD_B67 ? Transfer::Hlg : Transfer::Sdr;
}

libyuv::RotationMode rotationMode(int degrees) {
  switch (degrees) {
    case 90: return libyuv::kRotate90;
    case 180: return libyuv::kRotate180;
    case 270: return libyuv::kRotate270;
    default: return libyuv::kRotate0;
  }
}

int swsMatrix(Matrix matrix) {
  switch (matrix) {
    case Matrix::Bt709: return SWS_CS_ITU709;
    case Matrix::Bt601: return SWS_CS_ITU601;
    case Matrix::Bt2020: return SWS_CS_BT2020;
    case Matrix::Smpte240m: return SWS_CS_SMPTE240M;
    case Matrix::Fcc: return SWS_CS_FCC;
  }
  return SWS_CS_ITU709;
}

int half(int n) { return (n + 1) / 2; }

}  // namespace

Orientation orientationOf(const int32_t* m) {
  Orientation turn;
  // A negative determinant is a mirror image; undo it first, so that what remains is a pure turn.
  const double determinant = double(m[0]) * m[4] - double(m[1]) * m[3];
  turn.mirrored = determinant < 0;
  const double a = turn.mirrored ? -double(m[0]) : double(m[0]);
  const double b = turn.mirrored ? -double(m[1]) : double(m[1]);
  if (a == 0 && b == 0) return Orientation();
  const int degrees = int(std::lround(std::atan2(b, a) * 180 / M_PI / 90)) * 90;
  turn.degrees = (degrees + 360) % 360;
  return turn;
}

bool hasProgramColors(const AVFrame& frame) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(AVPixelFormat(frame.format));
  if (format == nullptr || (format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0) return false;
  return colorSpaceOf(frame, *format) == ColorSpace() && transferOf(frame) == Transfer::Sdr;
}

bool PictureConverter::takesAsIs(const AVFrame& frame, Orientation turn, AVRational sampleAspect) const {
  if (frame.format != AV_PIX_FMT_YUV420P || turn.degrees != 0 || turn.mirrored || !hasProgramColors(frame)) return false;
  const Shape shape = shapeOf(frame, turn, sampleAspect);
  return int(shape.width) == frame.width && int(shape.height) == frame.height;
}

PictureConverter::Shape PictureConverter::shapeOf(const AVFrame& frame, Orientation turn, AVRational sampleAspect) const {
  AVRational aspect = sampleAspect.num > 0 && sampleAspect.den > 0 ? sampleAspect : frame.sample_aspect_ratio;
  double ratio = aspect.num > 0 && aspect.den > 0 ? double(aspect.num) / aspect.den : 1.0;
  // Beyond this a header is broken rather than anamorphic.
  if (ratio < 0.1 || ratio > 10) ratio = 1.0;
  double width = std::round(frame.width * ratio);
  double height = frame.height;
  if (turn.degrees == 90 || turn.degrees == 270) std::swap(width, height);
  const double scale = std::min({1.0, maxWidth_ / width, maxHeight_ / height});
  Shape shape;
  // A line one pixel thin is drawn two thin, the least that has colour of its own.
  shape.width = uint32_t(std::clamp(std::round(width * scale), 2.0, double(maxWidth_)));
  shape.height = uint32_t(std::clamp(std::round(height * scale), 2.0, double(maxHeight_)));
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(AVPixelFormat(frame.format));
  shape.alpha = format != nullptr && ((format->flags & AV_PIX_FMT_FLAG_ALPHA) != 0 || (format->flags & AV_PIX_FMT_FLAG_PAL) != 0);
  return shape;
}

PictureConverter::Canvas PictureConverter::canvasAt(uint8_t* memory, int width, int height, bool alpha) {
  Canvas canvas;
  const size_t luma = size_t(width) * size_t(height);
  const size_t chroma = size_t(half(width)) * size_t(half(height));
  canvas.planes = {memory, memory + luma, memory + luma + chroma, width, half(width), half(width)};
  canvas.alpha = alpha ? memory + luma + 2 * chroma : nullptr;
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

PictureConverter::Canvas PictureConverter::scratch(int which, int width, int height, bool alpha) {
  const size_t bytes = i420Bytes(uint32_t(width), uint32_t(height)) + (alpha ? size_t(width) * size_t(height) : 0);
  // swscale writes whole vectors past the end of a row.
  if (scratch_[which].size() < bytes + 64) scratch_[which].resize(bytes + 64);
  return canvasAt(scratch_[which].data(), width, height, alpha);
}

bool PictureConverter::throughSwscale(const AVFrame& frame, const Canvas& to, bool toLimited709) {
  const AVPixelFormat target = to.alpha != nullptr ? AV_PIX_FMT_YUVA420P : AV_PIX_FMT_YUV420P;
  const AVPixelFormat source = AVPixelFormat(frame.format);
  if (!sws_isSupportedInput(source)) return false;
  SwsContext* context = sws_getCachedContext(sws_.release(), frame.width, frame.height, source, to.width, to.height, target,
                                             SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP, nullptr, nullptr, nullptr);
  sws_.reset(context);
  if (context == nullptr) return false;
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(source);
  const ColorSpace space = colorSpaceOf(frame, *format);
  // From Y'CbCr only the layout changes here; the matrix and range are `convertToLimited709`'s, which is exact and fast.
  const int matrix = toLimited709 ? SWS_CS_ITU709 : swsMatrix(space.matrix);
  const int* table = sws_getCoefficients(matrix);
  const bool full = toLimited709 ? true : space.fullRange;
  sws_setColorspaceDetails(context, table, full, table, toLimited709 ? 0 : full, 0, 1 << 16, 1 << 16);
  uint8_t* planes[4] = {to.planes.y, to.planes.u, to.planes.v, to.alpha};
  const int strides[4] = {to.planes.yStride, to.planes.uStride, to.planes.vStride, to.width};
  return sws_scale(context, frame.data, frame.linesize, 0, frame.height, planes, strides) > 0;
}

bool PictureConverter::convert(const AVFrame& frame, Orientation turn, AVRational sampleAspect, uint8_t* out) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(AVPixelFormat(frame.format));
  if (format == nullptr || frame.width <= 0 || frame.height <= 0) return false;
  const Shape shape = shapeOf(frame, turn, sampleAspect);
  const bool sideways = turn.degrees == 90 || turn.degrees == 270;
  const int width = int(sideways ? shape.height : shape.width);
  const int height = int(sideways ? shape.width : shape.height);
  const bool rgb = (format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
  const ColorSpace space = colorSpaceOf(frame, *format);

  const bool planar = frame.format == AV_PIX_FMT_YUV420P || frame.format == AV_PIX_FMT_YUVJ420P || frame.format == AV_PIX_FMT_YUVA420P;
  const bool nv12 = frame.format == AV_PIX_FMT_NV12;
  const Transfer transfer = rgb ? Transfer::Sdr : transferOf(frame);
  const bool recolor = !rgb && (space != ColorSpace() || transfer != Transfer::Sdr);
  const bool turned = turn.degrees != 0 || turn.mirrored;
  bool rescale = frame.width != width || frame.height != height;

  // Each step draws into the slot if it is the last one, else into one of two scratch pictures in turn.
  int steps = (planar ? 0 : 1) + (planar || nv12 ? (rescale ? 1 : 0) : 0) + (recolor ? 1 : 0) + (turned ? 1 : 0);
  if (steps == 0) steps = 1;
  int next = 0;
  const auto canvas = [&](int w, int h) {
    steps--;
    if (steps == 0) return canvasAt(out, w, h, shape.alpha);
    next = 1 - next;
    return scratch(next, w, h, shape.alpha);
  };
  const auto asPicture = [](const Canvas& c) { return Picture{c.planes, c.alpha, c.width, c.width, c.height}; };
  const auto carryAlpha = [](const Picture& from, const Canvas& to) {
    if (to.alpha != nullptr) libyuv::CopyPlane(from.alpha, from.alphaStride, to.alpha, to.width, from.width, from.height);
  };

  Picture now{};
  if (planar) {
    now = {{frame.data[0], frame.data[1], frame.data[2], frame.linesize[0], frame.linesize[1], frame.linesize[2]},
           shape.alpha ? frame.data[3] : nullptr, shape.alpha ? frame.linesize[3] : 0, frame.width, frame.height};
  } else if (nv12) {
    const Canvas to = canvas(frame.width, frame.height);
    libyuv::NV12ToI420(frame.data[0], frame.linesize[0], frame.data[1], frame.linesize[1], to.planes.y, to.planes.yStride,
                       to.planes.u, to.planes.uStride, to.planes.v, to.planes.vStride, frame.width, frame.height);
    now = asPicture(to);
  } else {
    const Canvas to = canvas(width, height);
    if (!throughSwscale(frame, to, rgb)) return false;
    now = asPicture(to);
    rescale = false;
  }
  if (rescale) {
    const Canvas to = canvas(width, height);
    libyuv::I420Scale(now.planes.y, now.planes.yStride, now.planes.u, now.planes.uStride, now.planes.v, now.planes.vStride,
                      now.width, now.height, to.planes.y, to.planes.yStride, to.planes.u, to.planes.uStride, to.planes.v,
                      to.planes.vStride, width, height, libyuv::kFilterBox);
    if (to.alpha != nullptr) {
      libyuv::ScalePlane(now.alpha, now.alphaStride, now.width, now.height, to.alpha, width, width, height, libyuv::kFilterBox);
    }
    now = asPicture(to);
  }
  if (recolor) {
    const Canvas to = canvas(width, height);
    if (transfer != Transfer::Sdr) {
      toneMapper_.prepare(transfer, space.fullRange);
      toneMapper_.convert(now.planes, to.planes, width, height);
    } else {
      convertToLimited709(space, now.planes, to.planes, width, height);
    }
    carryAlpha(now, to);
    now = asPicture(to);
  }
  if (turned) {
    const Canvas to = canvas(int(shape.width), int(shape.height));
    // libyuv mirrors nothing while it turns, but a negative height turns the picture upside down on the way in, and
    // upside down plus half a turn is a mirror image.
    const int degrees = turn.mirrored ? (turn.degrees + 180) % 360 : turn.degrees;
    const int signedHeight = turn.mirrored ? -height : height;
    libyuv::I420Rotate(now.planes.y, now.planes.yStride, now.planes.u, now.planes.uStride, now.planes.v, now.planes.vStride,
                       to.planes.y, to.planes.yStride, to.planes.u, to.planes.uStride, to.planes.v, to.planes.vStride, width,
                       signedHeight, rotationMode(degrees));
    if (to.alpha != nullptr) {
      libyuv::RotatePlane(now.alpha, now.alphaStride, to.alpha, to.width, width, signedHeight, rotationMode(degrees));
    }
    now = asPicture(to);
  }
  if (steps > 0) {
    const Canvas to = canvas(width, height);
    libyuv::I420Copy(now.planes.y, now.planes.yStride, now.planes.u, now.planes.uStride, now.planes.v, now.planes.vStride,
                     to.planes.y, to.planes.yStride, to.planes.u, to.planes.uStride, to.planes.v, to.planes.vStride, width,
                     height);
    carryAlpha(now, to);
  }
  return true;
}

}  // namespace vistter::decoder
