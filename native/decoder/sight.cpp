#include "decoder/sight.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "decoder/events.h"

namespace vistter::decoder {

namespace {
constexpr int kColumns = 160;
constexpr int kRows = 90;
constexpr size_t kPoints = size_t(kColumns) * kRows;
// A picture that stands is coded anew with each keyframe, a little otherwise each time: see docs/decisions/0018.
constexpr int kMovedBy = 12;
// One that has stood moves again only with more than what coding makes of a bad line.
constexpr size_t kMovedPoints = 0;
constexpr size_t kMovedPointsOfStill = kPoints / 1000;
// Limited range's black is 16, and coding makes noise of it. A title of one line is more points than these.
constexpr int kDark = 32;
constexpr size_t kLightPoints = kPoints / 1000;
// What a muted microphone or an empty mix sends is nothing at all; the quietest room is louder than -80 dBFS.
constexpr float kQuiet = 1e-4f;
}  // namespace

bool PictureSight::sample(const AVFrame& frame) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(AVPixelFormat(frame.format));
  if (format == nullptr || frame.data[0] == nullptr || frame.width < 16 || frame.height < 16) return false;
  if ((format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BE)) != 0) return false;
  const AVComponentDescriptor& luma = format->comp[0];
  if (luma.plane != 0 || luma.depth > 16) return false;
  now_.resize(kPoints);
  uint8_t* to = now_.data();
  for (int row = 0; row < kRows; row++) {
    const uint8_t* line = frame.data[0] + ptrdiff_t(frame.linesize[0]) * (frame.height * (2 * row + 1) / (2 * kRows)) + luma.offset;
    for (int column = 0; column < kColumns; column++) {
      const uint8_t* at = line + ptrdiff_t(frame.width * (2 * column + 1) / (2 * kColumns)) * luma.step;
      *to++ = luma.depth > 8 ? uint8_t((at[0] | at[1] << 8) >> (luma.shift + luma.depth - 8)) : *at;
    }
  }
  return true;
}

void PictureSight::forget() {
  lastUs_ = stillSinceUs_ = blackSinceUs_ = kNever;
  stood_.clear();
}

void PictureSight::look(const AVFrame& frame, int64_t ptsUs) {
  const bool leapt = lastUs_ != kNever && (ptsUs < lastUs_ || ptsUs - lastUs_ > kStandsUs);
  if (leapt || frame.width != width_ || frame.height != height_) forget();
  width_ = frame.width;
  height_ = frame.height;
  if (lastUs_ != kNever && ptsUs - lastUs_ < kLookEveryUs) return;
  if (!sample(frame)) {
    forget();
    return;
  }
  lastUs_ = ptsUs;
  size_t light = 0;
  for (const uint8_t y : now_) light += y > kDark ? 1 : 0;
  if (light > kLightPoints) blackSinceUs_ = kNever;
  else if (blackSinceUs_ == kNever) blackSinceUs_ = ptsUs;

  size_t moved = stood_.empty() ? kPoints : 0;
  for (size_t i = 0; i < stood_.size(); i++) moved += std::abs(int(now_[i]) - int(stood_[i])) > kMovedBy ? 1 : 0;
  if (moved <= (still() ? kMovedPointsOfStill : kMovedPoints)) return;
  stood_ = now_;
  stillSinceUs_ = ptsUs;
}

void SoundSight::hear(const float* samples, size_t frames) {
  const bool quiet = samples == nullptr || std::all_of(samples, samples + frames * 2, [](float one) { return !(std::fabs(one) > kQuiet); });
  quietFrames_ = quiet ? std::min(quietFrames_ + frames, kSilentFrames) : 0;
}

void SightTeller::picture(bool still, bool black) {
  const std::lock_guard<std::mutex> lock(mutex_);
  tell({still, black, told_.silent});
}

void SightTeller::sound(bool silent) {
  const std::lock_guard<std::mutex> lock(mutex_);
  tell({told_.still, told_.black, silent});
}

void SightTeller::forget() {
  const std::lock_guard<std::mutex> lock(mutex_);
  told_ = {};
}

void SightTeller::tell(const Sight& sight) {
  if (sight == told_) return;
  told_ = sight;
  Event("sight").add("still", int64_t(sight.still)).add("black", int64_t(sight.black)).add("silent", int64_t(sight.silent)).send();
}

}  // namespace vistter::decoder
