#include <libyuv.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "decoder/color_matrix.h"
#include "decoder/picture_converter.h"
#include "decoder/still_source.h"
#include "decoder/tone_map.h"
#include "ring/producer.h"
#include "test/check.h"

using namespace vistter;
using namespace vistter::decoder;

namespace {

/// The long way round, in double: Y'CbCr → R'G'B' → limited BT.709.
void reference(ColorSpace space, double y, double u, double v, double out[3]) {
  const LumaWeights a = lumaWeights(space.matrix);
  const LumaWeights b = lumaWeights(Matrix::Bt709);
  const double luma = space.fullRange ? y / 255 : (y - 16) / 219;
  const double cb = (u - 128) / (space.fullRange ? 255 : 224);
  const double cr = (v - 128) / (space.fullRange ? 255 : 224);
  const double red = luma + 2 * (1 - a.red) * cr;
  const double blue = luma + 2 * (1 - a.blue) * cb;
  const double green = (luma - a.red * red - a.blue * blue) / (1 - a.red - a.blue);
  const double luma709 = b.red * red + (1 - b.red - b.blue) * green + b.blue * blue;
  out[0] = std::clamp(16 + 219 * luma709, 0.0, 255.0);
  out[1] = std::clamp(128 + 224 * (blue - luma709) / (2 * (1 - b.blue)), 0.0, 255.0);
  out[2] = std::clamp(128 + 224 * (red - luma709) / (2 * (1 - b.red)), 0.0, 255.0);
}

struct Image {
  int width, height;
  std::vector<uint8_t> y, u, v;
  Image(int w, int h) : width(w), height(h), y(size_t(w) * size_t(h)), u(chroma()), v(chroma()) {}
  size_t chroma() const { return size_t((width + 1) / 2) * size_t((height + 1) / 2); }
  Planes planes() { return {y.data(), u.data(), v.data(), width, (width + 1) / 2, (width + 1) / 2}; }
};

void everyMatrixAndRangeIsWithinOneCode() {
  Random random(709);
  for (const Matrix matrix : {Matrix::Bt709, Matrix::Bt601, Matrix::Bt2020, Matrix::Smpte240m, Matrix::Fcc}) {
    for (const bool full : {false, true}) {
      const ColorSpace space{matrix, full};
      // Odd sizes, so that tails and half blocks are covered too.
      Image from(133, 67), to(133, 67);
      for (uint8_t& p : from.y) p = uint8_t(random.next());
      for (uint8_t& p : from.u) p = uint8_t(random.next());
      for (uint8_t& p : from.v) p = uint8_t(random.next());
      convertToLimited709(space, from.planes(), to.planes(), from.width, from.height);
      double worst = 0, bias = 0;
      for (int y = 0; y < from.height; y++) {
        for (int x = 0; x < from.width; x++) {
          const size_t c = size_t(y / 2) * 67 + size_t(x / 2);
          double exact[3];
          reference(space, from.y[size_t(y) * 133 + size_t(x)], from.u[c], from.v[c], exact);
          const double error = to.y[size_t(y) * 133 + size_t(x)] - exact[0];
          bias += error;
          worst = std::max({worst, std::fabs(error), std::fabs(to.u[c] - exact[1]), std::fabs(to.v[c] - exact[2])});
        }
      }
      CHECK(worst <= 1.0);
      CHECK(std::fabs(bias / double(from.y.size())) < 0.1);
    }
  }
}

void greyStaysGreyAndRangesMeet() {
  Image from(16, 16), to(16, 16);
  for (int code = 0; code < 256; code++) {
    std::fill(from.y.begin(), from.y.end(), uint8_t(code));
    std::fill(from.u.begin(), from.u.end(), uint8_t(128));
    std::fill(from.v.begin(), from.v.end(), uint8_t(128));
    convertToLimited709({Matrix::Bt601, true}, from.planes(), to.planes(), 16, 16);
    CHECK_NEAR(to.y[5], 16 + code * 219.0 / 255, 0.6);
    CHECK(to.u[3] == 128 && to.v[3] == 128);
  }
}

FramePtr frameOf(AVPixelFormat format, int width, int height) {
  FramePtr frame = makeFrame();
  frame->format = format;
  frame->width = width;
  frame->height = height;
  CHECK(av_frame_get_buffer(frame.get(), 0) == 0);
  for (int p = 0; p < 4 && frame->buf[p] != nullptr; p++) memset(frame->buf[p]->data, 128, size_t(frame->buf[p]->size));
  return frame;
}

/// Luma with a bright top left quarter, so that turns can be told apart.
FramePtr cornered(int width, int height) {
  FramePtr frame = frameOf(AV_PIX_FMT_YUV420P, width, height);
  frame->colorspace = AVCOL_SPC_BT709;
  frame->color_range = AVCOL_RANGE_MPEG;
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) frame->data[0][y * frame->linesize[0] + x] = x < width / 2 && y < height / 2 ? 200 : 50;
  }
  return frame;
}

struct Result {
  PictureConverter::Shape shape;
  std::vector<uint8_t> pixels;
  uint8_t luma(double x, double y) const { return pixels[size_t(y * (shape.height - 1)) * shape.width + size_t(x * (shape.width - 1))]; }
  uint8_t u() const { return pixels[size_t(shape.width) * shape.height]; }
  uint8_t v() const { return pixels[i420Bytes(shape.width, shape.height) - 1]; }
  uint8_t alpha() const { return pixels[i420Bytes(shape.width, shape.height)]; }
};

Result convert(const AVFrame& frame, Orientation turn = {}, AVRational aspect = {0, 1}, uint32_t maxWidth = 1920, uint32_t maxHeight = 1080) {
  PictureConverter converter(maxWidth, maxHeight);
  Result result;
  result.shape = converter.shapeOf(frame, turn, aspect);
  CHECK(result.shape.width <= maxWidth && result.shape.height <= maxHeight);
  // Exactly the size a slot guarantees for this shape: a byte too many is seen by the sanitizer.
  result.pixels.resize(i420Bytes(result.shape.width, result.shape.height) +
                       (result.shape.alpha ? size_t(result.shape.width) * result.shape.height : 0));
  CHECK(converter.convert(frame, turn, aspect, result.pixels.data()));
  return result;
}

void turnsStandUpright() {
  const FramePtr frame = cornered(64, 32);
  const struct {
    Orientation turn;
    double x, y;  // Where the bright corner ends up.
  } cases[] = {{{0, false}, 0, 0}, {{90, false}, 1, 0}, {{180, false}, 1, 1}, {{270, false}, 0, 1},
               {{0, true}, 1, 0},  {{90, true}, 1, 1},  {{180, true}, 0, 1},  {{270, true}, 0, 0}};
  for (const auto& c : cases) {
    const Result r = convert(*frame, c.turn);
    const bool sideways = c.turn.degrees % 180 != 0;
    CHECK(r.shape.width == (sideways ? 32u : 64u) && r.shape.height == (sideways ? 64u : 32u));
    for (const double x : {0.0, 1.0}) {
      for (const double y : {0.0, 1.0}) CHECK(r.luma(x, y) == (x == c.x && y == c.y ? 200 : 50));
    }
  }
}

void displayMatricesAreRead() {
  int32_t m[9];
  for (const int degrees : {0, 90, 180, 270}) {
    av_display_rotation_set(m, degrees);
    Orientation turn = orientationOf(m);
    CHECK(turn.degrees == degrees && !turn.mirrored);
    av_display_matrix_flip(m, 1, 0);
    turn = orientationOf(m);
    CHECK(turn.mirrored);
  }
  memset(m, 0, sizeof m);
  CHECK(orientationOf(m).degrees == 0);
}

void sizesOddLargeAndAnamorphic() {
  CHECK(convert(*cornered(161, 121)).shape.width == 161);
  const Result one = convert(*cornered(1, 1));
  // The least that can be drawn.
  CHECK(one.shape.width == 2 && one.shape.height == 2);
  const Result line = convert(*cornered(1, 120));
  CHECK(line.shape.width == 2 && line.shape.height == 120);
  Result r = convert(*cornered(3840, 2160));
  CHECK(r.shape.width == 1920 && r.shape.height == 1080);
  CHECK(r.luma(0.1, 0.1) == 200 && r.luma(0.9, 0.9) == 50);
  r = convert(*cornered(720, 576), {}, {64, 45});
  CHECK(r.shape.width == 1024 && r.shape.height == 576);
  // A tall picture is turned first and then has to fit.
  r = convert(*cornered(1920, 1080), {90, false}, {0, 1}, 1280, 720);
  CHECK(r.shape.width == 405 && r.shape.height == 720);
  // libyuv's box filter rounds down.
  CHECK_NEAR(r.luma(0.9, 0.1), 200, 1);
  CHECK_NEAR(r.luma(0.1, 0.1), 50, 1);
}

/// A frame of one R'G'B' colour in some Y'CbCr.
FramePtr colored(AVPixelFormat format, int height, Matrix matrix, AVColorSpace tag, bool full, double red, double green, double blue) {
  FramePtr frame = frameOf(format, 64, height);
  frame->colorspace = tag;
  frame->color_range = full ? AVCOL_RANGE_JPEG : AVCOL_RANGE_UNSPECIFIED;
  const LumaWeights w = lumaWeights(matrix);
  const double y = w.red * red + (1 - w.red - w.blue) * green + w.blue * blue;
  const double codes[3] = {full ? 255 * y : 16 + 219 * y, 128 + (full ? 255 : 224) * (blue - y) / (2 * (1 - w.blue)),
                           128 + (full ? 255 : 224) * (red - y) / (2 * (1 - w.red))};
  const AVPixFmtDescriptor* d = av_pix_fmt_desc_get(format);
  for (int c = 0; c < 3; c++) {
    const AVComponentDescriptor& comp = d->comp[c];
    const int w2 = c > 0 ? AV_CEIL_RSHIFT(64, d->log2_chroma_w) : 64;
    const int h2 = c > 0 ? AV_CEIL_RSHIFT(height, d->log2_chroma_h) : height;
    for (int row = 0; row < h2; row++) {
      uint8_t* line = frame->data[comp.plane] + row * frame->linesize[comp.plane] + comp.offset;
      for (int x = 0; x < w2; x++) {
        if (comp.depth > 8) *reinterpret_cast<uint16_t*>(line + x * comp.step) = uint16_t(std::lround(codes[c] * (1 << (comp.depth - 8))) << comp.shift);
        else line[x * comp.step] = uint8_t(std::lround(codes[c]));
      }
    }
  }
  return frame;
}

void everyLayoutGivesTheSameColor() {
  const Yuv wanted = yuvOf(0xc04020);
  const double red = 0xc0 / 255.0, green = 0x40 / 255.0, blue = 0x20 / 255.0;
  const auto same = [&](const FramePtr& frame, double tolerance = 1.5) {
    const Result r = convert(*frame);
    CHECK_NEAR(r.luma(0.5, 0.5), wanted.y, tolerance);
    CHECK_NEAR(r.u(), wanted.u, tolerance);
    CHECK_NEAR(r.v(), wanted.v, tolerance);
  };
  for (const AVPixelFormat format : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_NV12, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV420P10,
                                     AV_PIX_FMT_YUV422P10, AV_PIX_FMT_P010, AV_PIX_FMT_YUV444P12, AV_PIX_FMT_UYVY422}) {
    same(colored(format, 720, Matrix::Bt709, AVCOL_SPC_BT709, false, red, green, blue));
    same(colored(format, 720, Matrix::Bt709, AVCOL_SPC_BT709, true, red, green, blue));
    // What says nothing is taken for what its size was made with.
    same(colored(format, 720, Matrix::Bt709, AVCOL_SPC_UNSPECIFIED, false, red, green, blue));
    same(colored(format, 576, Matrix::Bt601, AVCOL_SPC_UNSPECIFIED, false, red, green, blue));
    same(colored(format, 720, Matrix::Bt601, AVCOL_SPC_SMPTE170M, false, red, green, blue));
    same(colored(format, 720, Matrix::Bt2020, AVCOL_SPC_BT2020_NCL, false, red, green, blue));
  }
  same(colored(AV_PIX_FMT_YUVJ420P, 720, Matrix::Bt601, AVCOL_SPC_UNSPECIFIED, true, red, green, blue));
}

void highDynamicRangeLooksRight() {
  // Reference white of 203 cd/m² is a bright grey, a highlight of 1000 near white, black black; grey has no colour.
  const Rgb white = toneMap(Transfer::Pq, {0.5806, 0.5806, 0.5806});
  CHECK(white.red > 0.88 && white.red < 0.95);
  CHECK_NEAR(white.red, white.blue, 0.001);
  const Rgb highlight = toneMap(Transfer::Pq, {0.7518, 0.7518, 0.7518});
  CHECK(highlight.red > white.red && highlight.red <= 1);
  CHECK_NEAR(toneMap(Transfer::Pq, {0, 0, 0}).red, 0, 0.001);
  const Rgb hlgWhite = toneMap(Transfer::Hlg, {0.75, 0.75, 0.75});
  CHECK_NEAR(hlgWhite.red, white.red, 0.02);

  FramePtr frame = colored(AV_PIX_FMT_YUV420P10, 720, Matrix::Bt2020, AVCOL_SPC_BT2020_NCL, false, 0.58, 0.4, 0.3);
  frame->color_trc = AVCOL_TRC_SMPTE2084;
  const Result r = convert(*frame);
  const Rgb exact = toneMap(Transfer::Pq, {0.58, 0.4, 0.3});
  const double luma = 0.2126 * exact.red + 0.7152 * exact.green + 0.0722 * exact.blue;
  CHECK_NEAR(r.luma(0.5, 0.5), 16 + 219 * luma, 3);
  CHECK_NEAR(r.u(), 128 + 224 * (exact.blue - luma) / 1.8556, 3);
  CHECK_NEAR(r.v(), 128 + 224 * (exact.red - luma) / 1.5748, 3);
}

void transparencyComesThrough() {
  FramePtr frame = frameOf(AV_PIX_FMT_RGBA, 31, 17);
  for (int y = 0; y < 17; y++) {
    for (int x = 0; x < 31; x++) {
      uint8_t* p = frame->data[0] + y * frame->linesize[0] + 4 * x;
      p[0] = 0xc0, p[1] = 0x40, p[2] = 0x20, p[3] = 77;
    }
  }
  Result r = convert(*frame);
  const Yuv wanted = yuvOf(0xc04020);
  CHECK(r.shape.alpha);
  CHECK_NEAR(r.luma(0.5, 0.5), wanted.y, 1.5);
  CHECK_NEAR(r.u(), wanted.u, 1.5);
  CHECK_NEAR(r.v(), wanted.v, 1.5);
  CHECK(r.alpha() == 77);
  r = convert(*frame, {90, true}, {0, 1}, 16, 16);
  CHECK(r.shape.alpha && r.alpha() == 77);

  frame = frameOf(AV_PIX_FMT_YUVA420P, 64, 64);
  for (int y = 0; y < 64; y++) memset(frame->data[3] + y * frame->linesize[3], 33, 64);
  r = convert(*frame);
  CHECK(r.shape.alpha && r.alpha() == 33);
}

}  // namespace

int main() {
  RUN(everyMatrixAndRangeIsWithinOneCode);
  RUN(greyStaysGreyAndRangesMeet);
  RUN(turnsStandUpright);
  RUN(displayMatricesAreRead);
  RUN(sizesOddLargeAndAnamorphic);
  RUN(everyLayoutGivesTheSameColor);
  RUN(highDynamicRangeLooksRight);
  RUN(transparencyComesThrough);
  return 0;
}
