#include "decoder/job.h"

#include "decoder/events.h"

namespace vistter::decoder {

void Format::setVideo(int width, int height, double fps, const char* codec, bool more) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (width == width_ && height == height_ && fps == fps_ && videoCodec_ == codec) return;
  width_ = width;
  height_ = height;
  fps_ = fps;
  videoCodec_ = codec;
  if (!more) send();
}

void Format::setAudio(const char* codec, int sampleRate, int channels) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (sampleRate == sampleRate_ && channels == channels_ && audioCodec_ == codec) return;
  audioCodec_ = codec;
  sampleRate_ = sampleRate;
  channels_ = channels;
  send();
}

void Format::repeat() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!videoCodec_.empty() || !audioCodec_.empty()) send();
}

void Format::send() const {
  Event event("format");
  event.add("width", width_).add("height", height_).add("fps", fps_).add("videoCodec", videoCodec_);
  event.add("audioCodec", audioCodec_).add("sampleRate", sampleRate_).add("channels", channels_);
  if (durationMs_ >= 0) event.add("durationMs", durationMs_);
  event.send();
}

}  // namespace vistter::decoder
