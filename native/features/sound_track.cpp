#include "features/sound_track.h"

#include <algorithm>
#include <cmath>

#include "features/bin_board.h"

namespace vistter::features {

namespace {

/// Stamps that are off by less are a container's rounding.
constexpr double kToleranceUs = 60'000;
/// A shorter hole is silence, a longer one is unknown.
constexpr int64_t kLongestFilled = kRate * 3 / 10;

bool isSurround(AVChannel channel) {
  switch (channel) {
    case AV_CHAN_SIDE_LEFT: case AV_CHAN_SIDE_RIGHT: case AV_CHAN_BACK_LEFT: case AV_CHAN_BACK_RIGHT: case AV_CHAN_BACK_CENTER:
    case AV_CHAN_SURROUND_DIRECT_LEFT: case AV_CHAN_SURROUND_DIRECT_RIGHT: return true;
    default: return false;
  }
}

ChannelWeight weightOf(AVChannel channel) {
  if (channel == AV_CHAN_LOW_FREQUENCY || channel == AV_CHAN_LOW_FREQUENCY_2) return {0, 0};
  if (isSurround(channel)) return {1.41f, 0.7071f};
  // Where there is a centre, what is said is there.
  return {1, channel == AV_CHAN_FRONT_CENTER ? 1.4142f : 1.0f};
}

}  // namespace

bool SoundTrack::open(const AVStream* stream, std::string& why) {
  const AVCodec* codec = avcodec_find_decoder(stream->codecpar->codec_id);
  if (codec == nullptr) {
    why = std::string("The sound cannot be used: there is no decoder for ") + avcodec_get_name(stream->codecpar->codec_id) + ".";
    return false;
  }
  codec_.reset(avcodec_alloc_context3(codec));
  if (codec_ == nullptr || avcodec_parameters_to_context(codec_.get(), stream->codecpar) < 0) abort();
  codec_->thread_count = 1;
  codec_->pkt_timebase = decoder::kMicroseconds;
  const int opened = avcodec_open2(codec_.get(), codec, nullptr);
  if (opened < 0) {
    why = "The sound cannot be used: " + decoder::avError(opened) + ".";
    return false;
  }
  return true;
}

void SoundTrack::take(const AVPacket& packet) {
  if (avcodec_send_packet(codec_.get(), &packet) < 0) {
    damagedPackets_++;
    isDamaged_ = true;
  }
  drain();
}

void SoundTrack::drain() {
  while (avcodec_receive_frame(codec_.get(), frame_.get()) >= 0) {
    if (frame_->nb_samples > 0 && frame_->sample_rate > 0 && frame_->ch_layout.nb_channels > 0) lay(*frame_);
    av_frame_unref(frame_.get());
  }
}

void SoundTrack::lay(const AVFrame& frame) {
  if (!prepare(frame)) {
    isDamaged_ = true;
    return;
  }
  const int64_t us = frame.best_effort_timestamp;
  if (us != AV_NOPTS_VALUE && (!hasAny_ || std::fabs(double(us) - nextUs_) > kToleranceUs)) {
    if (hasAny_) convert(nullptr);
    moveTo(us);
    nextUs_ = double(us);
  }
  hasAny_ = true;
  isDamaged_ = false;
  convert(&frame);
  nextUs_ += 1e6 * frame.nb_samples / frame.sample_rate;
}

/// Makes ready for what the frame is: a stream may change its rate and channels at any moment.
bool SoundTrack::prepare(const AVFrame& frame) {
  if (resampler_ != nullptr && rate_ == frame.sample_rate && format_ == frame.format && av_channel_layout_compare(&layout_, &frame.ch_layout) == 0) return true;
  if (resampler_ != nullptr) convert(nullptr);
  resampler_.reset();
  const int channels = frame.ch_layout.nb_channels;
  if (channels > kMostChannels || frame.sample_rate < 1000 || frame.sample_rate > 768'000) return false;
  AVChannelLayout in{};
  if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) av_channel_layout_default(&in, channels);
  else av_channel_layout_copy(&in, &frame.ch_layout);
  SwrContext* made = nullptr;
  const int code = swr_alloc_set_opts2(&made, &in, AV_SAMPLE_FMT_FLTP, kRate, &in, AVSampleFormat(frame.format), frame.sample_rate, 0, nullptr);
  resampler_.reset(made);
  std::vector<ChannelWeight> weights;
  for (int c = 0; c < channels; c++) weights.push_back(weightOf(av_channel_layout_channel_from_index(&in, unsigned(c))));
  if (std::all_of(weights.begin(), weights.end(), [](const ChannelWeight& w) { return w.mono == 0; })) weights.assign(size_t(channels), ChannelWeight());
  av_channel_layout_uninit(&in);
  if (code < 0 || swr_init(resampler_.get()) < 0) {
    resampler_.reset();
    return false;
  }
  analyzer_.channels(weights);
  planes_.assign(size_t(channels), {});
  av_channel_layout_uninit(&layout_);
  av_channel_layout_copy(&layout_, &frame.ch_layout);
  rate_ = frame.sample_rate;
  format_ = frame.format;
  return true;
}

/// Null: what the resampler still holds.
void SoundTrack::convert(const AVFrame* frame) {
  if (resampler_ == nullptr) return;
  const int most = swr_get_out_samples(resampler_.get(), frame != nullptr ? frame->nb_samples : 0);
  if (most <= 0) return;
  std::vector<uint8_t*> to;
  for (std::vector<float>& plane : planes_) {
    if (plane.size() < size_t(most)) plane.resize(size_t(most));
    to.push_back(reinterpret_cast<uint8_t*>(plane.data()));
  }
  const uint8_t** from = frame != nullptr ? const_cast<const uint8_t**>(frame->extended_data) : nullptr;
  const int got = swr_convert(resampler_.get(), to.data(), most, from, frame != nullptr ? frame->nb_samples : 0);
  // Drained, it would stay so.
  if (frame == nullptr) swr_init(resampler_.get());
  if (got <= 0) return;
  const int skip = int(std::min<int64_t>(drop_, got));
  drop_ -= skip;
  std::vector<const float*> samples;
  for (const std::vector<float>& plane : planes_) samples.push_back(plane.data() + skip);
  if (got > skip) analyzer_.push(samples.data(), got - skip);
}

void SoundTrack::moveTo(int64_t us) {
  const int64_t to = us * (kRate / 1000) / 1000;
  const int64_t here = analyzer_.position();
  drop_ = std::max<int64_t>(0, here - to);
  if (to <= here || to >= kMostBins * kRate) return;
  if (hasAny_ && !isDamaged_ && to - here <= kLongestFilled) {
    const std::vector<float> silence(size_t(to - here), 0.0f);
    const std::vector<const float*> samples(planes_.size(), silence.data());
    analyzer_.push(samples.data(), int(silence.size()));
    return;
  }
  // Sound that only begins later was never there.
  if (hasAny_ || isDamaged_) gap_(here * 1000 / kRate, to * 1000 / kRate);
  analyzer_.skipTo(to);
  drop_ = analyzer_.position() - to;
}

void SoundTrack::finish() {
  avcodec_send_packet(codec_.get(), nullptr);
  drain();
  if (hasAny_) convert(nullptr);
  analyzer_.finish();
}

}  // namespace vistter::features
