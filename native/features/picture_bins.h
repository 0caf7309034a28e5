// From pictures in order to bins. A picture holds until the next one; what lies between two, motion and the distance of their colours, is
// shared out over the time between.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>

#include "features/columns.h"
#include "features/thumb.h"

namespace vistter::features {

struct PictureSink {
  /// In order; one that is left out is unknown.
  std::function<void(int64_t bin, const PictureBin&)> bin;
  std::function<void(int64_t atMs)> shot;
  std::function<void(int64_t startMs, int64_t endMs)> gap;
};

class PictureBins {
 public:
  explicit PictureBins(PictureSink sink) : sink_(std::move(sink)) {}

  /// The next picture; one that does not lie after the last is left out.
  void add(const Thumb& thumb);
  /// One a moment after the last that was added: what moves between the two holds until that is known again.
  void beside(const Thumb& thumb);
  /// A picture that could not be decoded stood here: nothing is known from then to the next.
  void damaged(int64_t atMs);
  /// Nothing follows; the last picture holds to `endMs`.
  void finish(int64_t endMs);

 private:
  /// What has come together for one bin.
  struct Open {
    int looks = 0;
    PictureLook sum;
    double stepMs = 0, motionMean = 0, motionStd = 0, frozenMs = 0;
    float cut = 0;
    int moments = 0;
    float motionNow = 0;
    bool isDamaged = false;
  };
  void share(const PictureStep& step, int64_t fromMs, int64_t toMs);
  void markDamaged(int64_t toMs);
  void closeUpTo(int64_t bin);
  bool isShot(float distance);

  PictureSink sink_;
  std::map<int64_t, Open> open_;
  int64_t nextBin_ = 0;
  bool hasLast_ = false;
  Thumb last_;
  PictureLook lastLook_;
  float motionNow_ = kUnknown;
  int64_t damagedSinceMs_ = -1;
  std::deque<float> distances_;
};

}  // namespace vistter::features
