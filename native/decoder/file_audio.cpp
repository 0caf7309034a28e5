#include "decoder/file_audio.h"

#include <cmath>

#include "decoder/codec.h"
#include "decoder/events.h"

namespace vistter::decoder {

namespace {
AudioTimeline::Rules fileRules() {
  AudioTimeline::Rules rules;
  rules.follow = 0.02;
  // Matroska and FLV round to 1 ms; following that would spoil the count that makes a loop's join exact.
  rules.deadbandUs = 2000;
  rules.maxFillSamples = AudioTimeline::kUnlimited;
  return rules;
}
}  // namespace

FileAudio::FileAudio(FileSource& file)
    : file_(file), job_(file.job()), stream_(file.input().audio()),
      normalizer_(file.job(), fileRules(), [this] { return file_.current(generation_); }), frame_(makeFrame()) {
  DecoderSpec spec;
  spec.parameters = stream_->codecpar;
  spec.timeBase = stream_->time_base;
  std::string why;
  codec_ = openDecoder(spec, why);
  if (codec_ == nullptr) sendError("AUDIO_CODEC", why);
}

void FileAudio::run() {
  FileItem item;
  while (file_.queues().pop(PacketQueues::Audio, item)) {
    if (item.generation == generation_ || item.kind == FileItem::Kind::Seek) handle(item);
    item = FileItem();
  }
}

void FileAudio::beginLap(double fromUs) {
  AudioTimeline& timeline = normalizer_.timeline();
  timeline.startAt(fromUs);
  timeline.limitTo(file_.lapUs() >= 0 ? double(lapBaseUs_ + file_.lapUs()) : AudioTimeline::kNoLimit);
  nextUs_ = fromUs;
}

void FileAudio::handle(FileItem& item) {
  switch (item.kind) {
    case FileItem::Kind::Seek:
      if (codec_ != nullptr) avcodec_flush_buffers(codec_.get());
      generation_ = item.generation;
      lapBaseUs_ = item.baseUs;
      normalizer_.beginEpoch(item.epoch);
      beginLap(double(item.baseUs + item.us));
      break;
    case FileItem::Kind::Packet:
      decode(item.packet.get());
      break;
    case FileItem::Kind::LapEnd:
    case FileItem::Kind::Finish:
      endLap(item);
      break;
  }
}

void FileAudio::endLap(const FileItem& item) {
  decode(nullptr);
  if (codec_ != nullptr) avcodec_flush_buffers(codec_.get());
  if (!file_.current(generation_)) return;
  normalizer_.drain();
  AudioTimeline& timeline = normalizer_.timeline();
  if (item.us >= 0) {
    timeline.padTo(double(lapBaseUs_ + item.us));
    lapBaseUs_ += item.us;
  } else {
    lapBaseUs_ = int64_t(std::llround(timeline.nextUs()));
  }
  beginLap(double(lapBaseUs_));
  file_.sideReached(PacketQueues::Audio, item.kind, item.generation);
}

void FileAudio::decode(const AVPacket* packet) {
  if (codec_ == nullptr || !file_.current(generation_)) return;
  const int sent = avcodec_send_packet(codec_.get(), packet);
  if (sent < 0 && sent != AVERROR_EOF && sent != AVERROR(EAGAIN)) job_.counters.decodeErrors++;
  while (file_.current(generation_) && avcodec_receive_frame(codec_.get(), frame_.get()) >= 0) {
    if (frame_->sample_rate <= 0) continue;
    double at = nextUs_;
    if (frame_->best_effort_timestamp != AV_NOPTS_VALUE) {
      const AVRational base = stream_->time_base;
      // In double: whole microseconds would lose a hundredth of a sample a frame.
      at = double(frame_->best_effort_timestamp) * base.num * 1e6 / base.den;
      at += double(lapBaseUs_ - file_.input().originUs() - file_.options().inUs);
    }
    nextUs_ = at + double(frame_->nb_samples) * 1e6 / frame_->sample_rate;
    if (!normalizer_.push(*frame_, at, monotonicUs())) return;
    file_.producedSome();
    av_frame_unref(frame_.get());
  }
}

}  // namespace vistter::decoder
