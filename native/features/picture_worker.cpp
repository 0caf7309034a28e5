#include "features/picture_worker.h"

#include "features/columns.h"

namespace vistter::features {

namespace {

/// Larger pictures are refused: their memory would be that of everything else together.
constexpr int64_t kMostPixels = 70'000'000;

}  // namespace

PictureWorker::PictureWorker(const AVStream* stream, WorkerSink sink, int64_t mostBytes) : sink_(std::move(sink)), queue_(mostBytes) {
  const AVCodecID id = stream->codecpar->codec_id;
  // FFmpeg's own AV1 decoder only drives hardware.
  const AVCodec* codec = id == AV_CODEC_ID_AV1 ? avcodec_find_decoder_by_name("libdav1d") : nullptr;
  if (codec == nullptr) codec = avcodec_find_decoder(id);
  if (codec == nullptr) {
    fault_ = std::string("The picture cannot be used: there is no decoder for ") + avcodec_get_name(id) + ".";
    return;
  }
  codec_.reset(avcodec_alloc_context3(codec));
  if (codec_ == nullptr || avcodec_parameters_to_context(codec_.get(), stream->codecpar) < 0) abort();
  codec_->pkt_timebase = decoder::kMicroseconds;
  codec_->max_pixels = kMostPixels;
  codec_->thread_count = 1;
  // At 160×90 nobody sees what these leave out.
  codec_->skip_loop_filter = AVDISCARD_ALL;
  codec_->flags2 |= AV_CODEC_FLAG2_FAST;
  const int opened = avcodec_open2(codec_.get(), codec, nullptr);
  if (opened < 0) {
    fault_ = "The picture cannot be used: " + decoder::avError(opened) + ".";
    return;
  }
  thread_ = std::thread([this] { run(); });
}

PictureWorker::~PictureWorker() { finish(); }

void PictureWorker::finish() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void PictureWorker::run() {
  Parcel parcel;
  while (queue_.pop(parcel)) {
    if (parcel.packet != nullptr) decode(parcel);
    else endGroup(parcel.group);
  }
}

void PictureWorker::decode(Parcel& parcel) {
  AVPacket* packet = parcel.packet.get();
  const bool isFirst = packets_ == 0;
  if (isFirst) firstUs_ = packet->pts;
  // Of a longer group no picture is missed that no other is made from.
  codec_->skip_frame = isFirst ? AVDISCARD_DEFAULT : AVDISCARD_NONREF;
  packets_++;
  isPair_ = parcel.isBeside;
  if (avcodec_send_packet(codec_.get(), packet) < 0 && !isPair_) {
    told_ = true;
    sink_.damaged(parcel.group, packet->pts / 1000);
  }
  if (isFirst) first_ = std::move(parcel.packet);
  parcel.packet.reset();
  receive(parcel.group);
}

void PictureWorker::receive(int64_t group) {
  while (avcodec_receive_frame(codec_.get(), frame_.get()) >= 0) {
    if (isOfPair()) continue;
    const int64_t us = frame_->best_effort_timestamp != AV_NOPTS_VALUE ? frame_->best_effort_timestamp : firstUs_;
    const bool isDamaged = frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0;
    pictures_++;
    const int64_t second = us / 1'000'000;
    if (isDamaged || second != lastSecond_) {
      lastSecond_ = second;
      besideFromUs_ = us + kBesideUs;
      thumb_.atMs = us / 1000;
      if (!isDamaged && scaler_.scale(*frame_, thumb_)) sink_.picture(group, thumb_);
      else sink_.damaged(group, us / 1000);
    } else if (us >= besideFromUs_) {
      besideFromUs_ = INT64_MAX;
      if (scaler_.scale(*frame_, thumb_)) sink_.beside(group, thumb_);
    }
    av_frame_unref(frame_.get());
  }
}

/// Whether it was taken, as one that is shown behind the keyframe, or before it, where it is made from pictures that were left out.
bool PictureWorker::isOfPair() {
  const bool isKeyframe = frame_->key_frame != 0 || frame_->pict_type == AV_PICTURE_TYPE_I;
  if (!isPair_ || (pictures_ == 0 && isKeyframe)) return false;
  av_frame_unref(beside_.get());
  if (pictures_ > 0 && frame_->decode_error_flags == 0 && (frame_->flags & AV_FRAME_FLAG_CORRUPT) == 0) av_frame_move_ref(beside_.get(), frame_.get());
  else av_frame_unref(frame_.get());
  return true;
}

/// Decoders hold pictures back that could come later than those that follow.
void PictureWorker::drain(int64_t group) {
  avcodec_send_packet(codec_.get(), nullptr);
  receive(group);
  avcodec_flush_buffers(codec_.get());
}

void PictureWorker::endGroup(int64_t group) {
  drain(group);
  if (isPair_ && pictures_ == 0 && !told_) {
    // A keyframe that others follow which are shown before it, and are made from pictures that were left out, may be held for one of those.
    isPair_ = false;
    codec_->skip_frame = AVDISCARD_DEFAULT;
    avcodec_send_packet(codec_.get(), first_.get());
    drain(group);
  }
  first_.reset();
  if (scaler_.scale(*beside_, thumb_)) sink_.beside(group, thumb_);
  av_frame_unref(beside_.get());
  if (packets_ > 0 && pictures_ == 0 && !told_) sink_.damaged(group, firstUs_ / 1000);
  packets_ = pictures_ = 0;
  told_ = isPair_ = false;
  lastSecond_ = -1;
  besideFromUs_ = INT64_MAX;
  sink_.ended(group);
}

}  // namespace vistter::features
