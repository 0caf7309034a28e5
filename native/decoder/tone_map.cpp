#include "decoder/tone_map.h"

#include <algorithm>
#include <cmath>

namespace vistter::decoder {

namespace {

// ITU-R BT.2408: the light of a white sheet of paper in an HDR picture.
constexpr double kReferenceWhite = 203;
constexpr double kHlgPeak = 1000;
// Below the knee light is kept as it is; above, an endless range is folded into what is left.
constexpr double kKnee = 0.6;

double pqToLight(double code) {
  // SMPTE ST 2084.
  constexpr double m1 = 0.1593017578125, m2 = 78.84375, c1 = 0.8359375, c2 = 18.8515625, c3 = 18.6875;
  const double p = std::pow(std::max(code, 0.0), 1 / m2);
  return 10000 * std::pow(std::max(p - c1, 0.0) / (c2 - c3 * p), 1 / m1);
}

double hlgToScene(double code) {
  // ARIB STD-B67.
  constexpr double a = 0.17883277, b = 0.28466892, c = 0.55991073;
  code = std::max(code, 0.0);
  return code <= 0.5 ? code * code / 3 : (std::exp((code - c) / a) + b) / 12;
}

double rollOff(double light) {
  if (light <= kKnee) return light;
  const double over = (light - kKnee) / (1 - kKnee);
  return kKnee + (1 - kKnee) * over / (1 + over);
}

double toCode(double light) { return std::pow(std::clamp(light, 0.0, 1.0), 1 / 2.4); }

}  // namespace

Rgb toneMap(Transfer transfer, Rgb c) {
  Rgb light;
  if (transfer == Transfer::Hlg) {
    light = {hlgToScene(c.red), hlgToScene(c.green), hlgToScene(c.blue)};
    const double luminance = 0.2627 * light.red + 0.6780 * light.green + 0.0593 * light.blue;
    const double gain = kHlgPeak / kReferenceWhite * std::pow(luminance, 0.2);
    light = {light.red * gain, light.green * gain, light.blue * gain};
  } else {
    light = {pqToLight(c.red) / kReferenceWhite, pqToLight(c.green) / kReferenceWhite, pqToLight(c.blue) / kReferenceWhite};
  }
  // By the brightest part, so that a colour gets darker and not paler.
  const double brightest = std::max({light.red, light.green, light.blue, 1e-9});
  const double scale = rollOff(brightest) / brightest;
  light = {light.red * scale, light.green * scale, light.blue * scale};
  // BT.2020 primaries → BT.709 (ITU-R BT.2087, inverse).
  return {toCode(1.6605 * light.red - 0.5876 * light.green - 0.0728 * light.blue),
          toCode(-0.1246 * light.red + 1.1329 * light.green - 0.0083 * light.blue),
          toCode(-0.0182 * light.red - 0.1006 * light.green + 1.1187 * light.blue)};
}

void ToneMapper::prepare(Transfer transfer, bool fullRange) {
  if (!table_.empty() && transfer == transfer_ && fullRange == fullRange_) return;
  transfer_ = transfer;
  fullRange_ = fullRange;
  table_.resize(size_t(3) * kGrid * kGrid * 256);
  const LumaWeights from = lumaWeights(Matrix::Bt2020);
  const LumaWeights to = lumaWeights(Matrix::Bt709);
  const double lumaBase = fullRange ? 0 : 16, lumaRange = fullRange ? 255 : 219, chromaRange = fullRange ? 255 : 224;
  const auto byte = [](double value) { return uint8_t(std::lround(std::clamp(value, 0.0, 255.0))); };
  for (int u = 0; u < kGrid; u++) {
    for (int v = 0; v < kGrid; v++) {
      const double cb = (u * kStep - 128) / chromaRange;
      const double cr = (v * kStep - 128) / chromaRange;
      for (int code = 0; code < 256; code++) {
        const double y = (code - lumaBase) / lumaRange;
        Rgb c{y + 2 * (1 - from.red) * cr, 0, y + 2 * (1 - from.blue) * cb};
        c.green = (y - from.red * c.red - from.blue * c.blue) / (1 - from.red - from.blue);
        // Most of the cube is no colour at all; clamped it still interpolates well at the border.
        const Rgb out = toneMap(transfer, {std::clamp(c.red, 0.0, 1.0), std::clamp(c.green, 0.0, 1.0), std::clamp(c.blue, 0.0, 1.0)});
        const double luma = to.red * out.red + (1 - to.red - to.blue) * out.green + to.blue * out.blue;
        const size_t at = (size_t(u) * kGrid + size_t(v)) * 256 + size_t(code);
        const size_t plane = size_t(kGrid) * kGrid * 256;
        table_[at] = byte(16 + 219 * luma);
        table_[plane + at] = byte(128 + 224 * (out.blue - luma) / (2 * (1 - to.blue)));
        table_[2 * plane + at] = byte(128 + 224 * (out.red - luma) / (2 * (1 - to.red)));
      }
    }
  }
}

void ToneMapper::convert(PlanesView from, Planes to, int width, int height) const {
  for (int cy = 0; cy < (height + 1) / 2; cy++) {
    for (int cx = 0; cx < (width + 1) / 2; cx++) {
      const int u = from.u[ptrdiff_t(cy) * from.uStride + cx];
      const int v = from.v[ptrdiff_t(cy) * from.vStride + cx];
      const int iu = u / kStep, iv = v / kStep, fu = u % kStep, fv = v % kStep;
      const int weights[4] = {(kStep - fu) * (kStep - fv), (kStep - fu) * fv, fu * (kStep - fv), fu * fv};
      const auto look = [&](int plane, int code) {
        const int sum = weights[0] * row(plane, iu, iv)[code] + weights[1] * row(plane, iu, iv + 1)[code] +
                        weights[2] * row(plane, iu + 1, iv)[code] + weights[3] * row(plane, iu + 1, iv + 1)[code];
        return uint8_t((sum + kStep * kStep / 2) / (kStep * kStep));
      };
      int total = 0, count = 0;
      for (int y = cy * 2; y < std::min(height, cy * 2 + 2); y++) {
        for (int x = cx * 2; x < std::min(width, cx * 2 + 2); x++) {
          const int code = from.y[ptrdiff_t(y) * from.yStride + x];
          to.y[ptrdiff_t(y) * to.yStride + x] = look(0, code);
          total += code;
          count++;
        }
      }
      to.u[ptrdiff_t(cy) * to.uStride + cx] = look(1, total / count);
      to.v[ptrdiff_t(cy) * to.vStride + cx] = look(2, total / count);
    }
  }
}

}  // namespace vistter::decoder
