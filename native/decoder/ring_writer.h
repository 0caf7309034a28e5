// Puts decoded frames and sound into the ring, waiting where the ring's rules say so.
#pragma once

#include <functional>

#include "decoder/job.h"
#include "decoder/picture_converter.h"
#include "decoder/slot_frames.h"

namespace vistter::decoder {

/// Where a frame belongs and how it has to be turned.
struct FramePlace {
  int64_t ptsUs = 0;
  int64_t durationUs = 0;
  int64_t arrivalUs = 0;
  uint32_t epoch = 0;
  uint32_t flags = 0;
  Orientation turn;
  AVRational sampleAspect{0, 1};
};

class PictureWriter {
 public:
  explicit PictureWriter(Job& job)
      : job_(job), converter_(job.ring.header()->maxWidth, job.ring.header()->maxHeight), frames_(job.ring) {}

  /// For a live codec, which must be gone before this is: what it draws there, `write` publishes without copying.
  SlotFrames& frames() { return frames_; }

  /// Converts `frame` into a slot and publishes it. Under file rules it waits for a free slot while `wanted` says so.
  /// Returns false when it was not written: stopped, no longer wanted, unreadable, or (live) no slot was to be had.
  bool write(const AVFrame& frame, const FramePlace& place, const std::function<bool()>& wanted);

 private:
  Job& job_;
  PictureConverter converter_;
  SlotFrames frames_;
};

class SoundWriter {
 public:
  explicit SoundWriter(Job& job) : job_(job) {}

  /// Appends stereo samples (null: silence), the first of which is heard at `ptsUs`. Waits as above, in parts.
  bool write(const float* samples, size_t frames, double ptsUs, uint32_t epoch, int64_t arrivalUs,
             const std::function<bool()>& wanted);

 private:
  Job& job_;
};

}  // namespace vistter::decoder
