#include "decoder/audio_resampler.h"

#include "ring/ring.h"

namespace vistter::decoder {

AudioResampler::~AudioResampler() { av_channel_layout_uninit(&layout_); }

void AudioResampler::reset() {
  swr_.reset();
  rate_ = 0;
}

bool AudioResampler::changesWith(const AVFrame& frame) const {
  if (swr_ == nullptr) return false;
  return frame.sample_rate != rate_ || frame.format != format_ || av_channel_layout_compare(&frame.ch_layout, &layout_) != 0;
}

bool AudioResampler::open(const AVFrame& frame) {
  reset();
  if (frame.sample_rate < 1000 || frame.sample_rate > 768000 || frame.ch_layout.nb_channels < 1) return false;
  av_channel_layout_uninit(&layout_);
  av_channel_layout_copy(&layout_, &frame.ch_layout);
  rate_ = frame.sample_rate;
  format_ = frame.format;
  // A count without places means the usual places for that count.
  AVChannelLayout in{};
  if (layout_.order == AV_CHANNEL_ORDER_UNSPEC) {
    av_channel_layout_default(&in, layout_.nb_channels);
  } else {
    av_channel_layout_copy(&in, &layout_);
  }
  mono_ = in.nb_channels == 1;
  AVChannelLayout out{};
  // swresample would put one channel onto two at −3 dB; a microphone is to be as loud as it was recorded.
  av_channel_layout_default(&out, mono_ ? 1 : int(kAudioChannels));
  SwrContext* context = nullptr;
  const int made = swr_alloc_set_opts2(&context, &out, AV_SAMPLE_FMT_FLT, int(kAudioRate), &in, AVSampleFormat(format_), rate_, 0, nullptr);
  av_channel_layout_uninit(&in);
  av_channel_layout_uninit(&out);
  swr_.reset(context);
  if (made < 0 || swr_init(context) < 0) {
    reset();
    return false;
  }
  return true;
}

int AudioResampler::collect(int got) {
  if (got <= 0 || !mono_) return got;
  for (int i = 0; i < got; i++) samples_[size_t(i) * 2] = samples_[size_t(i) * 2 + 1] = monoSamples_[size_t(i)];
  return got;
}

int AudioResampler::convert(const AVFrame& frame, double& delayUs) {
  if (swr_ == nullptr && !open(frame)) return -1;
  delayUs = double(swr_get_delay(swr_.get(), int64_t(rate_) * kAudioRate)) * 1e6 / (double(rate_) * kAudioRate);
  const int room = swr_get_out_samples(swr_.get(), frame.nb_samples);
  if (room < 0) return -1;
  samples_.resize(size_t(room) * 2 + 2);
  if (mono_) monoSamples_.resize(size_t(room) + 1);
  uint8_t* out = reinterpret_cast<uint8_t*>(mono_ ? monoSamples_.data() : samples_.data());
  return collect(swr_convert(swr_.get(), &out, room, const_cast<const uint8_t**>(frame.extended_data), frame.nb_samples));
}

int AudioResampler::drain(double& delayUs) {
  if (swr_ == nullptr) return 0;
  delayUs = double(swr_get_delay(swr_.get(), int64_t(rate_) * kAudioRate)) * 1e6 / (double(rate_) * kAudioRate);
  const int room = swr_get_out_samples(swr_.get(), 0) + 64;
  samples_.resize(size_t(room) * 2 + 2);
  if (mono_) monoSamples_.resize(size_t(room) + 1);
  uint8_t* out = reinterpret_cast<uint8_t*>(mono_ ? monoSamples_.data() : samples_.data());
  const int got = collect(swr_convert(swr_.get(), &out, room, nullptr, 0));
  reset();
  return got;
}

}  // namespace vistter::decoder
