#include "features/thumb.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace vistter::features {

namespace {

/// Sobel's largest magnitude: 4 · 255 both ways.
constexpr double kSteepest = 1442.5;
constexpr int kBlackLuma = 32;
constexpr double kBlackShare = 0.98;
/// The Laplacian's variance at which a picture is half sharp.
constexpr double kHalfSharp = 150;
/// What an encoder does to a picture that stands still stays below these.
constexpr double kStillMean = 0.8;
constexpr int kMovedBy = 14;
constexpr double kMovedShare = 0.001;

struct Moments {
  double mean, variance;
};

Moments momentsOf(double sum, double squares, int n) {
  const double mean = sum / n;
  return {mean, std::max(0.0, squares / n - mean * mean)};
}

void lookAtEdges(const Thumb& thumb, PictureLook& look) {
  double sum = 0, squares = 0, bends = 0, bendSquares = 0;
  for (int row = 1; row < kHeight - 1; row++) {
    const uint8_t* above = thumb.y.data() + (row - 1) * kWidth;
    const uint8_t* here = above + kWidth;
    const uint8_t* below = here + kWidth;
    for (int x = 1; x < kWidth - 1; x++) {
      const int across = above[x + 1] + 2 * here[x + 1] + below[x + 1] - above[x - 1] - 2 * here[x - 1] - below[x - 1];
      const int down = below[x - 1] + 2 * below[x] + below[x + 1] - above[x - 1] - 2 * above[x] - above[x + 1];
      const double square = double(across * across + down * down);
      squares += square;
      sum += std::sqrt(square);
      const int bend = above[x] + below[x] + here[x - 1] + here[x + 1] - 4 * here[x];
      bends += bend;
      bendSquares += double(bend) * bend;
    }
  }
  constexpr int n = (kWidth - 2) * (kHeight - 2);
  const Moments edges = momentsOf(sum, squares, n);
  look.edgeMean = float(edges.mean / kSteepest);
  look.edgeStd = float(std::sqrt(edges.variance) / kSteepest);
  look.blur = float(1 / (1 + momentsOf(bends, bendSquares, n).variance / kHalfSharp));
}

void lookAtColors(const Thumb& thumb, PictureLook& look) {
  double sums[3] = {}, squares[3] = {};
  constexpr int n = kWidth * kHeight / 4;
  for (int row = 0; row < kHeight / 2; row++) {
    for (int x = 0; x < kWidth / 2; x++) {
      const uint8_t* luma = thumb.y.data() + 2 * row * kWidth + 2 * x;
      const float y = float(luma[0] + luma[1] + luma[kWidth] + luma[kWidth + 1]) / 4;
      const int u = thumb.u[size_t(row * kWidth / 2 + x)];
      const int v = thumb.v[size_t(row * kWidth / 2 + x)];
      // BT.709, limited range.
      const float c = 1.164f * (y - 16);
      const float rgb[3] = {c + 1.793f * float(v - 128), c - 0.213f * float(u - 128) - 0.533f * float(v - 128), c + 2.112f * float(u - 128)};
      for (int i = 0; i < 3; i++) {
        const double value = std::clamp(rgb[i], 0.0f, 255.0f);
        sums[i] += value;
        squares[i] += value * value;
      }
      const int color = (u >> 6) * 4 + (v >> 6);
      const float place = std::max(0.0f, y / 16 - 0.5f);
      const int cell = std::min(15, int(place));
      const float upper = cell < 15 ? place - float(cell) : 0;
      look.histogram[size_t(cell * 16 + color)] += (1 - upper) / n;
      if (cell < 15) look.histogram[size_t((cell + 1) * 16 + color)] += upper / n;
    }
  }
  double variance = 0;
  for (int i = 0; i < 3; i++) variance += momentsOf(sums[i], squares[i], n).variance;
  look.colorVariance = float(variance);
}

}  // namespace

PictureLook lookAt(const Thumb& thumb) {
  PictureLook look;
  int64_t sum = 0;
  int dark = 0;
  for (const uint8_t y : thumb.y) {
    sum += y;
    dark += y < kBlackLuma;
  }
  look.brightness = float(double(sum) / double(thumb.y.size()));
  look.black = dark >= kBlackShare * double(thumb.y.size()) ? 1 : 0;
  lookAtEdges(thumb, look);
  lookAtColors(thumb, look);
  return look;
}

PictureStep motionBetween(const Thumb& before, const Thumb& now) {
  PictureStep step;
  int64_t sum = 0, squares = 0;
  int moved = 0;
  for (size_t i = 0; i < now.y.size(); i++) {
    const int difference = std::abs(int(now.y[i]) - int(before.y[i]));
    sum += difference;
    squares += difference * difference;
    moved += difference > kMovedBy;
  }
  const Moments moments = momentsOf(double(sum), double(squares), int(now.y.size()));
  step.motionMean = float(moments.mean);
  step.motionStd = float(std::sqrt(moments.variance));
  step.frozen = moments.mean < kStillMean && moved <= kMovedShare * double(now.y.size());
  return step;
}

PictureStep compare(const Thumb& before, const PictureLook& lookBefore, const Thumb& now, const PictureLook& look) {
  PictureStep step = motionBetween(before, now);
  double distance = 0;
  for (size_t i = 0; i < look.histogram.size(); i++) distance += std::fabs(look.histogram[i] - lookBefore.histogram[i]);
  step.distance = float(std::min(1.0, distance / 2));
  return step;
}

}  // namespace vistter::features
