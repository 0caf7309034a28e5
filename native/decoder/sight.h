// What a person would see and hear of a camera, in a few words: whether its picture stands, whether it is black, and whether its
// sound is silence, each for so long that it is no moment of a film. Said at each change, by the event `sight`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "decoder/av.h"

namespace vistter::decoder {

struct Sight {
  bool still = false;
  bool black = false;
  bool silent = false;
  bool operator==(const Sight& other) const { return still == other.still && black == other.black && silent == other.silent; }
};

/// Of pictures. They are looked at a few times a second, at points: that costs nothing, and what stands, stands everywhere.
class PictureSight {
 public:
  /// @param ptsUs of the source's time; one that leaps begins anew
  void look(const AVFrame& frame, int64_t ptsUs);
  void forget();
  bool still() const { return stillSinceUs_ != kNever && lastUs_ - stillSinceUs_ >= kStandsUs; }
  bool black() const { return blackSinceUs_ != kNever && lastUs_ - blackSinceUs_ >= kStandsUs; }

  /// Longer than titles of a film stand or it is dark between two scenes, and short enough to be told within three seconds.
  static constexpr int64_t kStandsUs = 2400000;
  static constexpr int64_t kLookEveryUs = 100000;

 private:
  static constexpr int64_t kNever = INT64_MIN;
  bool sample(const AVFrame& frame);

  std::vector<uint8_t> now_;
  /// What it has looked like since `stillSinceUs_`.
  std::vector<uint8_t> stood_;
  int width_ = 0;
  int height_ = 0;
  int64_t lastUs_ = kNever;
  int64_t stillSinceUs_ = kNever;
  int64_t blackSinceUs_ = kNever;
};

/// Of sound, by its samples: 48 kHz float stereo.
class SoundSight {
 public:
  void hear(const float* samples, size_t frames);
  void forget() { quietFrames_ = 0; }
  bool silent() const { return quietFrames_ >= kSilentFrames; }

  static constexpr uint64_t kSilentFrames = 48000 * 18 / 10;

 private:
  uint64_t quietFrames_ = 0;
};

/// Both together, from the threads of both; tells of each change.
class SightTeller {
 public:
  void picture(bool still, bool black);
  void sound(bool silent);
  /// What was told holds no more; nothing is said.
  void forget();

 private:
  void tell(const Sight& sight);
  std::mutex mutex_;
  Sight told_;
};

}  // namespace vistter::decoder
