// Where the bins of sound and of picture, which are decoded beside each other, come together in order.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>

#include "features/report.h"

namespace vistter::features {

/// Two weeks: whatever lies further on is a broken timestamp.
constexpr int64_t kMostBins = 14 * 86400;

class BinBoard {
 public:
  BinBoard(Report& report, bool hasSound, bool hasPicture);
  /// Bins of one kind come in order; those that are left out are unknown. Safe from two threads.
  void sound(int64_t bin, const SoundBin& values);
  void picture(int64_t bin, const PictureBin& values);
  /// Writes what is left up to `bins`.
  void finish(int64_t bins);

 private:
  struct Row {
    SoundBin sound = unknownSound();
    PictureBin picture = unknownPicture();
  };
  Row& row(int64_t bin);
  void writeUpTo(int64_t end);

  Report& report_;
  std::mutex mutex_;
  std::deque<Row> rows_;
  int64_t first_ = 0;
  /// Up to where each kind is complete.
  int64_t soundEnd_ = 0;
  int64_t pictureEnd_ = 0;
};

}  // namespace vistter::features
