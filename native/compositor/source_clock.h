// Which frame of a source belongs on which tick of the program.
//
// A source frame with time `pts` belongs at program time pts + offset, and each tick shows the frame nearest to it. Sound
// goes by the same offset, so picture and sound stay together whatever the offset does.
//
// LIVE. The offset is found from what is seen: lag = readyUs - pts is how late a frame can be had. The smallest lag of
// the last seconds plus a margin for jitter is the offset we need. On it the phase is snapped: when the source has
// the program's rate (or a whole multiple or fraction of it), the offset is chosen so that its frames fall on ticks exactly, which
// leaves half a frame on either side for stamps rounded to ms and for jitter: none of that can repeat or skip a frame.
// Then the offset stands still. Only when a slow drift of the source's clock has used up the slack does it move, by one
// whole frame, so slowly that sound can follow unheard; the picture repeats or skips one frame somewhere on the way.
// When frames come too late to be shown the margin grows at once; it shrinks again very slowly.
//
// FILE. The offset is set when playing starts, and stays.
//
// Pure: no clock, no memory of its own beyond fixed arrays; all times µs.
#pragma once

#include <array>
#include <cstdint>

namespace vistter {

class SourceClock {
 public:
  enum class Phase { Empty, Settling, Locked, Fixed };

  /// `intervalUs`: of the program. `holdFrames`: how many source frames the ring can keep back (live).
  SourceClock(double intervalUs, int holdFrames);

  /// Forgets everything: another epoch, or another life of the source. The margin learnt is kept.
  void reset();
  /// File rules: pts 0 belongs at program time `offsetUs`.
  void fix(double offsetUs);

  /// A frame was seen for the first time; in the order of its pts. `readyUs` is when it could be had.
  void onFrame(int64_t ptsUs, int64_t readyUs);
  /// At each tick while sound comes: the newest sample's time, and now.
  void onSound(int64_t newestPtsUs, int64_t nowUs);
  /// At each tick, before picking: moves the offset if it has to move. `dueUs` is the tick's program time.
  void tick(double dueUs);

  /// How many of the waiting frames (their pts, oldest first) to take off the queue at this tick: 0 keeps what is shown,
  /// k shows the k-th. `showing`: whether there is a frame on show.
  int pick(const int64_t* pts, int count, double dueUs, bool showing) const;

  /// The offset now, the source's own delay included.
  double offsetUs() const { return offset_ + delay_; }
  void setDelay(double delayUs);
  double delayUs() const { return delay_; }
  bool ready() const { return phase_ != Phase::Empty; }
  Phase phase() const { return phase_; }
  /// Mean interval of the source's frames by its own stamps; 0 while unknown.
  double sourceIntervalUs() const { return interval_; }
  /// Whether its frames come at the program's own rate, so that each tick has a new one.
  bool sameRate() const { return snapRatio_ == 1; }
  double marginUs() const { return margin_; }
  /// Set when the offset was moved at one stroke, so that sound should do the same.
  bool takeJumped();

 private:
  static constexpr int kHistory = 64;
  static constexpr int kBuckets = 12;  // Of half a second: the window of the smallest lag.

  void measureInterval();
  void noteLag(double lag, double nowUs);
  void noteWorst(double lag, double nowUs);
  void lock(double nowUs);
  void followFallenBack(double nowUs);
  void raiseMargin(double lag, double nowUs, bool urgent);
  double mostUs() const;
  double smallestLag() const;
  double needed() const { return smallestLag() + margin_; }
  double snapped(double atLeast) const;
  void jumpTo(double offset);
  double gridUs() const;

  const double programInterval_;
  const int holdFrames_;
  Phase phase_ = Phase::Empty;
  double offset_ = 0;
  double goal_ = 0;
  double delayWanted_ = 0;
  double delay_ = 0;
  double margin_;
  double interval_ = 0;
  int snapRatio_ = 0;       // Program intervals and source intervals: 1 equal, k the source is k times faster, -k slower, 0 neither.
  bool jumped_ = false;

  std::array<int64_t, kHistory> pts_{};
  std::array<double, kHistory> lags_{};
  std::array<double, kHistory> seen_{};
  int64_t frames_ = 0;      // Since the reset.

  std::array<double, kBuckets> bucketMin_{};
  int64_t bucketAt_ = 0;    // Number of the newest half second.
  double firstSeen_ = 0;
  double lowered_ = 0;      // When the smallest lag last fell.
  std::array<double, 4> settleMax_{};  // Largest lags of the last tenths of a second,
  int64_t settleAt_ = 0;    // and the number of the newest.
  double lastRaise_ = 0;
  int misses_ = 0;
  double calmSince_ = 0;
  double calmMax_ = 0;      // Largest excess over the smallest lag since then.
  double soundLow_ = 0;     // Smallest lag of the sound, for a source without a picture.
  double lastTick_ = 0;
};

}  // namespace vistter
