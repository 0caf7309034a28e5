// One picture at 160×90, and what it alone and it against the one before it say.
#pragma once

#include <array>
#include <cstdint>

namespace vistter::features {

constexpr int kWidth = 160;
constexpr int kHeight = 90;

/// 8 bit 4:2:0, limited range, as coded: neither turned upright nor tone-mapped.
struct Thumb {
  int64_t atMs = 0;
  std::array<uint8_t, kWidth * kHeight> y;
  std::array<uint8_t, kWidth * kHeight / 4> u;
  std::array<uint8_t, kWidth * kHeight / 4> v;
};

/// Shares of 16 × 4 × 4 cells of Y, U and V; a cell's neighbours in Y share what lies between, so that a slow fade is no cut.
using Histogram = std::array<float, 16 * 4 * 4>;

struct PictureLook {
  float edgeMean = 0, edgeStd = 0, colorVariance = 0, brightness = 0, blur = 0, black = 0;
  Histogram histogram{};
};

struct PictureStep {
  float motionMean = 0, motionStd = 0;
  /// Of the histograms, 0 to 1.
  float distance = 0;
  bool frozen = false;
};

PictureLook lookAt(const Thumb& thumb);
/// What of a step the luma alone says: all but the distance.
PictureStep motionBetween(const Thumb& before, const Thumb& now);
PictureStep compare(const Thumb& before, const PictureLook& lookBefore, const Thumb& now, const PictureLook& look);

}  // namespace vistter::features
