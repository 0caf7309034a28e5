#include "compositor/source_clock.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vistter {
namespace {

constexpr double kNone = std::numeric_limits<double>::infinity();
constexpr double kBucketUs = 500e3;
constexpr double kTenthUs = 100e3;
constexpr double kSettleUs = 600e3;      // Locking on takes this long at least,
constexpr double kSettleCalmUs = 300e3;  // and ends when the smallest lag has stood still this long.
constexpr double kGuardUs = 10000;       // Beyond the jitter that was seen.
constexpr double kSoundGuardUs = 4000;   // Sound is read up to 2 ms ahead of its place, and interpolated.
constexpr double kMaxMarginUs = 200e3;
constexpr double kStallUs = 400e3;       // Later than this is a stall, which no margin should try to cover.
constexpr double kNearUs = 500;          // A tick looks for frames a little after it was due.
constexpr double kRaiseEveryUs = 250e3;
constexpr double kMissesUs = 5e6;        // Misses that follow each other within this belong together;
constexpr int kMostMisses = 2;           // so many are not waited out.
constexpr double kCalmUs = 300e6;        // So long without need before the margin shrinks a step, which costs a frame: what came once comes again.
constexpr double kSlew = 0.0015;         // The offset's pace when it moves; sound can follow at 0.003.
constexpr double kSlewUp = 0.0028;       // When frames are being missed.
constexpr double kRelockUs = 150e3;      // A wrong offset by more than this is set right at one stroke.
constexpr double kMissingUs = 30e3;     // So is one by more than this while frames are missed: slewing would leave the picture behind the sound.
constexpr double kGapUs = 1e6;           // After a gap this long the source is locked on to anew.
constexpr double kLowUs = 2000;          // The goal is left alone while it is at most this far below what is needed,
constexpr double kHighUs = 8000;         // or this far above what snapping to a frame can account for.

double wrap(double x, double period) {
  const double r = std::fmod(x, period);
  return r < 0 ? r + period : r;
}

double leastMargin(double interval) { return std::clamp(interval * 0.6, 14e3, 24e3); }

}  // namespace

SourceClock::SourceClock(double intervalUs, int holdFrames)
    : programInterval_(intervalUs), holdFrames_(std::max(holdFrames, 1)), margin_(leastMargin(intervalUs)) {
  reset();
}

void SourceClock::reset() {
  phase_ = Phase::Empty;
  frames_ = 0;
  interval_ = 0;
  snapRatio_ = 0;
  bucketMin_.fill(kNone);
  bucketAt_ = 0;
  soundLow_ = kNone;
  settleMax_.fill(-kNone);
  settleAt_ = 0;
  jumped_ = true;
}

void SourceClock::fix(double offsetUs) {
  phase_ = Phase::Fixed;
  offset_ = goal_ = offsetUs;
  delay_ = delayWanted_;
  jumped_ = true;
}

void SourceClock::setDelay(double delayUs) {
  delayWanted_ = std::max(0.0, delayUs);
  // The buffer for jitter comes first; what the ring has beyond it may be used to delay.
  const double most = phase_ == Phase::Fixed ? delayWanted_ : std::max(0.0, mostUs() - kMaxMarginUs);
  const double delay = std::min(delayWanted_, most);
  if (delay == delay_) return;
  delay_ = delay;
  jumped_ = true;
  if (phase_ == Phase::Locked) jumpTo(snapped(needed()));
}

bool SourceClock::takeJumped() {
  const bool jumped = jumped_;
  jumped_ = false;
  return jumped;
}

/// The longest that frames can be kept back without the ring running full.
double SourceClock::mostUs() const { return holdFrames_ * (interval_ > 0 ? interval_ : programInterval_); }

double SourceClock::smallestLag() const {
  const double low = *std::min_element(bucketMin_.begin(), bucketMin_.end());
  return low == kNone ? soundLow_ : low;
}

double SourceClock::gridUs() const { return snapRatio_ > 1 ? programInterval_ / snapRatio_ : programInterval_; }

/// Mean interval over the history, gaps left out, and how it relates to the program's.
void SourceClock::measureInterval() {
  const int n = int(std::min<int64_t>(frames_, kHistory));
  if (n < 4) return;
  std::array<double, kHistory> steps;
  for (int i = 1; i < n; i++) steps[i - 1] = double(pts_[(frames_ - i) % kHistory]) - double(pts_[(frames_ - i - 1) % kHistory]);
  const auto middle = steps.begin() + (n - 1) / 2;
  std::nth_element(steps.begin(), middle, steps.begin() + (n - 1));
  const double median = *middle;
  double sum = 0;
  int count = 0;
  for (int i = 0; i < n - 1; i++) {
    if (steps[i] > median * 1.6 || steps[i] < median * 0.4) continue;
    sum += steps[i];
    count++;
  }
  if (count == 0 || sum <= 0) return;
  interval_ = sum / count;
  const double ratio = programInterval_ / interval_;
  const auto near = [](double a, double b) { return std::fabs(a / b - 1) < 0.005; };
  snapRatio_ = 0;
  for (int k = 1; k <= 8 && snapRatio_ == 0; k++) {
    if (near(ratio, k)) snapRatio_ = k;
    else if (near(ratio, 1.0 / k)) snapRatio_ = -k;
  }
}

/// The smallest offset not below `atLeast` at which source frames fall on ticks.
double SourceClock::snapped(double atLeast) const {
  if (snapRatio_ == 0 || frames_ < 4) return atLeast;
  const double grid = gridUs();
  const int n = int(std::min<int64_t>(frames_, kHistory));
  // Stamps are often rounded to ms: the mean phase of many is the true one.
  const double reference = wrap(double(pts_[(frames_ - 1) % kHistory]), grid);
  double mean = 0;
  for (int i = 0; i < n; i++) {
    mean += (wrap(double(pts_[(frames_ - 1 - i) % kHistory]) - reference + grid / 2, grid) - grid / 2) / n;
  }
  return atLeast + wrap(-(reference + mean + atLeast + delay_), grid);
}

void SourceClock::jumpTo(double offset) {
  if (offset == offset_) return;
  offset_ = goal_ = offset;
  jumped_ = true;
}

void SourceClock::noteLag(double lag, double nowUs) {
  const int64_t at = std::max<int64_t>(0, int64_t(std::floor(nowUs / kBucketUs)));
  if (at > bucketAt_) {
    for (int64_t b = std::max(bucketAt_ + 1, at - kBuckets + 1); b <= at; b++) bucketMin_[b % kBuckets] = kNone;
    bucketAt_ = at;
  }
  double& bucket = bucketMin_[at % kBuckets];
  bucket = std::min(bucket, lag);
}

/// While settling: what the margin has to cover is how it comes in now, not how it began.
void SourceClock::noteWorst(double lag, double nowUs) {
  const int64_t size = int64_t(settleMax_.size());
  const int64_t at = std::max(settleAt_, int64_t(nowUs / kTenthUs));
  for (int64_t i = std::max(settleAt_ + 1, at - size + 1); i <= at; i++) settleMax_[size_t(i % size)] = -kNone;
  settleAt_ = at;
  double& worst = settleMax_[size_t(at % size)];
  worst = std::max(worst, lag);
}

/// A frame or sample came with a lag that the offset does not allow for. `urgent`: it has been missed in the sound, where
/// a hole is worse than a frame shown twice.
void SourceClock::raiseMargin(double lag, double nowUs, bool urgent) {
  const double over = lag - offsetUs();
  if (over <= -kNearUs || over > kStallUs || nowUs - lastRaise_ < kRaiseEveryUs) return;
  const double step = std::clamp(lag + kGuardUs - needed(), 0.0, programInterval_ * (urgent ? 2 : 1));
  margin_ = std::min({margin_ + step, kMaxMarginUs, mostUs()});
  misses_ = nowUs - lastRaise_ < kMissesUs ? misses_ + 1 : 1;
  lastRaise_ = nowUs;
  // One after the other is missed while the offset creeps up: rather one repeat now than a stutter for seconds.
  if (misses_ < kMostMisses && !urgent) return;
  misses_ = 0;
  if (snapped(needed()) > offset_) jumpTo(snapped(needed()));
}

void SourceClock::lock(double nowUs) {
  // What was seen in half a second is not yet the worst there is.
  const double worst = *std::max_element(settleMax_.begin(), settleMax_.end());
  const double excess = worst + kGuardUs + std::max(0.0, worst - smallestLag()) / 5 - needed();
  if (excess > 0 && excess < kStallUs) margin_ = std::min({margin_ + excess, kMaxMarginUs, mostUs()});
  phase_ = Phase::Locked;
  setDelay(delayWanted_);
  jumpTo(snapped(needed()));
  calmSince_ = lastRaise_ = nowUs;
  calmMax_ = 0;
}

void SourceClock::onFrame(int64_t ptsUs, int64_t readyUs) {
  const double lag = double(readyUs) - double(ptsUs);
  const double now = double(readyUs);
  const bool fixed = phase_ == Phase::Fixed;
  if (frames_ > 0 && !fixed) {
    const int64_t last = (frames_ - 1) % kHistory;
    // The decoder makes time continuous. What still jumps is another stream: begin anew.
    if (ptsUs <= pts_[last] || lag < lags_[last] - 3e6) {
      reset();
    } else if (phase_ == Phase::Locked && now - seen_[last] > kGapUs) {
      bucketMin_.fill(kNone);
      phase_ = Phase::Empty;
    }
  }
  const double lowBefore = smallestLag();
  pts_[frames_ % kHistory] = ptsUs;
  lags_[frames_ % kHistory] = lag;
  seen_[frames_ % kHistory] = now;
  frames_++;
  if (phase_ != Phase::Locked || frames_ % 16 == 0) measureInterval();
  if (fixed) return;
  noteLag(lag, now);

  switch (phase_) {
    case Phase::Empty:
      phase_ = Phase::Settling;
      firstSeen_ = lowered_ = now;
      noteWorst(lag, now);
      jumpTo(lag + margin_);
      return;
    case Phase::Settling:
      if (lag < lowBefore - kLowUs) {
        // A camera's cached frames come in one burst, each less late than the one before: follow down at once.
        lowered_ = now;
        settleMax_.fill(-kNone);
      }
      noteWorst(lag, now);
      if (lag < lowBefore || frames_ == 8) jumpTo(snapped(needed()));
      if (now - firstSeen_ >= kSettleUs && now - lowered_ >= kSettleCalmUs && frames_ >= 4) lock(now);
      return;
    case Phase::Locked:
      raiseMargin(lag, now, false);
      if (lag - lowBefore < kStallUs) calmMax_ = std::max(calmMax_, lag - lowBefore);
      followFallenBack(now);
      return;
    case Phase::Fixed:
      return;
  }
}

/// When all of the last 0.4 s missed their ticks the source has fallen back for good: follow it now.
void SourceClock::followFallenBack(double nowUs) {
  int late = 0;
  double reach = 0;
  double low = kNone;
  for (int64_t i = frames_ - 1; i >= 0 && i > frames_ - kHistory && reach < 400e3; i--) {
    const double lag = lags_[i % kHistory];
    if (lag < offsetUs() + programInterval_ / 2) return;
    reach = nowUs - seen_[i % kHistory];
    low = std::min(low, lag);
    late++;
  }
  if (late < 4 || reach < 400e3) return;
  bucketMin_.fill(kNone);
  noteLag(low, nowUs);
  jumpTo(snapped(needed()));
}

void SourceClock::onSound(int64_t newestPtsUs, int64_t nowUs) {
  const double now = double(nowUs);
  const double lag = double(nowUs) - double(newestPtsUs) + kSoundGuardUs;
  if (frames_ == 0 && phase_ != Phase::Fixed) {
    // Sound only: it sets the offset by itself. Its lag is a saw tooth, as packets come; the margin takes its height.
    if (phase_ == Phase::Empty) {
      phase_ = Phase::Settling;
      firstSeen_ = now;
      soundLow_ = lag;
      jumpTo(lag + margin_);
      return;
    }
    soundLow_ = std::min(soundLow_, lag);
    noteWorst(lag, now);
    if (phase_ == Phase::Settling && now - firstSeen_ >= kSettleUs) lock(now);
  }
  const double low = smallestLag();
  if (phase_ == Phase::Settling && lag - low < kStallUs) noteWorst(lag, now);
  if (phase_ != Phase::Locked) return;
  if (lag - low < kStallUs) calmMax_ = std::max(calmMax_, lag - low);
  raiseMargin(lag, now, lag - kSoundGuardUs > offsetUs());
}

void SourceClock::tick(double dueUs) {
  const double elapsed = std::clamp(dueUs - lastTick_, 0.0, 1e6);
  lastTick_ = dueUs;
  if (phase_ != Phase::Locked || smallestLag() == kNone) return;

  if (dueUs - calmSince_ > kCalmUs) {
    const double spare = margin_ - std::max(calmMax_ + 2 * kGuardUs, leastMargin(programInterval_));
    if (spare > 0) margin_ -= std::min(spare, programInterval_ / 4);
    calmSince_ = dueUs;
    calmMax_ = 0;
  }

  const double need = needed();
  const double grid = snapRatio_ != 0 ? gridUs() : programInterval_;
  if (goal_ < need - kLowUs || goal_ > need + grid + kHighUs) goal_ = snapped(need);
  const double apart = goal_ - offset_;
  const bool missing = apart > 0 && dueUs - lastRaise_ < 30e6;
  if (std::fabs(apart) > kRelockUs || (missing && apart > kMissingUs)) {
    jumpTo(goal_);
  } else if (apart != 0) {
    const double step = elapsed * (missing ? kSlewUp : kSlew);
    offset_ += std::clamp(apart, -step, step);
  }
}

int SourceClock::pick(const int64_t* pts, int count, double dueUs, bool showing) const {
  if (count == 0) return 0;
  if (phase_ == Phase::Empty) return showing ? 0 : 1;
  const double grid = interval_ > 0 ? std::min(interval_, programInterval_) : programInterval_;
  const double sway = std::min(grid / 4, 4000.0);  // So that stamps that waver around the boundary give one repeat, not many.
  const double reach = dueUs + grid / 2 - offsetUs();
  int taken = 0;
  if (double(pts[0]) <= reach + sway) {
    taken = 1;
    while (taken < count && double(pts[taken]) <= reach - sway) taken++;
  }
  // Something is better than nothing: while there is no picture yet the first one is shown ahead of its time.
  if (taken == 0 && !showing && phase_ != Phase::Fixed) taken = 1;
  return taken;
}

}  // namespace vistter
