#include "decoder/file_video.h"

#include <algorithm>

#include "decoder/codec.h"
#include "decoder/events.h"

namespace vistter::decoder {

FileVideo::FileVideo(FileSource& file)
    : file_(file), job_(file.job()), stream_(file.input().video()), writer_(file.job()), frame_(makeFrame()),
      turn_(file.input().orientation()), sampleAspect_(av_guess_sample_aspect_ratio(file.input().format(), const_cast<AVStream*>(stream_), nullptr)) {
  const double fps = file.input().fps();
  usualDurationUs_ = fps > 0 ? int64_t(1e6 / fps) : 40000;
  DecoderSpec spec;
  spec.parameters = stream_->codecpar;
  spec.timeBase = stream_->time_base;
  spec.alpha = file.input().hasAlpha();
  std::string why;
  codec_ = openDecoder(spec, why);
  if (codec_ == nullptr) sendError("VIDEO_CODEC", why);
}

void FileVideo::run() {
  FileItem item;
  while (file_.queues().pop(PacketQueues::Video, item)) {
    if (item.generation == generation_ || item.kind == FileItem::Kind::Seek) handle(item);
    item = FileItem();
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
      break;
    case FileItem::Kind::Packet:
      decode(item.packet.get());
      break;
    case FileItem::Kind::LapEnd:
    case FileItem::Kind::Finish:
      decode(nullptr);
      if (codec_ != nullptr) avcodec_flush_buffers(codec_.get());
      lapBaseUs_ = item.us >= 0 ? lapBaseUs_ + item.us : nextPtsUs_;
      fromUs_ = 0;
      nextPtsUs_ = lapBaseUs_;
      file_.sideReached(PacketQueues::Video, item.kind, item.generation);
      break;
  }
}

void FileVideo::decode(const AVPacket* packet) {
  if (codec_ == nullptr || !file_.current(generation_)) return;
  int64_t began = monotonicUs();
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
  }
}

void FileVideo::show(const AVFrame& frame) {
  const FileOptions& options = file_.options();
  int64_t durationUs = av_rescale_q(frameDuration(frame), stream_->time_base, kMicroseconds);
  if (durationUs <= 0) durationUs = usualDurationUs_;
  int64_t position = nextPtsUs_ - lapBaseUs_;
  if (frame.best_effort_timestamp != AV_NOPTS_VALUE) {
    position = file_.input().positionUs(stream_, frame.best_effort_timestamp) - options.inUs;
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
  if (!writer_.write(frame, place, [this] { return file_.current(generation_); })) return;
  lastPtsUs_ = place.ptsUs;
  nextPtsUs_ = place.ptsUs + durationUs;
  file_.producedSome();
}

}  // namespace vistter::decoder
