#include "decoder/live_audio.h"

#include <cstring>

#include "decoder/codec.h"
#include "decoder/events.h"
#include "decoder/live_video.h"

namespace vistter::decoder {

namespace {
AudioTimeline::Rules liveRules() {
  AudioTimeline::Rules rules;
  // 2 % of the error a 20 ms frame: a time constant of a second, so ±0.5 ms of rounding moves the anchor by 10 µs.
  rules.follow = 0.02;
  rules.maxFillSamples = 24000;  // More than half a second would push the consumer's own samples out of the FIFO.
  return rules;
}

bool selfDescribing(MediaCodec codec) {
  return codec == MediaCodec::Mp3 || codec == MediaCodec::Ac3 || codec == MediaCodec::Eac3;
}
}  // namespace

LiveAudio::LiveAudio(Job& job, SightTeller& teller)
    : job_(job),
      normalizer_(job, liveRules(), [] { return true; },
                  [this, &teller](const float* samples, size_t frames) {
                    sight_.hear(samples, frames);
                    teller.sound(sight_.silent());
                  }),
      frame_(makeFrame()),
      packet_(makePacket()) {}

void LiveAudio::configure(const FlvAudio& audio) {
  const AVCodecID id = avCodecId(audio.codec);
  const bool header = audio.packet == FlvPacket::Sequence;
  const size_t size = header ? audio.size : 0;
  if (codec_ != nullptr && parameters_->codec_id == id) {
    const bool same = header ? size_t(parameters_->extradata_size) == size && memcmp(parameters_->extradata, audio.data, size) == 0
                             : selfDescribing(audio.codec) || audio.codec == MediaCodec::Aac || audio.sampleRate == 0 ||
                                   (uint32_t(parameters_->sample_rate) == audio.sampleRate &&
                                    uint32_t(parameters_->ch_layout.nb_channels) == audio.channels);
    if (same) return;
  }
  codec_.reset();
  parameters_.reset(avcodec_parameters_alloc());
  parameters_->codec_type = AVMEDIA_TYPE_AUDIO;
  parameters_->codec_id = id;
  if (!header && audio.sampleRate > 0) {
    parameters_->sample_rate = int(audio.sampleRate);
    av_channel_layout_default(&parameters_->ch_layout, int(audio.channels));
  }
  if (size > 0) {
    parameters_->extradata = static_cast<uint8_t*>(av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE));
    parameters_->extradata_size = int(size);
    memcpy(parameters_->extradata, audio.data, size);
  }
  if (audio.codec == MediaCodec::Opus) {
    parameters_->sample_rate = 48000;
    // The channel count stands in the OpusHead; the decoder wants it beforehand.
    const int channels = size >= 10 && audio.data[9] > 0 ? audio.data[9] : 2;
    av_channel_layout_default(&parameters_->ch_layout, channels);
  }
  DecoderSpec spec;
  spec.parameters = parameters_.get();
  spec.live = true;
  std::string why;
  codec_ = openDecoder(spec, why);
  if (codec_ == nullptr) {
    job_.counters.decodeErrors++;
    sendError("AUDIO_CODEC", why);
  }
}

void LiveAudio::push(const FlvAudio& audio, int64_t ptsUs, int64_t arrivalUs, uint32_t epoch) {
  if (audio.packet == FlvPacket::Ignore) return;
  if (audio.codec == MediaCodec::Unknown) return;
  if (audio.packet == FlvPacket::Sequence) {
    configure(audio);
    return;
  }
  if (audio.codec == MediaCodec::Aac || audio.codec == MediaCodec::Opus || audio.codec == MediaCodec::Flac) {
    // Without its header such sound cannot be read.
    if (parameters_ == nullptr || parameters_->codec_id != avCodecId(audio.codec)) return;
  } else {
    configure(audio);
  }
  if (codec_ == nullptr || audio.size == 0) return;
  if (epoch != epoch_) {
    epoch_ = epoch;
    sight_.forget();
    avcodec_flush_buffers(codec_.get());
    normalizer_.beginEpoch(epoch);
  }
  if (av_new_packet(packet_.get(), int(audio.size)) < 0) return;
  memcpy(packet_->data, audio.data, audio.size);
  packet_->pts = packet_->dts = ptsUs;
  const int sent = avcodec_send_packet(codec_.get(), packet_.get());
  av_packet_unref(packet_.get());
  if (sent < 0) job_.counters.decodeErrors++;
  double at = double(ptsUs);
  while (avcodec_receive_frame(codec_.get(), frame_.get()) >= 0) {
    if (frame_->sample_rate <= 0) continue;
    job_.format.setAudio(avcodec_get_name(codec_->codec_id), frame_->sample_rate, frame_->ch_layout.nb_channels);
    if (frame_->pts != AV_NOPTS_VALUE) at = double(frame_->pts);
    normalizer_.push(*frame_, at, arrivalUs);
    at += double(frame_->nb_samples) * 1e6 / frame_->sample_rate;
  }
}

}  // namespace vistter::decoder
