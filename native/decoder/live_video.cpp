#include "decoder/live_video.h"

#include <pthread.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "decoder/codec.h"
#include "decoder/events.h"

namespace vistter::decoder {

AVCodecID avCodecId(MediaCodec codec) {
  switch (codec) {
    case MediaCodec::H264: return AV_CODEC_ID_H264;
    case MediaCodec::Hevc: return AV_CODEC_ID_HEVC;
    case MediaCodec::Av1: return AV_CODEC_ID_AV1;
    case MediaCodec::Vp9: return AV_CODEC_ID_VP9;
    case MediaCodec::Vp8: return AV_CODEC_ID_VP8;
    case MediaCodec::Aac: return AV_CODEC_ID_AAC;
    case MediaCodec::Mp3: return AV_CODEC_ID_MP3;
    case MediaCodec::Opus: return AV_CODEC_ID_OPUS;
    case MediaCodec::Flac: return AV_CODEC_ID_FLAC;
    case MediaCodec::Ac3: return AV_CODEC_ID_AC3;
    case MediaCodec::Eac3: return AV_CODEC_ID_EAC3;
    case MediaCodec::PcmU8: return AV_CODEC_ID_PCM_U8;
    case MediaCodec::PcmS16: return AV_CODEC_ID_PCM_S16LE;
    case MediaCodec::Alaw: return AV_CODEC_ID_PCM_ALAW;
    case MediaCodec::Mulaw: return AV_CODEC_ID_PCM_MULAW;
    case MediaCodec::Unknown: break;
  }
  return AV_CODEC_ID_NONE;
}

LiveVideo::LiveVideo(Job& job, SightTeller& teller)
    : job_(job), teller_(teller), writer_(job), frame_(makeFrame()), thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "video");
}

LiveVideo::~LiveVideo() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closing_ = true;
  }
  filled_.notify_all();
  thread_.join();
}

void LiveVideo::push(Coded coded) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (coded.packet != nullptr) {
    const bool keyframe = (coded.packet->flags & AV_PKT_FLAG_KEY) != 0;
    if (queue_.size() >= kMaxQueued || queuedBytes_ > kMaxQueuedBytes) {
      // Headers stay: without the newest one nothing after it can be read.
      std::deque<Coded> headers;
      for (Coded& c : queue_) {
        if (c.parameters != nullptr) headers.push_back(std::move(c));
        else if (c.packet != nullptr) job_.counters.packetsDropped++;
      }
      while (headers.size() > 1) headers.pop_front();
      queue_ = std::move(headers);
      queuedBytes_ = 0;
      needKeyframe_ = true;
    }
    if (needKeyframe_ && !keyframe) {
      job_.counters.packetsDropped++;
      return;
    }
    needKeyframe_ = false;
    queuedBytes_ += size_t(coded.packet->size);
  }
  queue_.push_back(std::move(coded));
  filled_.notify_one();
}

void LiveVideo::skipToNewestKeyframe() {
  size_t newest = 0;
  for (size_t i = 1; i < queue_.size(); i++) {
    if (queue_[i].packet == nullptr) return;  // Never across a change of codec.
    if ((queue_[i].packet->flags & AV_PKT_FLAG_KEY) != 0) newest = i;
  }
  if (newest == 0) return;
  for (size_t i = 0; i < newest; i++) {
    if (queue_.front().packet == nullptr) return;
    queuedBytes_ -= size_t(queue_.front().packet->size);
    queue_.pop_front();
    job_.counters.packetsDropped++;
  }
}

bool LiveVideo::take(Coded& out) {
  std::unique_lock<std::mutex> lock(mutex_);
  filled_.wait(lock, [this] { return closing_ || !queue_.empty(); });
  if (closing_) return false;
  if (queue_.front().packet != nullptr && monotonicUs() - queue_.front().arrivalUs > kHopelessUs) skipToNewestKeyframe();
  out = std::move(queue_.front());
  queue_.pop_front();
  if (out.packet != nullptr) queuedBytes_ -= size_t(out.packet->size);
  return true;
}

void LiveVideo::run() {
  Coded coded;
  while (take(coded)) {
    job_.counters.pictureStepUs = monotonicUs();
    if (coded.packet != nullptr) decode(coded);
    else if (coded.parameters != nullptr) configure(coded);
    else finish();
    job_.counters.pictureStepUs = 0;
  }
}

void LiveVideo::configure(const Coded& coded) {
  // Senders repeat their header with each keyframe or after a reconnect; a decoder that fits stays, and loses no frame.
  const AVCodecParameters* now = parameters_.get();
  const AVCodecParameters* next = coded.parameters.get();
  const bool same = now != nullptr && now->codec_id == next->codec_id && now->extradata_size == next->extradata_size &&
                    (now->extradata_size == 0 || memcmp(now->extradata, next->extradata, size_t(now->extradata_size)) == 0);
  if (same && codec_ != nullptr) return;
  finish();
  codec_.reset();
  parameters_.reset(avcodec_parameters_alloc());
  avcodec_parameters_copy(parameters_.get(), next);
  waitKeyframe_ = true;
}

void LiveVideo::finish() {
  if (codec_ == nullptr) return;
  // The frames that were held back for reordering are shown as well; the next stream begins with a keyframe.
  avcodec_send_packet(codec_.get(), nullptr);
  receive(epoch_);
  avcodec_flush_buffers(codec_.get());
  waitKeyframe_ = true;
}

bool LiveVideo::open(const AVPacket& first) {
  DecoderSpec spec;
  spec.parameters = parameters_.get();
  spec.live = true;
  spec.frames = &writer_.frames();
  // A keyframe that is shown later than it is decoded leaves room for B-frames: as many as fit between the two.
  if (first.pts > first.dts) {
    const double fps = declaredFps_ > 0 ? declaredFps_.load() : 0;
    spec.reorder = fps > 0 ? int(std::lround(double(first.pts - first.dts) * fps / 1e6)) : 1;
    spec.reorder = std::clamp(spec.reorder, 1, 2);
  }
  std::string why;
  codec_ = openDecoder(spec, why);
  if (codec_ == nullptr) {
    sendError("VIDEO_CODEC", why);
    job_.counters.decodeErrors++;
    return false;
  }
  return true;
}

void LiveVideo::decode(const Coded& coded) {
  const AVPacket& packet = *coded.packet;
  if (coded.epoch != epoch_) {
    finish();
    epoch_ = coded.epoch;
    lastPtsUs_ = INT64_MIN;
    waitKeyframe_ = true;
  }
  const bool keyframe = (packet.flags & AV_PKT_FLAG_KEY) != 0;
  if (waitKeyframe_ && !keyframe) {
    job_.counters.packetsDropped++;
    return;
  }
  waitKeyframe_ = false;
  // Damage can leave a decoder in a state from which it never comes back (dav1d after a bad sequence header): a fresh one
  // can begin at any keyframe.
  if (keyframe && packetsWithoutFrame_ > kStuckPackets) codec_.reset();
  if (codec_ == nullptr) packetsWithoutFrame_ = 0;
  if (codec_ == nullptr && (parameters_ == nullptr || !open(packet))) return;

  const int64_t lagUs = monotonicUs() - coded.arrivalUs;
  job_.counters.lagUs = lagUs;
  const bool behind = lagUs > kBehindUs;
  codec_->skip_frame = behind ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
  if (behind && (packet.flags & AV_PKT_FLAG_DISPOSABLE) != 0) {
    job_.counters.framesSkipped++;
    return;
  }

  arrivals_[nextArrival_++ % std::size(arrivals_)] = {packet.pts, coded.arrivalUs};
  packetsWithoutFrame_++;
  const uint64_t decodedBefore = job_.counters.framesDecoded;
  const int64_t began = monotonicUs();
  const int sent = avcodec_send_packet(codec_.get(), &packet);
  if (sent < 0 && sent != AVERROR(EAGAIN)) job_.counters.decodeErrors++;
  job_.counters.decodeUs += uint64_t(monotonicUs() - began);
  receive(epoch_);
  if (behind && job_.counters.framesDecoded == decodedBefore) job_.counters.framesSkipped++;
}

void LiveVideo::receive(uint32_t epoch) {
  for (;;) {
    const int64_t began = monotonicUs();
    job_.counters.pictureStepUs = began;
    const int got = avcodec_receive_frame(codec_.get(), frame_.get());
    job_.counters.decodeUs += uint64_t(monotonicUs() - began);
    if (got < 0) return;
    job_.counters.framesDecoded++;
    packetsWithoutFrame_ = 0;
    job_.format.setVideo(frame_->width, frame_->height, declaredFps_, avcodec_get_name(codec_->codec_id));

    FramePlace place;
    place.ptsUs = frame_->pts != AV_NOPTS_VALUE ? frame_->pts : frame_->best_effort_timestamp;
    if (place.ptsUs == AV_NOPTS_VALUE) place.ptsUs = lastPtsUs_ == INT64_MIN ? monotonicUs() : lastPtsUs_ + 1;
    place.arrivalUs = monotonicUs();
    for (const Arrival& a : arrivals_) {
      if (a.ptsUs == place.ptsUs && a.arrivalUs != 0) place.arrivalUs = a.arrivalUs;
    }
    if (place.ptsUs <= lastPtsUs_) {
      // Shown it would run backwards.
      job_.counters.framesSkipped++;
      continue;
    }
    const double fps = declaredFps_;
    place.durationUs = fps > 0 ? int64_t(1e6 / fps) : 0;
    lastPtsUs_ = place.ptsUs;
    place.epoch = epoch;
    sight_.look(*frame_, place.ptsUs);
    teller_.picture(sight_.still(), sight_.black());
    writer_.write(*frame_, place, [] { return true; });
  }
}

}  // namespace vistter::decoder
