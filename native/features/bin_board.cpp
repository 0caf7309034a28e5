#include "features/bin_board.h"

#include <algorithm>

namespace vistter::features {

BinBoard::BinBoard(Report& report, bool hasSound, bool hasPicture)
    : report_(report), soundEnd_(hasSound ? 0 : kMostBins), pictureEnd_(hasPicture ? 0 : kMostBins) {}

BinBoard::Row& BinBoard::row(int64_t bin) {
  while (first_ + int64_t(rows_.size()) <= bin) rows_.emplace_back();
  return rows_[size_t(bin - first_)];
}

void BinBoard::writeUpTo(int64_t end) {
  for (; first_ < end && !rows_.empty(); first_++) {
    report_.bin(first_, rows_.front().sound, rows_.front().picture);
    rows_.pop_front();
  }
}

void BinBoard::sound(int64_t bin, const SoundBin& values) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (bin < first_ || bin >= kMostBins) return;
  row(bin).sound = values;
  soundEnd_ = std::max(soundEnd_, bin + 1);
  writeUpTo(std::min(soundEnd_, pictureEnd_));
}

void BinBoard::picture(int64_t bin, const PictureBin& values) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (bin < first_ || bin >= kMostBins) return;
  row(bin).picture = values;
  pictureEnd_ = std::max(pictureEnd_, bin + 1);
  writeUpTo(std::min(soundEnd_, pictureEnd_));
}

void BinBoard::finish(int64_t bins) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const int64_t end = std::min(bins, kMostBins);
  if (end > first_) row(end - 1);
  writeUpTo(end);
}

}  // namespace vistter::features
