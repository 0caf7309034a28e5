// Sample-counted continuity: runs of samples that each claim a time → one unbroken stream and its anchor.
//
// RTMP rounds times to whole milliseconds and an AAC frame lasts 21.333 ms, so claimed times tremble. Cutting or filling
// to follow them would click 40 times a second. So samples are laid end to end, and only the anchor follows the claims,
// slowly. A claim that is off by more than `kStepUs` is a real gap (filled with silence) or overlap (cut off); so are
// claims that are off by more than `kApartUs`, all the same way, for `kApartForUs`: another encoder has taken over, and
// following it slowly would leave the sound beside the picture for long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace vistter::decoder {

class AudioTimeline {
 public:
  static constexpr double kStepUs = 60000;
  static constexpr double kApartUs = 12000;
  static constexpr double kApartForUs = 150000;
  static constexpr size_t kUnlimited = ~size_t(0);

  struct Rules {
    double follow = 0.02;           // Share of the error that the anchor takes over with each 20 ms of sound.
    double deadbandUs = 0;          // Errors below this are rounding and leave the anchor alone.
    size_t maxFillSamples = 24000;  // A longer gap is not filled: the anchor steps over it.
  };

  /// Receives what is to be written: `samples` null is silence. `ptsUs` is where the first of them lies.
  /// Returning false stops (the process is ending, or a seek overtook this).
  using Sink = std::function<bool(const float* samples, size_t frames, double ptsUs)>;

  AudioTimeline(Rules rules, Sink sink) : rules_(rules), sink_(std::move(sink)) {}

  /// Forgets what was: the next run begins where it says.
  void reset() { running_ = false; }
  /// Begins (or, at a loop's join, goes on) at `ptsUs`: of the run that follows, what comes before is cut off and a gap up
  /// to it is filled, both to the sample.
  void startAt(double ptsUs);
  /// Adds interleaved stereo at 48 kHz that claims to begin at `ptsUs`.
  bool push(const float* samples, size_t frames, double ptsUs);
  /// Fills with silence until `ptsUs`, to the sample. Does nothing if it has passed.
  bool padTo(double ptsUs);
  /// Nothing at or after `ptsUs` is written any more. `kNoLimit` lifts it.
  void limitTo(double ptsUs) { limitUs_ = ptsUs; }
  static constexpr double kNoLimit = 1e18;

  bool running() const { return running_; }
  /// Where the next sample lies.
  double nextUs() const { return nextUs_; }
  uint64_t filled() const { return filled_; }
  uint64_t cut() const { return cut_; }

 private:
  bool write(const float* samples, size_t frames);
  bool fill(double untilUs);
  bool liesApart(double errorUs, size_t frames);

  Rules rules_;
  Sink sink_;
  bool running_ = false;
  double apartUs_ = 0;  // How much sound has lain apart from its claims by now; negative: they are earlier.
  bool exact_ = false;  // The next run is placed to the sample, however little it is off.
  double nextUs_ = 0;
  double limitUs_ = kNoLimit;
  uint64_t filled_ = 0;
  uint64_t cut_ = 0;
};

}  // namespace vistter::decoder
