#include "compositor/source.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace vistter {
namespace {

constexpr double kGoneLeastUs = 350e3;
constexpr double kGoneMostUs = 2000e3;
constexpr double kSoundGoneUs = 350e3;
/// Sound of another time whose picture is not there by then goes on without one.
constexpr int64_t kPictureComesUs = 1000000;
/// A camera that comes in bursts has holes that are filled again: from the first on they are waited out, with this much to
/// spare, for as long as they come again within this time. Picture and slate in turns look worse than a picture that stands.
constexpr double kPatience = 1.5;
constexpr double kPatientUs = 60e6;
/// Slots a live producer always has to itself: one to draw into and one that is done.
constexpr uint32_t kProducerSlots = 2;
/// Those and one on show and one on its way to the encoder: never part of the buffer (src/engine/ring-slots.ts).
constexpr uint32_t kInUseSlots = kProducerSlots + 2;
/// Stamps are whole µs: nearer than this to each other is the same.
constexpr double kTieUs = 50;
/// A picture after one that stood long, as in a show of slides, is not shown ahead of its time by more than this.
constexpr double kMostAheadUs = 50e3;
/// +36 dBFS. Louder than this is no sound.
constexpr float kLoudest = 64;

/// Silence in the place of what is not a number, or no sound: one such sample would end the encoder, again and again.
void keepSound(float* samples, int frames) {
  for (int i = 0; i < 2 * frames; i++) samples[i] = std::fabs(samples[i]) <= kLoudest ? samples[i] : 0.0f;
}

}  // namespace

Source::Source(SourceOptions o, double programIntervalUs)
    : options(std::move(o)), interval_(programIntervalUs), clock_(programIntervalUs, int(options.slots - leasableSlots(options.slots)) - int(kInUseSlots)) {
  clock_.setDelay(double(options.delayUs));
}

void Source::attach(std::shared_ptr<Ring> ring) {
  if (ring_) droppedBefore_ += ring_->videoDropped();
  ring_ = std::move(ring);
  attached_ = true;
  epochKnown_ = false;
  epoch_ = 0;
  waiting_.clear();
  soundWritten_ = 0;
  newEpoch(0);
}

void Source::detach() { attached_ = false; }

void Source::newEpoch(uint32_t epoch) {
  epoch_ = epoch;
  waiting_.clear();
  clock_.reset();
  running_ = started_ = false;
  currentOfEpoch_ = standKnown_ = false;
  soundEpoch_ = soundLeads_ = false;
  soundAheadSinceUs_ = -1;
  soundWaitedUs_ = 0;
  patienceUs_ = 0;
}

void Source::setPlaying(bool playing) {
  if (!options.file) return;
  place_.reset();
  then_.reset();
  holdUs_ = kNever;
  playing_ = playing;
}

void Source::playFrom(double dueUs, double positionUs, double beginUs) {
  if (!options.file) return;
  const Place place{dueUs, positionUs, std::max(dueUs, beginUs)};
  if (place.beginUs > holdUs_) {
    then_ = place;
    return;
  }
  place_ = place;
  then_.reset();
  holdUs_ = kNever;
  running_ = false;
}

void Source::holdFrom(double dueUs) {
  if (!options.file) return;
  holdUs_ = dueUs;
  then_.reset();
}

void Source::takeFrames(int64_t nowUs) {
  sawNew_ = false;
  if (!ring_) return;
  ring_->take(batch_, nowUs);
  for (const Ring::Taken& t : batch_) {
    if (!epochKnown_ || int32_t(t.epoch - epoch_) > 0) {
      newEpoch(t.epoch);
      epochKnown_ = true;
    } else if (t.epoch != epoch_) {
      ring_->release(t.slot);
      continue;
    }
    // Time that steps back is another stream: what waits of the old one would never be due.
    if (!waiting_.empty() && t.ptsUs <= waiting_.back().ptsUs) waiting_.clear();
    clock_.onFrame(t.ptsUs, t.readyUs);
    waiting_.push_back({ringPicture(ring_, t), t.ptsUs, t.durationUs, (t.flags & kSlotStill) != 0});
    sawNew_ = true;
    soundLeads_ = false;
    newSinceGone_++;
  }
  if (!ring_->live()) return;
  while (waiting_.size() > 1 && ring_->free() < std::min(kProducerSlots, ring_->slotCount() - 1)) {
    waiting_.pop_front();
    counts.skipped++;
  }
}

/// Whether the sound is of a time that no picture has come of, and will not wait for one any longer.
bool Source::soundIsAhead(const Ring::Anchor& anchor, int64_t nowUs) {
  if (int32_t(anchor.epoch - epoch_) <= 0) {
    soundAheadSinceUs_ = -1;
    return false;
  }
  if (!ring_->hasVideo()) return true;
  if (soundAheadSinceUs_ < 0) soundAheadSinceUs_ = nowUs;
  return !options.file && nowUs - soundAheadSinceUs_ > kPictureComesUs;
}

/// Follows the sound's place in source time, and locks on to it when there is no picture.
void Source::takeSoundTime(int64_t nowUs) {
  if (!ring_ || !ring_->hasAudio()) return;
  const Ring::Anchor anchor = ring_->anchor();
  if (!anchor.valid) return;
  if (!epochKnown_ || soundIsAhead(anchor, nowUs)) {
    newEpoch(anchor.epoch);
    epochKnown_ = true;
    soundLeads_ = !options.file;
  }
  soundEpoch_ = anchor.epoch == epoch_;
  const uint64_t written = ring_->audioWritten();
  const bool more = written != soundWritten_;
  soundWritten_ = written;
  if (more) soundSeenUs_ = double(nowUs);
  if (options.file || !soundEpoch_) return;
  // What counts is how old the newest sample has become by the time the next ones come. That is known once they are
  // there; sound that has ended is not late.
  if (more && soundWaitedUs_ > 0) clock_.onSound(soundNewestUs_, soundWaitedUs_);
  soundNewestUs_ = anchor.ptsUs + int64_t(double(int64_t(written) - anchor.sampleIndex) / 0.048);
  soundWaitedUs_ = nowUs;
  if (more) clock_.onSound(soundNewestUs_, nowUs);
}

/// Holds a file's first frame, and lets its time run from this tick when that is wanted.
void Source::startFile(double dueUs) {
  // What is due at that moment is still shown.
  if (dueUs > holdUs_ + interval_ / 2) {
    if (running_) standUs_ = holdUs_ - clock_.offsetUs();
    running_ = playing_ = false;
    place_ = std::exchange(then_, std::nullopt);
    holdUs_ = kNever;
  }
  if (place_) {
    if (running_ || dueUs < place_->beginUs - kTieUs) return;
    clock_.fix(place_->dueUs - place_->posUs - clock_.delayUs());
    running_ = started_ = playing_ = true;
    lastNewUs_ = dueUs;
    return;
  }
  if (!currentOfEpoch_ && !waiting_.empty() && !running_) {
    // Also when its sound was there first, as in mid-file, with a keyframe far back.
    standUs_ = double(waiting_.front().ptsUs);
    standKnown_ = true;
  } else if (!standKnown_ && soundEpoch_ && !ring_->hasVideo()) {
    const Ring::Anchor anchor = ring_->anchor();
    if (!anchor.valid) return;
    standUs_ = double(anchor.ptsUs);
    standKnown_ = true;
  } else if (!standKnown_) {
    return;
  }
  const bool wanted = playing_ || standsIn_;
  if (wanted && !running_) {
    // The delay is waited for once; a pause later on does not add another.
    clock_.fix(dueUs - standUs_ - (started_ ? clock_.delayUs() : 0));
    running_ = started_ = true;
    lastNewUs_ = dueUs;
  } else if (!wanted && running_) {
    standUs_ = dueUs - clock_.offsetUs();
    running_ = false;
  }
}

/// Files: how many of the waiting pictures to take so that the one nearest to its time is shown.
int Source::nearest(double dueUs) const {
  const double sourceUs = dueUs - clock_.offsetUs();
  int taken = 0;
  double shownUs = current_ && currentOfEpoch_ ? double(currentPts_) : double(waiting_.front().ptsUs);
  for (const Waiting& w : waiting_) {
    const double ahead = std::min((double(w.ptsUs) - shownUs) / 2, kMostAheadUs);
    if (double(w.ptsUs) > sourceUs + ahead + kTieUs) break;
    shownUs = double(w.ptsUs);
    taken++;
  }
  return taken;
}

void Source::pick(double dueUs) {
  repeatedNow_ = false;
  int taken = 0;
  const bool holding = options.file && !running_;
  if (holding) {
    if (!currentOfEpoch_ && !waiting_.empty()) taken = 1;
  } else {
    waitingPts_.clear();
    for (const Waiting& w : waiting_) waitingPts_.push_back(w.ptsUs);
    if (!options.file) taken = clock_.pick(waitingPts_.data(), int(waitingPts_.size()), dueUs, current_ != nullptr);
    else if (!waiting_.empty()) taken = std::max(nearest(dueUs), currentOfEpoch_ ? 0 : 1);
  }
  if (taken == 0) {
    if (holding || currentStill_ || !current_) {
      stood_ = 0;
      return;
    }
    if (!currentOfEpoch_) {
      stood_++;
      return;
    }
    // At the program's own rate each tick has a frame of its own; else by what the source's stamps led us to expect.
    const double interval = clock_.sourceIntervalUs() > 0 ? clock_.sourceIntervalUs() : double(currentDuration_);
    const double nextUs = double(currentPts_) + interval + clock_.offsetUs();
    const bool due = interval > 0 && (clock_.sameRate() || nextUs < dueUs + std::min(interval, interval_) / 2 - 4000);
    // One that is at its end shows its last picture for as long as that lasts.
    if (due && waiting_.empty() && !(options.file && ring_->producerState() == ProducerState::Ended)) stood_++;
    if (due && (!options.file || ring_->producerState() == ProducerState::Running)) {
      repeatedNow_ = true;
      counts.repeated++;
    }
    return;
  }
  stood_ = 0;
  counts.shown++;
  shownSinceGone_ = true;
  counts.skipped += uint64_t(taken - 1);
  Waiting& shown = waiting_[size_t(taken - 1)];
  current_ = std::move(shown.picture);
  currentPts_ = shown.ptsUs;
  currentDuration_ = shown.durationUs;
  currentStill_ = shown.still;
  currentOfEpoch_ = true;
  waiting_.erase(waiting_.begin(), waiting_.begin() + taken);
}

bool Source::isSoundOnly() const { return ring_ && ring_->hasAudio() && (soundLeads_ || !ring_->hasVideo()); }

double Source::usualInterval() const { return clock_.sourceIntervalUs() > 0 ? clock_.sourceIntervalUs() : interval_; }

double Source::goneAfterUs() const { return std::clamp(4 * usualInterval(), kGoneLeastUs, kGoneMostUs); }

/// New frames came after `holeUs` without any.
void Source::learnHole(double holeUs, double dueUs) {
  if (holeUs < goneAfterUs() || holeUs > kGoneMostUs) return;
  if (dueUs >= patientUntilUs_) patienceUs_ = 0;
  patienceUs_ = std::max(patienceUs_, std::min(kPatience * holeUs, kGoneMostUs));
  patientUntilUs_ = dueUs + kPatientUs;
}

void Source::judge(double dueUs) {
  const ProducerState producer = ring_ ? ring_->producerState() : ProducerState::Opening;
  const bool soundOnly = isSoundOnly();
  // A camera whose picture stands still may go on speaking.
  soundFlows_ = attached_ && soundSeenUs_ >= 0 && dueUs - soundSeenUs_ < kSoundGoneUs;
  if (sawNew_) {
    if (!options.file && lastNewUs_ >= 0 && !currentStill_) learnHole(dueUs - lastNewUs_, dueUs);
    lastNewUs_ = pictureSeenUs_ = dueUs;
  }
  if (options.file || currentOfEpoch_) pictureOver_ = false;
  else if (soundOnly && current_ && dueUs - pictureSeenUs_ > goneAfterUs()) pictureOver_ = true;
  if (soundOnly && !options.file) lastNewUs_ = std::max(lastNewUs_, soundSeenUs_);
  if (lastNewUs_ < 0) {
    state_ = SourceState::Waiting;
    return;
  }
  if (currentStill_) {
    state_ = SourceState::Live;
    return;
  }
  const bool over = !attached_ || producer == ProducerState::Waiting || producer == ProducerState::Failed || producer == ProducerState::Ended;
  const double interval = usualInterval();
  const double age = dueUs - lastNewUs_;

  if (options.file && producer == ProducerState::Ended) {
    // What is Ready is still to be shown; then its last frame stays for as long as it lasts.
    const double last = currentDuration_ > 0 ? double(currentDuration_) : interval;
    const bool pictureOver = !ring_->hasVideo() || (currentOfEpoch_ && double(currentPts_) + last + clock_.offsetUs() <= dueUs + interval_ / 2);
    const bool soundOver = !ring_->hasAudio() || reader_.position() + 64 >= ring_->audioWritten();
    const bool ended = running_ && waiting_.empty() && pictureOver && soundOver;
    state_ = ended ? SourceState::Ended : SourceState::Live;
    return;
  }
  double limit = std::max(goneAfterUs(), dueUs < patientUntilUs_ ? patienceUs_ : 0.0);
  if (options.file) limit = kGoneMostUs;
  if (over) limit = kGoneLeastUs;
  const bool held = options.file && !running_ && !over;
  const bool soundFileRuns = options.file && soundOnly && !over;

  if (state_ == SourceState::Gone) {
    const int needed = options.file || soundOnly ? 1 : 2;
    const bool back = soundOnly ? soundFlows_ : newSinceGone_ >= needed && shownSinceGone_;
    if (!back) return;
    state_ = SourceState::Live;
  } else if (!held && !soundFileRuns && waiting_.empty() && age > limit) {
    state_ = SourceState::Gone;
    newSinceGone_ = 0;
    shownSinceGone_ = false;
    return;
  }
  state_ = repeatedNow_ || age > std::max(2 * interval, 2 * interval_) ? SourceState::Late : SourceState::Live;
  if (held || soundOnly) state_ = SourceState::Live;
}

bool Source::pictureGone() const {
  if (options.soundOnly) return false;
  if (state_ == SourceState::Gone || state_ == SourceState::Ended) return true;
  return current_ ? pictureOver_ : !isSoundOnly();
}

void Source::planSound(double dueUs) {
  soundBefore_ = std::move(sound_);
  sound_ = {};
  if (!ring_) return;
  sound_.ring = ring_;
  sound_.epoch = epoch_;
  sound_.jump = clock_.takeJumped();
  // While a live source is locked on to its offset still moves: sound would stutter.
  sound_.playing = epochKnown_ && (options.file ? running_ : clock_.phase() == SourceClock::Phase::Locked);
  sound_.sourceUs = dueUs - clock_.offsetUs();
}

void Source::advance(double dueUs, int64_t nowUs) {
  standsIn_ = asked_;
  asked_ = false;
  takeFrames(nowUs);
  takeSoundTime(nowUs);
  clock_.tick(dueUs);
  if (options.file && ring_) startFile(dueUs);
  pick(dueUs);
  judge(dueUs);
  planSound(dueUs);
}

bool Source::readSound(int count, float* out) {
  const bool some = delayLine_.run(out, count, readRing(count, out));
  if (some) meter.add(out, count);
  return some;
}

bool Source::readRing(int count, float* out) {
  const SoundPlan& plan = soundBefore_;
  if (!plan.ring || !plan.ring->hasAudio()) {
    std::memset(out, 0, size_t(count) * 2 * sizeof(float));
    return false;
  }
  const SoundFifo fifo{plan.ring->audio(), plan.ring->audioCapacity(), plan.ring->audioWritten(), !options.file};
  const Ring::Anchor anchor = plan.ring->anchor();
  if (readerRing_ != plan.ring || (anchor.valid && readerEpoch_ != anchor.epoch)) {
    reader_.reset(options.file);
    readerRing_ = plan.ring;
    readerEpoch_ = anchor.epoch;
    // What lies before a new epoch's anchor is void; saying so lets a file's producer go on.
    if (anchor.valid) plan.ring->setAudioRead(std::min<uint64_t>(uint64_t(std::max<int64_t>(0, anchor.sampleIndex)), fifo.written));
  }
  if (!plan.playing || !anchor.valid || anchor.epoch != plan.epoch) {
    const bool was = reader_.running();
    reader_.stop(fifo, count, out);
    keepSound(out, count);
    return was;
  }
  const double wanted = double(anchor.sampleIndex) + (plan.sourceUs - double(anchor.ptsUs)) * 0.048;
  const ProducerState producer = plan.ring->producerState();
  const bool finished = producer == ProducerState::Ended || producer == ProducerState::Failed || producer == ProducerState::Waiting || !attached_;
  const int got = reader_.read(fifo, wanted, count, plan.jump, finished, out);
  // A file's producer waits for room: time that passes must make some, whether or not there were samples to hear.
  const int64_t passed = reader_.running() ? int64_t(reader_.position()) - 8 : int64_t(wanted);
  plan.ring->setAudioRead(uint64_t(std::clamp<int64_t>(passed, 0, int64_t(fifo.written))));
  keepSound(out, count);
  return got > 0;
}

}  // namespace vistter
