#include "decoder/file_source.h"

#include <pthread.h>

#include <algorithm>

#include "decoder/events.h"
#include "decoder/file_audio.h"
#include "decoder/file_video.h"
#include "decoder/still_source.h"

namespace vistter::decoder {

namespace {
// A codec's first frame after a jump lacks what it overlaps with; sound is decoded from a little earlier and cut exactly.
constexpr int64_t kPrerollUs = 80000;
// Sound that outlasts the pictures by less is a container's rounding, and a loop is as long as its pictures.
constexpr int64_t kSoundOutlastsUs = 500000;
}  // namespace

FileSource::FileSource(Job& job, FileOptions options) : job_(job), options_(std::move(options)) {}

FileSource::~FileSource() {
  queues_.close();
  if (videoThread_.joinable()) videoThread_.join();
  if (audioThread_.joinable()) audioThread_.join();
}

void FileSource::seek(int64_t positionUs) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    seekUs_ = std::max<int64_t>(0, positionUs);
    // From here on the decoding threads drop what they have, also what they wait for the ring with.
    generation_++;
  }
  reached_.notify_all();
  queues_.nudge();
}

Source::End FileSource::fail(const InputFault& fault) {
  job_.ring.setState(ProducerState::Failed);
  sendError(fault.code, fault.message);
  return End::Failed;
}

void FileSource::announce() {
  const int64_t declaredUs = input_.format()->duration;
  if (lapUs_ >= 0) job_.format.setDurationMs(lapUs_ / 1000);
  else if (declaredUs > 0) job_.format.setDurationMs(std::max<int64_t>(0, declaredUs - options_.inUs) / 1000);
  if (const AVStream* video = input_.video()) {
    job_.format.setVideo(video->codecpar->width, video->codecpar->height, input_.fps(), avcodec_get_name(video->codecpar->codec_id),
                         input_.audio() != nullptr);
  }
  if (const AVStream* audio = input_.audio()) {
    job_.format.setAudio(avcodec_get_name(audio->codecpar->codec_id), audio->codecpar->sample_rate,
                         audio->codecpar->ch_layout.nb_channels);
  }
}

void FileSource::findLapLength() {
  if (options_.outUs >= 0) lapUs_ = options_.outUs - options_.inUs;
  // Played once, a file shows its end when it comes to it; only a loop must know beforehand where the sound is to be cut.
  if (!options_.loop) return;
  int64_t videoEndUs = -1;
  int64_t audioEndUs = -1;
  input_.measureEnds(videoEndUs, audioEndUs);
  // Sound alone is as long as its samples, which only decoding tells exactly.
  if (videoEndUs < 0) return;
  const int64_t endUs = audioEndUs > videoEndUs + kSoundOutlastsUs ? audioEndUs : videoEndUs;
  const int64_t lengthUs = std::max<int64_t>(0, endUs - options_.inUs);
  lapUs_ = lapUs_ >= 0 ? std::min(lapUs_, lengthUs) : lengthUs;
}

bool FileSource::showCover() {
  if (input_.cover() == nullptr || input_.video() != nullptr) return false;
  return writeStill(job_, input_.cover()->codecpar, &input_.cover()->attached_pic);
}

void FileSource::pushBoth(FileItem::Kind kind, int64_t us, int64_t baseUs) {
  for (const auto side : {PacketQueues::Video, PacketQueues::Audio}) {
    FileItem item;
    item.kind = kind;
    item.us = us;
    item.baseUs = baseUs;
    item.epoch = epoch_;
    item.generation = readGeneration_;
    queues_.push(side, std::move(item));
  }
}

bool FileSource::goTo(int64_t positionUs) {
  pastOut_[0] = pastOut_[1] = false;
  lapEndSeenUs_ = -1;
  lapEmpty_ = true;
  const int64_t at = options_.inUs + positionUs;
  return input_.seek(at > 0 ? std::max<int64_t>(0, at - kPrerollUs) : 0);
}

int64_t FileSource::withinLap(int64_t positionUs) const {
  if (lapUs_ <= 0) return positionUs;
  return options_.loop ? positionUs % lapUs_ : std::min(positionUs, lapUs_);
}

bool FileSource::takeSeek() {
  int64_t positionUs = -1;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (seekUs_ < 0) return false;
    std::swap(positionUs, seekUs_);
    readGeneration_ = generation_;
    sidesAtEnd_ = lapsQueued_ = lapsPlayed_[0] = lapsPlayed_[1] = 0;
  }
  const int64_t lapPositionUs = withinLap(positionUs);
  queues_.clear();
  epoch_++;
  if (!goTo(lapPositionUs)) sendError("MEDIA_SEEK", "The file cannot be sought in.");
  pushBoth(FileItem::Kind::Seek, lapPositionUs, options_.loop ? positionUs - lapPositionUs : 0);
  job_.ring.setState(ProducerState::Running);
  return true;
}

void FileSource::queuePacket(PacketPtr packet) {
  const AVStream* video = input_.video();
  const bool isVideo = video != nullptr && packet->stream_index == video->index;
  const AVStream* stream = isVideo ? video : input_.audio();
  if (stream == nullptr || packet->stream_index != stream->index) return;
  const int64_t dts = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
  if (dts != AV_NOPTS_VALUE) {
    // No frame is shown before its packet's turn, so this and all that follow lie behind the out-point.
    if (options_.outUs >= 0 && input_.positionUs(stream, dts) >= options_.outUs) pastOut_[isVideo ? 0 : 1] = true;
    const int64_t shown = packet->pts != AV_NOPTS_VALUE ? packet->pts : dts;
    if (isVideo || video == nullptr) {
      lapEndSeenUs_ = std::max(lapEndSeenUs_, input_.positionUs(stream, shown + packet->duration) - options_.inUs);
    }
  }
  lapEmpty_ = false;
  FileItem item;
  item.packet = std::move(packet);
  item.generation = readGeneration_;
  queues_.push(isVideo ? PacketQueues::Video : PacketQueues::Audio, std::move(item));
}

bool FileSource::beyondOut() const {
  return (input_.video() == nullptr || pastOut_[0]) && (input_.audio() == nullptr || pastOut_[1]);
}

bool FileSource::endOfLap() {
  const int64_t seenUs = input_.video() != nullptr ? lapEndSeenUs_ : -1;
  if (!options_.loop) {
    // An out-point behind the file's end is no reason for silence without pictures.
    pushBoth(FileItem::Kind::Finish, lapUs_ >= 0 && beyondOut() ? lapUs_ : seenUs);
    return false;
  }
  if (lapEmpty_ && lapsQueued_ > 0 && produced_) {
    // A disk that failed, a file that is being overwritten: opened anew it is right again.
    if (!waitForLaps(lapsQueued_)) return true;
    lost_ = {"MEDIA_UNREADABLE", "The file was changed or cannot be read any more."};
    return false;
  }
  const int64_t length = lapUs_ >= 0 ? lapUs_ : seenUs;
  pushBoth(FileItem::Kind::LapEnd, length);
  lapsQueued_++;
  // One lap ahead is enough, and a file that yields nothing must not spin.
  const bool undisturbed = waitForLaps(lapsQueued_ - 1);
  if (lapsQueued_ >= 2 && !produced_) barren_ = true;
  if (!goTo(0) && undisturbed && waitForLaps(lapsQueued_)) lost_ = {"MEDIA_SEEK", "The file cannot be played again from its start without opening it anew."};
  return !barren_ && !lost_;
}

bool FileSource::waitForLaps(int laps) {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto played = [this, laps](PacketQueues::Side side) { return !queues_.used(side) || lapsPlayed_[side] >= laps; };
  while (!job_.stopping() && seekUs_ < 0) {
    if (played(PacketQueues::Video) && played(PacketQueues::Audio)) return true;
    reached_.wait_for(lock, std::chrono::milliseconds(100));
  }
  return false;
}

void FileSource::sideReached(PacketQueues::Side side, FileItem::Kind kind, uint32_t generation) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (generation != generation_) return;
    if (kind == FileItem::Kind::LapEnd) {
      lapsPlayed_[side]++;
    } else {
      sidesAtEnd_++;
      const int sides = (queues_.used(PacketQueues::Video) ? 1 : 0) + (queues_.used(PacketQueues::Audio) ? 1 : 0);
      if (sidesAtEnd_ == sides) {
        if (!produced_) {
          barren_ = true;
        } else {
          job_.ring.setState(ProducerState::Ended);
          Event("ended").send();
        }
      }
    }
  }
  reached_.notify_all();
  if (barren_) queues_.nudge();
}

Source::End FileSource::run() {
  InputFault fault;
  if (!input_.open(job_, options_.path, options_.allowHttp, !options_.soundOnly, fault)) return fail(fault);
  findLapLength();
  announce();
  const bool cover = showCover();
  if (input_.video() != nullptr) queues_.use(PacketQueues::Video);
  if (input_.audio() != nullptr) queues_.use(PacketQueues::Audio);
  job_.ring.setState(ProducerState::Running);
  Event("running").send();
  if (input_.video() == nullptr && input_.audio() == nullptr) {
    if (!cover) return fail({"MEDIA_BROKEN", "Nothing in the file could be decoded."});
    return End::Keep;
  }
  const int64_t fromUs = withinLap(options_.fromUs);
  if (!goTo(fromUs) && options_.inUs + fromUs > 0) return fail({"MEDIA_SEEK", "The file cannot be sought in."});
  if (queues_.used(PacketQueues::Video)) {
    videoThread_ = std::thread([this] { FileVideo(*this).run(); });
    pthread_setname_np(videoThread_.native_handle(), "video");
  }
  if (queues_.used(PacketQueues::Audio)) {
    audioThread_ = std::thread([this] { FileAudio(*this).run(); });
    pthread_setname_np(audioThread_.native_handle(), "audio");
  }
  pushBoth(FileItem::Kind::Seek, fromUs, options_.loop ? options_.fromUs - fromUs : 0);

  bool reading = true;
  while (!job_.stopping()) {
    if (takeSeek()) reading = true;
    if (barren_) return fail({"MEDIA_BROKEN", "Nothing in the file could be decoded."});
    if (lost_) return fail(*lost_);
    if (!reading) {
      queues_.waitForNudge();
      continue;
    }
    queues_.waitForRoom();
    PacketPtr packet = makePacket();
    const int code = av_read_frame(input_.format(), packet.get());
    if (code == AVERROR(EAGAIN)) {
      job_.sleepUs(10000);
      continue;
    }
    if (code >= 0) {
      job_.counters.bytesRead += uint64_t(packet->size);
      queuePacket(std::move(packet));
      if (!beyondOut()) continue;
    }
    reading = endOfLap();
  }
  queues_.close();
  return End::Stopped;
}

}  // namespace vistter::decoder
