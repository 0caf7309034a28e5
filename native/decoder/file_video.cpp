#include "decoder/file_video.h"

#include <algorithm>

#include "decoder/codec.h"
#include "decoder/events.h"

namespace vistter::decoder {

namespace {
/// Of one GOP; of a longer one all is decoded.
constexpr size_t kMaxHeldBytes = 24u << 20;
}  // namespace

FileVideo::FileVideo(FileSource& file)
    : file_(file), job_(file.job()), stream_(file.input().video()), writer_(file.job()), frame_(makeFrame()),
      turn_(file.input().orientation()), sampleAspect_(av_guess_sample_aspect_ratio(file.input().format(), const_cast<AVStream*>(stream_), nullptr)) {
  const double fps = file.input().fps();
  usualDurationUs_ = fps > 0 ? int64_t(1e6 / fps) : 40000;
  DecoderSpec spec;
  spec.parameters = stream_->codecpar;
  spec.timeBase = stream_->time_base;
  spec.fps = fps;
  spec.alpha = file.input().hasAlpha();
  std::string why;
  codec_ = openDecoder(spec, why);
  if (codec_ == nullptr) sendError("VIDEO_CODEC", why);
}

void FileVideo::run() {
  FileItem item;
  while (file_.queues().pop(PacketQueues::Video, item)) {
    job_.counters.pictureStepUs = monotonicUs();
    if (item.generation == generation_ || item.kind == FileItem::Kind::Seek) handle(item);
    item = FileItem();
    job_.counters.pictureStepUs = 0;
  }
}

void FileVideo::handle(FileItem& item) {
  switch (item.kind) {
    case FileItem::Kind::Seek:
      if (codec_ != nullptr) avcodec_flush_buffers(codec_.get());
      generation_ = item.generation;
      epoch_ = item.epoch;
      lapBaseUs_ = item.baseUs;
      fromUs_ = item.us;
      nextPtsUs_ = item.baseUs + item.us;
      lastPtsUs_ = INT64_MIN;
      held_.clear();
      heldBytes_ = 0;
      holding_ = file_.options().inUs + fromUs_ > 0;
      break;
    case FileItem::Kind::Packet:
      if (holding_) hold(std::move(item.packet));
      else decode(item.packet.get());
      break;
    case FileItem::Kind::LapEnd:
    case FileItem::Kind::Finish:
      release();
      decode(nullptr);
      if (codec_ != nullptr) avcodec_flush_buffers(codec_.get());
      lapBaseUs_ = item.us >= 0 ? lapBaseUs_ + item.us : nextPtsUs_;
      fromUs_ = 0;
      nextPtsUs_ = lapBaseUs_;
      file_.sideReached(PacketQueues::Video, item.kind, item.generation);
      break;
  }
}

/// A jump goes a little further back than its goal, for the sound; so where the goal is at a keyframe, what comes first is the whole
/// GOP before it. Nothing before the last keyframe that is not behind the goal is decoded.
void FileVideo::hold(PacketPtr packet) {
  const int64_t dts = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
  // No picture is shown before its packet's turn, so a keyframe that comes later is shown behind the goal.
  const bool isReached = dts == AV_NOPTS_VALUE || positionUs(dts) > fromUs_;
  const bool isKey = (packet->flags & AV_PKT_FLAG_KEY) != 0 && packet->pts != AV_NOPTS_VALUE && positionUs(packet->pts) <= fromUs_;
  if (isKey) {
    held_.clear();
    heldBytes_ = 0;
  }
  heldBytes_ += size_t(packet->size);
  held_.push_back(std::move(packet));
  if (isReached || heldBytes_ > kMaxHeldBytes) release();
}

void FileVideo::release() {
  holding_ = false;
  for (const PacketPtr& packet : held_) decode(packet.get());
  held_.clear();
  heldBytes_ = 0;
}

int64_t FileVideo::positionUs(int64_t timestamp) const {
  return file_.input().positionUs(stream_, timestamp) - file_.options().inUs;
}

/// Whether its picture is behind where playing begins by so much that it is never shown.
bool FileVideo::onlyHelps(const AVPacket* packet) const {
  if (packet == nullptr || packet->pts == AV_NOPTS_VALUE) return false;
  const int64_t durationUs = std::max(usualDurationUs_, av_rescale_q(packet->duration, stream_->time_base, kMicroseconds));
  return positionUs(packet->pts) + 2 * durationUs <= fromUs_;
}

void FileVideo::decode(const AVPacket* packet) {
  if (codec_ == nullptr || !file_.current(generation_)) return;
  // Of those, the pictures that no other refers to are not even decoded: half of a GOP and more.
  codec_->skip_frame = onlyHelps(packet) ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
  int64_t began = monotonicUs();
  job_.counters.pictureStepUs = began;
  const int sent = avcodec_send_packet(codec_.get(), packet);
  if (sent < 0 && sent != AVERROR_EOF && sent != AVERROR(EAGAIN)) job_.counters.decodeErrors++;
  while (file_.current(generation_)) {
    const int got = avcodec_receive_frame(codec_.get(), frame_.get());
    job_.counters.decodeUs += uint64_t(monotonicUs() - began);
    if (got < 0) return;
    job_.counters.framesDecoded++;
    show(*frame_);
    av_frame_unref(frame_.get());
    began = monotonicUs();
    job_.counters.pictureStepUs = began;
  }
}

void FileVideo::show(const AVFrame& frame) {
  int64_t durationUs = av_rescale_q(frameDuration(frame), stream_->time_base, kMicroseconds);
  if (durationUs <= 0) durationUs = usualDurationUs_;
  int64_t position = nextPtsUs_ - lapBaseUs_;
  if (frame.best_effort_timestamp != AV_NOPTS_VALUE) {
    position = positionUs(frame.best_effort_timestamp);
  }
  if (position < fromUs_) {
    // The frame that stands there is shown from there on; those before it only helped to decode it. One in mid-file keeps
    // its own time, by which it is judged whether it or the next is the nearest.
    if (position + durationUs <= fromUs_) return;
    if (fromUs_ == 0) {
      durationUs += position;
      position = 0;
    }
  }
  const int64_t lapUs = file_.lapUs();
  if (lapUs > 0) {
    if (position >= lapUs) return;
    durationUs = std::min(durationUs, lapUs - position);
  }
  FramePlace place;
  place.ptsUs = std::max(lapBaseUs_ + position, lastPtsUs_ == INT64_MIN ? INT64_MIN : lastPtsUs_ + 1);
  place.durationUs = durationUs;
  place.arrivalUs = monotonicUs();
  place.epoch = epoch_;
  place.turn = turn_;
  place.sampleAspect = sampleAspect_;
  const auto wanted = [this] {
    // To wait for a slot, as a film that is held does for ever, is not to hang.
    job_.counters.pictureStepUs = monotonicUs();
    return file_.current(generation_);
  };
  if (!writer_.write(frame, place, wanted)) return;
  lastPtsUs_ = place.ptsUs;
  nextPtsUs_ = place.ptsUs + durationUs;
  file_.producedSome();
}

}  // namespace vistter::decoder
