#include "decoder/audio_normalizer.h"

#include "decoder/events.h"

namespace vistter::decoder {

AudioNormalizer::AudioNormalizer(Job& job, AudioTimeline::Rules rules, std::function<bool()> wanted, Heard heard)
    : job_(job), heard_(std::move(heard)), writer_(job), timeline_(rules, [this, wanted = std::move(wanted)](const float* samples, size_t frames, double ptsUs) {
        return writer_.write(samples, frames, ptsUs, epoch_, arrivalUs_, wanted);
      }) {}

void AudioNormalizer::beginEpoch(uint32_t epoch) {
  epoch_ = epoch;
  resampler_.reset();
  timeline_.reset();
}

bool AudioNormalizer::write(int samples, double ptsUs) {
  if (samples <= 0) return true;
  if (heard_) heard_(resampler_.samples(), size_t(samples));
  const bool on = timeline_.push(resampler_.samples(), size_t(samples), ptsUs);
  job_.counters.silenceSamples = timeline_.filled();
  job_.counters.cutSamples = timeline_.cut();
  return on;
}

bool AudioNormalizer::push(const AVFrame& frame, double ptsUs, int64_t arrivalUs) {
  if (frame.nb_samples <= 0) return true;
  arrivalUs_ = arrivalUs;
  if (resampler_.changesWith(frame) && !drain()) return false;
  double delayUs = 0;
  const int samples = resampler_.convert(frame, delayUs);
  if (samples < 0) {
    job_.counters.decodeErrors++;
    sendError("SOUND_FORMAT", "The sound has a format that cannot be played.");
    return true;
  }
  endUs_ = ptsUs + double(frame.nb_samples) * 1e6 / frame.sample_rate;
  return write(samples, ptsUs - delayUs);
}

bool AudioNormalizer::drain() {
  double delayUs = 0;
  const int samples = resampler_.drain(delayUs);
  return write(samples, endUs_ - delayUs);
}

}  // namespace vistter::decoder
