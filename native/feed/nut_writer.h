// Muxes frames and sound into NUT on a pipe, without copying pixels in user space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "clock/frame_clock.h"
#include "compositor/picture.h"

struct AVFormatContext;
struct AVIOContext;
struct AVPacket;

namespace vistter {

class NutWriter {
 public:
  enum class Result { Ok, Cancelled, Broken };

  /// Writes to `pipe`, which is non-blocking; when `cancel` (an eventfd) becomes readable, waiting ends.
  NutWriter(int pipe, int cancel, int width, int height, FrameClock clock);
  ~NutWriter();

  /// Frame number `index` of this stream, from 0. Tight I420 of the stream's size.
  Result video(const Picture& picture, int64_t index);
  /// Sound that begins `at` samples after the stream's beginning.
  Result sound(const float* samples, int frames, int64_t at);
  Result finish();

 private:
  static int writeOut(void* self, uint8_t* data, int size);
  Result begin();
  Result ended(int code);
  Result put(const void* data, size_t size, int stream, int64_t pts, int64_t duration);

  const int pipe_, cancel_, width_, height_;
  const FrameClock clock_;
  AVFormatContext* format_ = nullptr;
  AVIOContext* io_ = nullptr;
  AVPacket* packet_ = nullptr;
  bool begun_ = false;
  Result result_ = Result::Ok;
};

}  // namespace vistter
