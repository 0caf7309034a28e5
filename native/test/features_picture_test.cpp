#include <cmath>
#include <map>
#include <vector>

#include "features/picture_bins.h"
#include "test/check.h"

using namespace vistter::features;

namespace {

struct Seen {
  std::map<int64_t, PictureBin> bins;
  std::vector<int64_t> shots;
  std::vector<std::pair<int64_t, int64_t>> gaps;
};

PictureSink into(Seen& seen) {
  return {[&seen](int64_t bin, const PictureBin& values) {
            CHECK(seen.bins.empty() || seen.bins.rbegin()->first < bin);
            seen.bins[bin] = values;
          },
          [&seen](int64_t at) { seen.shots.push_back(at); }, [&seen](int64_t from, int64_t to) { seen.gaps.emplace_back(from, to); }};
}

Thumb flat(int64_t atMs, int y, int u = 128, int v = 128) {
  Thumb thumb;
  thumb.atMs = atMs;
  thumb.y.fill(uint8_t(y));
  thumb.u.fill(uint8_t(u));
  thumb.v.fill(uint8_t(v));
  return thumb;
}

/// Bars of one pixel: as sharp as it can be.
Thumb bars(int64_t atMs, int shift) {
  Thumb thumb = flat(atMs, 60);
  for (int i = 0; i < kWidth * kHeight; i++) thumb.y[size_t(i)] = uint8_t((i % kWidth + shift) % 8 < 4 ? 60 : 180);
  return thumb;
}

void aPictureAlone() {
  const PictureLook grey = lookAt(flat(0, 120));
  CHECK_NEAR(grey.brightness, 120, 1e-3);
  CHECK(grey.edgeMean == 0 && grey.blur == 1 && grey.black == 0 && grey.colorVariance < 1e-3);
  CHECK(lookAt(flat(0, 20)).black == 1);
  const PictureLook sharp = lookAt(bars(0, 0));
  CHECK(sharp.blur < 0.1 && sharp.edgeMean > 0.1 && sharp.edgeStd > 0.1);
  // Half of the pixels at 60, half at 180: a deviation of 60 · 1.164 in each of R, G and B.
  CHECK_NEAR(sharp.colorVariance, 3 * std::pow(60 * 1.164, 2), 400);
  float sum = 0;
  for (const float share : sharp.histogram) sum += share;
  CHECK_NEAR(sum, 1, 1e-3);
}

void aPictureAgainstAnother() {
  const Thumb grey = flat(0, 120), brighter = flat(0, 130), red = flat(0, 120, 90, 220);
  const PictureLook look = lookAt(grey);
  const PictureStep up = compare(grey, look, brighter, lookAt(brighter));
  CHECK_NEAR(up.motionMean, 10, 1e-3);
  CHECK(up.motionStd < 1e-3 && !up.frozen);
  CHECK(compare(grey, look, grey, look).frozen);
  CHECK_NEAR(compare(grey, look, red, lookAt(red)).distance, 1, 1e-3);
  // A cursor that blinks is no freeze.
  Thumb blink = grey;
  for (int i = 0; i < 30; i++) blink.y[size_t(i)] = 200;
  CHECK(!compare(grey, look, blink, lookAt(blink)).frozen);
}

void whatLiesBetweenIsSharedOut() {
  Seen seen;
  PictureBins bins(into(seen));
  bins.add(flat(0, 100));
  bins.add(flat(2000, 140));
  bins.add(flat(4000, 140));
  bins.finish(6000);
  CHECK(seen.bins.size() == 6);
  CHECK_NEAR(seen.bins[0][MotionMean], 20, 1e-3);
  CHECK_NEAR(seen.bins[1][MotionMean], 20, 1e-3);
  CHECK(seen.bins[2][MotionMean] == 0 && seen.bins[2][Freeze] == 1 && seen.bins[0][Freeze] == 0);
  CHECK_NEAR(seen.bins[1][Cut], seen.bins[2][Cut], 1e-4);
  // A picture holds until the next.
  CHECK(seen.bins[1][Brightness] == 100 && seen.bins[2][Brightness] == 140 && seen.bins[5][Brightness] == 140);
  // Nobody knows how it went on behind the last one.
  CHECK(std::isnan(seen.bins[5][MotionMean]) && std::isnan(seen.bins[5][Cut]));
}

void whatMovesWithinAMomentHoldsUntilThatIsKnownAgain() {
  Seen seen;
  PictureBins bins(into(seen));
  bins.beside(flat(0, 100));
  bins.add(flat(0, 100));
  bins.beside(flat(100, 103));
  bins.add(flat(2000, 140));
  bins.add(flat(4000, 140));
  bins.beside(flat(4100, 150));
  bins.add(flat(4500, 150));
  bins.beside(flat(4600, 154));
  bins.damaged(6000);
  bins.add(flat(8000, 100));
  bins.finish(9000);
  CHECK_NEAR(seen.bins[0][MotionNow], 3, 1e-3);
  CHECK_NEAR(seen.bins[3][MotionNow], 3, 1e-3);
  // Of several in a second the mean.
  CHECK_NEAR(seen.bins[4][MotionNow], 7, 1e-3);
  CHECK_NEAR(seen.bins[5][MotionNow], 7, 1e-3);
  CHECK(std::isnan(seen.bins[8][MotionNow]));
}

void cutsAreShots() {
  Seen seen;
  PictureBins bins(into(seen));
  for (int i = 0; i < 10; i++) bins.add(bars(i * 2000, 2 * i));
  bins.add(flat(20000, 120, 90, 220));
  for (int i = 11; i < 20; i++) bins.add(flat(i * 2000, 120 + i % 2, 90, 220));
  bins.finish(40000);
  CHECK(seen.shots == std::vector<int64_t>{20000});
  CHECK_NEAR(seen.bins[19][Cut], 0.5, 0.02);
  CHECK_NEAR(seen.bins[20][Cut], 0.5, 0.02);
  CHECK(seen.bins[10][Cut] < 0.05);
}

void damagedPartsAreUnknown() {
  Seen seen;
  PictureBins bins(into(seen));
  bins.add(flat(0, 100));
  bins.damaged(2000);
  bins.damaged(4000);
  bins.add(flat(6000, 100));
  bins.add(flat(8000, 100));
  bins.damaged(10000);
  bins.finish(11500);
  CHECK((seen.gaps == std::vector<std::pair<int64_t, int64_t>>{{2000, 6000}, {10000, 11500}}));
  CHECK(seen.bins.count(1) == 1 && seen.bins.count(2) == 0 && seen.bins.count(5) == 0 && seen.bins.count(6) == 1 && seen.bins.count(9) == 1 && seen.bins.count(10) == 0);
  CHECK(std::isnan(seen.bins[1][MotionMean]) && seen.bins[6][MotionMean] == 0);
}

void brokenTimesCostNothing() {
  Seen seen;
  PictureBins bins(into(seen));
  bins.add(flat(-5000, 100));
  bins.add(flat(1000, 100));
  bins.add(flat(int64_t(1) << 60, 100));
  bins.add(flat(500, 100));
  bins.add(flat(3000, 100));
  bins.finish(4000);
  CHECK(seen.bins.size() == 3 && seen.bins.begin()->first == 1);
}

}  // namespace

int main() {
  RUN(aPictureAlone);
  RUN(aPictureAgainstAnother);
  RUN(whatLiesBetweenIsSharedOut);
  RUN(whatMovesWithinAMomentHoldsUntilThatIsKnownAgain);
  RUN(cutsAreShots);
  RUN(damagedPartsAreUnknown);
  RUN(brokenTimesCostNothing);
  return 0;
}
