#include "decoder/audio_timeline.h"

#include <algorithm>
#include <cmath>

namespace vistter::decoder {

namespace {
constexpr double kUsPerSample = 1e6 / 48000.0;
// Silence is written in pieces, so that a file's ring can take its time over a long gap.
constexpr size_t kFillPiece = 4800;
}  // namespace

void AudioTimeline::startAt(double ptsUs) {
  // Within a sample it is the same place; keeping the running count lets no rounding add up over a thousand loops.
  if (!running_ || std::fabs(ptsUs - nextUs_) > kUsPerSample) nextUs_ = ptsUs;
  running_ = true;
  exact_ = true;
  apartUs_ = 0;
}

bool AudioTimeline::write(const float* samples, size_t frames) {
  const double room = std::round((limitUs_ - nextUs_) / kUsPerSample);
  if (room < double(frames)) {
    const size_t kept = room > 0 ? size_t(room) : 0;
    cut_ += frames - kept;
    frames = kept;
  }
  if (frames == 0) return true;
  if (!sink_(samples, frames, nextUs_)) return false;
  nextUs_ += double(frames) * kUsPerSample;
  return true;
}

bool AudioTimeline::fill(double untilUs) {
  double missing = std::round((std::min(untilUs, limitUs_) - nextUs_) / kUsPerSample);
  while (missing >= 1) {
    const size_t piece = size_t(std::min(missing, double(kFillPiece)));
    if (!write(nullptr, piece)) return false;
    filled_ += piece;
    missing -= double(piece);
  }
  return true;
}

/// Whether claims have been off the same way for so long that they are to be believed.
bool AudioTimeline::liesApart(double errorUs, size_t frames) {
  if (std::fabs(errorUs) <= kApartUs) {
    apartUs_ = 0;
    return false;
  }
  const double length = std::copysign(double(frames) * kUsPerSample, errorUs);
  apartUs_ = apartUs_ * errorUs > 0 ? apartUs_ + length : length;
  return std::fabs(apartUs_) > kApartForUs;
}

bool AudioTimeline::push(const float* samples, size_t frames, double ptsUs) {
  if (frames == 0) return true;
  if (!running_) startAt(ptsUs);
  if (limitUs_ - nextUs_ < kUsPerSample / 2) {
    // Full: what is not written must not move the anchor either.
    cut_ += frames;
    return true;
  }
  const double error = ptsUs - nextUs_;
  const double step = exact_ || liesApart(error, frames) ? kUsPerSample / 2 : kStepUs;
  if (error > step) {
    if (error / kUsPerSample > double(rules_.maxFillSamples)) {
      nextUs_ = ptsUs;
    } else if (!fill(ptsUs)) {
      return false;
    }
  } else if (error < -step) {
    const size_t over = size_t(std::llround(-error / kUsPerSample));
    const size_t dropped = std::min(over, frames);
    cut_ += dropped;
    samples += dropped * 2;
    frames -= dropped;
    if (frames == 0) {
      // The rest of the overlap is cut off the next run, even when it is short.
      exact_ = true;
      return true;
    }
  } else if (std::fabs(error) > rules_.deadbandUs && apartUs_ == 0) {
    // By length, so that a codec with short frames does not follow faster than one with long ones.
    const double beyond = error - std::copysign(rules_.deadbandUs, error);
    nextUs_ += beyond * std::min(1.0, rules_.follow * double(frames) / 960.0);
  }
  exact_ = false;
  return write(samples, frames);
}

bool AudioTimeline::padTo(double ptsUs) {
  if (!running_) return true;
  return fill(ptsUs);
}

}  // namespace vistter::decoder
