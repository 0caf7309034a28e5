// One source: takes frames out of its ring, shows the one that is due, and knows when it is gone.
//
//   waiting ──first frame──▶ live ◀──▶ late        (late: repeating its last frame, within the gone rule)
//                             │  ▲
//          no new frame for   ▼  │ two new frames           (longer for a camera that comes in bursts)
//                            gone                  (the fallback stands in)
//   file only: live ──last frame over──▶ ended
//
// All of it belongs to the render thread.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compositor/picture.h"
#include "compositor/source_clock.h"
#include "mixer/delay_line.h"
#include "mixer/mixer.h"
#include "mixer/settings.h"
#include "mixer/sound_reader.h"

namespace vistter {

struct SourceOptions {
  std::string id;
  bool file = false;
  uint32_t slots = 8;
  std::string fallbackId;  // Empty: the slate.
  int64_t delayUs = 0;
  bool soundOnly = false;  // Never draws, not even a fallback.
  std::string soundId;     // Whose settings at the mixer, meter and monitor are its own; empty: its id's.
  const std::string& mixedAs() const { return soundId.empty() ? id : soundId; }
};

enum class SourceState { Waiting, Live, Late, Gone, Ended };

struct SourceCounts {
  uint64_t shown = 0;
  uint64_t skipped = 0;
  uint64_t repeated = 0;
};

class Source {
 public:
  Source(SourceOptions options, double programIntervalUs);

  void attach(std::shared_ptr<Ring> ring);
  void detach();
  void setPlaying(bool playing);
  /// Files: source time `positionUs` belongs at program time `dueUs`, past or to come. It stands until then, and until
  /// `beginUs`; whatever comes late, or from another ring, joins in where it should be by then. Holds until setPlaying.
  /// One that is to stand before that by holdFrom() goes on until then.
  void playFrom(double dueUs, double positionUs, double beginUs);
  /// Files: stands, from the tick at `dueUs` on, at what is shown there.
  void holdFrom(double dueUs);
  /// Files: it is looked to as a fallback at this tick. Its time runs from the next on, for as long as this is said at
  /// each tick or it is set playing.
  void standIn() { asked_ = true; }
  /// It was looked to as a fallback since the last advance().
  bool standsIn() const { return asked_; }
  void setDelay(int64_t delayUs) { clock_.setDelay(double(delayUs)); }
  /// As the operator has set it at the mixer.
  void setSound(const SourceSound& sound) {
    mixed_ = sound;
    delayLine_.set(sound.delay);
  }
  const SourceSound& mixed() const { return mixed_; }

  /// One tick of the program: takes what has come and picks what is due. `dueUs`: program time; `nowUs`: the time it is.
  void advance(double dueUs, int64_t nowUs);

  /// The clock has skipped `us`: time in which nobody could have seen anything.
  void skipped(double us) {
    // What has never come has no time that could move.
    if (lastNewUs_ >= 0) lastNewUs_ += us;
    pictureSeenUs_ += us;
  }

  /// Reads the sound of the chunk that began with the last-but-one advance(), `count` sample frames. False: silence.
  /// Call once between two advances; sound thus runs one tick behind the picture, by when it is there. What is read is held
  /// back as the mixer says, and measured; its gain is another's matter.
  bool readSound(int count, float* out);

  const PictureRef& picture() const { return current_; }
  SourceState state() const { return state_; }
  /// Files: its first picture, or sound, is there.
  bool ready() const { return currentOfEpoch_ || standKnown_ || !waiting_.empty() || (options.soundOnly && soundEpoch_); }
  /// Its fallback has to stand in for the picture, also while its sound goes on.
  bool pictureGone() const;
  /// The same for the sound.
  bool soundGone() const { return state_ == SourceState::Gone ? !soundFlows_ : state_ == SourceState::Ended; }
  /// It has repeated its last frame at this tick although a new one was due.
  bool repeatedNow() const { return repeatedNow_; }
  /// Something else is seen in its place, or its last picture for longer than a stutter though a new one was due.
  bool pictureMissed() const { return pictureGone() || double(stood_) * interval_ > kStutterUs; }
  /// Nothing is heard of it that should be.
  bool soundMissed() const { return soundSeenUs_ < 0 || soundGone(); }

  SourceOptions options;
  SourceCounts counts;
  int64_t stoodInFrame = -1;  // The last frame in which it was looked to as a fallback.
  Meter meter;
  double ageUs(double dueUs) const { return lastNewUs_ < 0 ? -1 : dueUs - lastNewUs_; }
  uint64_t dropped() const { return droppedBefore_ + (ring_ ? ring_->videoDropped() : 0); }
  const SourceClock& clock() const { return clock_; }
  const SoundReader& sound() const { return reader_; }

 private:
  static constexpr double kNever = 1e300;
  static constexpr double kStutterUs = 200e3;
  struct Waiting {
    PictureRef picture;
    int64_t ptsUs;
    int64_t durationUs;
    bool still;
  };
  /// What sound a chunk needs, as it was decided when its picture was.
  struct SoundPlan {
    std::shared_ptr<Ring> ring;
    uint32_t epoch = 0;
    bool playing = false;
    bool jump = false;
    double sourceUs = 0;  // Source time at the chunk's start.
  };

  void takeFrames(int64_t nowUs);
  bool soundIsAhead(const Ring::Anchor& anchor, int64_t nowUs);
  void takeSoundTime(int64_t nowUs);
  void newEpoch(uint32_t epoch);
  void startFile(double dueUs);
  void pick(double dueUs);
  int nearest(double dueUs) const;
  void judge(double dueUs);
  bool isSoundOnly() const;
  double usualInterval() const;
  double goneAfterUs() const;
  void learnHole(double holeUs, double dueUs);
  void planSound(double dueUs);
  bool readRing(int count, float* out);

  const double interval_;
  SourceClock clock_;
  std::shared_ptr<Ring> ring_;
  bool attached_ = false;
  uint32_t epoch_ = 0;
  bool epochKnown_ = false;

  std::vector<Ring::Taken> batch_;
  std::deque<Waiting> waiting_;
  std::vector<int64_t> waitingPts_;
  PictureRef current_;
  int64_t currentPts_ = 0;
  int64_t currentDuration_ = 0;
  bool currentStill_ = false;
  bool currentOfEpoch_ = false;   // What is shown belongs to this ring and epoch.
  bool standKnown_ = false;       // Files: where it stands is known, by its first picture or, before that, by its sound.

  bool playing_ = false;          // Files: wanted,
  bool asked_ = false;            // wanted as a fallback since the last tick,
  bool standsIn_ = false;         // or at the last tick,
  bool running_ = false;          // and true once its time runs.
  /// Files: source time `posUs` belongs at program time `dueUs`.
  struct Place {
    double dueUs, posUs, beginUs;
  };
  std::optional<Place> place_;    // Where it is, or will be,
  std::optional<Place> then_;     // and once it has stood.
  double holdUs_ = kNever;        // Files: program time from which it stands.
  double standUs_ = 0;            // Where a file stands while it does not run, source time.

  SourceState state_ = SourceState::Waiting;
  double lastNewUs_ = -1;         // Program time of the tick that last saw a new frame.
  double patienceUs_ = 0;         // Live: a hole this long is waited out,
  double patientUntilUs_ = -1;    // until then.
  int newSinceGone_ = 0;
  bool shownSinceGone_ = false;
  bool started_ = false;          // Files: its delay has been waited for in this epoch.
  bool sawNew_ = false;
  bool repeatedNow_ = false;
  int stood_ = 0;                 // Ticks in which its last picture was shown though a new one was due and none was there.
  uint64_t droppedBefore_ = 0;

  SourceSound mixed_;
  DelayLine delayLine_;
  SoundReader reader_;
  SoundPlan sound_, soundBefore_;
  std::shared_ptr<Ring> readerRing_;
  uint32_t readerEpoch_ = 0;
  uint64_t soundWritten_ = 0;
  int64_t soundNewestUs_ = 0;     // Time of the newest sample at the last tick,
  int64_t soundWaitedUs_ = 0;     // and when that was.
  double soundSeenUs_ = -1;       // Program time at which samples last came.
  bool soundFlows_ = false;
  bool soundEpoch_ = false;       // The newest anchor belongs to this epoch.
  bool soundLeads_ = false;       // The epoch is the sound's: no picture of it has come.
  int64_t soundAheadSinceUs_ = -1;  // Since when the sound is of a later epoch than the picture.
  double pictureSeenUs_ = 0;      // Program time of the tick that last saw a new picture.
  bool pictureOver_ = false;      // What is shown is of before; what comes now is sound alone.
};

}  // namespace vistter
