#include "features/picture_bins.h"

#include <algorithm>
#include <vector>

#include "features/bin_board.h"

namespace vistter::features {

namespace {

/// Two pictures differ so much in their colours that another shot began; or by less, but by so much more than those before them did.
constexpr float kCertainDistance = 0.55f;
constexpr float kShotDistance = 0.3f;
constexpr float kShotFactor = 2.5f;
constexpr size_t kDistances = 15;

}  // namespace

bool PictureBins::isShot(float distance) {
  std::vector<float> sorted(distances_.begin(), distances_.end());
  distances_.push_back(distance);
  if (distances_.size() > kDistances) distances_.pop_front();
  if (distance < kShotDistance) return false;
  if (sorted.empty() || distance >= kCertainDistance) return true;
  std::nth_element(sorted.begin(), sorted.begin() + long(sorted.size() / 2), sorted.end());
  return distance > kShotFactor * sorted[sorted.size() / 2];
}

void PictureBins::add(const Thumb& thumb) {
  if (thumb.atMs < 0 || thumb.atMs >= kMostBins * kBinMs) return;
  if (hasLast_ && thumb.atMs <= last_.atMs) return;
  const int64_t bin = thumb.atMs / kBinMs;
  if (!hasLast_) nextBin_ = std::max(nextBin_, bin);
  const PictureLook look = lookAt(thumb);
  if (damagedSinceMs_ >= 0) {
    // What changed meanwhile says nothing about when.
    markDamaged(thumb.atMs);
  } else if (hasLast_) {
    const PictureStep step = compare(last_, lastLook_, thumb, look);
    share(step, last_.atMs, thumb.atMs);
    if (isShot(step.distance)) sink_.shot(thumb.atMs);
  }
  closeUpTo(bin);
  Open& now = open_[bin];
  now.looks++;
  now.sum.edgeMean += look.edgeMean;
  now.sum.edgeStd += look.edgeStd;
  now.sum.colorVariance += look.colorVariance;
  now.sum.brightness += look.brightness;
  now.sum.blur += look.blur;
  now.sum.black += look.black;
  last_ = thumb;
  lastLook_ = look;
  hasLast_ = true;
}

void PictureBins::beside(const Thumb& thumb) {
  if (!hasLast_ || damagedSinceMs_ >= 0) return;
  Open& now = open_[last_.atMs / kBinMs];
  now.moments++;
  now.motionNow += motionBetween(last_, thumb).motionMean;
}

void PictureBins::share(const PictureStep& step, int64_t fromMs, int64_t toMs) {
  const int64_t first = fromMs / kBinMs;
  const int64_t last = toMs / kBinMs;
  // Pictures that lie closer than a second are averaged, not added up.
  const double seconds = std::max(1.0, double(toMs - fromMs) / kBinMs);
  const float cut = step.distance / float(std::max<int64_t>(1, last - first));
  for (int64_t bin = first; bin <= last; bin++) {
    const double overlapMs = double(std::min(toMs, (bin + 1) * kBinMs) - std::max(fromMs, bin * kBinMs));
    Open& open = open_[bin];
    open.stepMs += overlapMs;
    open.motionMean += overlapMs * step.motionMean / seconds;
    open.motionStd += overlapMs * step.motionStd / seconds;
    if (step.frozen) open.frozenMs += overlapMs;
    if (bin > first || first == last) open.cut = std::max(open.cut, cut);
    // Where pictures lie far apart, only a few bins may be open at once.
    if (bin < last) closeUpTo(bin);
  }
}

void PictureBins::damaged(int64_t atMs) {
  if (damagedSinceMs_ < 0 && atMs >= 0 && atMs < kMostBins * kBinMs) damagedSinceMs_ = hasLast_ ? std::max(atMs, last_.atMs) : atMs;
}

void PictureBins::markDamaged(int64_t toMs) {
  sink_.gap(damagedSinceMs_, toMs);
  const int64_t firstWhole = (damagedSinceMs_ + kBinMs - 1) / kBinMs;
  closeUpTo(firstWhole);
  nextBin_ = std::max(nextBin_, toMs / kBinMs);
  motionNow_ = kUnknown;
  damagedSinceMs_ = -1;
}

void PictureBins::closeUpTo(int64_t end) {
  for (; nextBin_ < end; nextBin_++) {
    PictureBin out = unknownPicture();
    const auto at = open_.find(nextBin_);
    const Open open = at != open_.end() ? at->second : Open();
    if (at != open_.end()) open_.erase(at);
    if (open.moments > 0) motionNow_ = open.motionNow / float(open.moments);
    if (open.looks == 0 && !hasLast_) continue;
    const PictureLook& sum = open.looks > 0 ? open.sum : lastLook_;
    const float n = float(std::max(1, open.looks));
    out[EdgeMean] = sum.edgeMean / n;
    out[EdgeStd] = sum.edgeStd / n;
    out[ColorVariance] = sum.colorVariance / n;
    out[Brightness] = sum.brightness / n;
    out[Blur] = sum.blur / n;
    out[Black] = sum.black / n >= 0.5f ? 1.0f : 0.0f;
    out[MotionNow] = motionNow_;
    if (open.stepMs > 0) {
      out[MotionMean] = float(open.motionMean / open.stepMs);
      out[MotionStd] = float(open.motionStd / open.stepMs);
      out[Cut] = open.cut;
      out[Freeze] = open.frozenMs >= open.stepMs / 2 ? 1.0f : 0.0f;
    }
    sink_.bin(nextBin_, out);
  }
}

void PictureBins::finish(int64_t endMs) {
  const int64_t end = std::min((endMs + kBinMs - 1) / kBinMs, kMostBins);
  if (damagedSinceMs_ >= 0 && damagedSinceMs_ < endMs) markDamaged(endMs);
  else closeUpTo(end);
}

}  // namespace vistter::features
