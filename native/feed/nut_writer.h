// Muxes frames and sound into NUT on a pipe, without copying pixels.
//
// A frame's pages are lent to the pipe (vmsplice) instead of being copied into it: at 1080p30 that saves a hundredth of a
// core and more. The price is that nobody may change them before they are read, so the frame is held until the pipe has
// been emptied that far. Where the system refuses, and for all that is small, it is an ordinary write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
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

  /// Frame number `index` of this stream, from 0. Packed I420 of the stream's size. It is kept until the reader has it.
  Result video(const PictureRef& picture, int64_t index);
  /// Sound that begins `at` samples after the stream's beginning.
  Result sound(const float* samples, int frames, int64_t at);
  /// Writes the end, and waits until the reader has all of it or is gone.
  Result finish();

 private:
  /// A frame whose pages lie in the pipe itself. The reader has it when `end` bytes have been read.
  struct Lent {
    PictureRef picture;
    int64_t end;
  };
  ssize_t push(const uint8_t* data, size_t size);
  int writeAll(const uint8_t* data, size_t size);
  bool wait();
  void takeBack();
  static int writeOut(void* self, uint8_t* data, int size);
  Result begin();
  Result ended(int code);
  Result put(const void* data, size_t size, int stream, int64_t pts, int64_t duration);

  const int pipe_, cancel_, width_, height_;
  const FrameClock clock_;
  AVFormatContext* format_ = nullptr;
  AVIOContext* io_ = nullptr;
  AVPacket* packet_ = nullptr;
  std::deque<Lent> lent_;
  PictureRef lending_;      // The frame that is being written.
  int64_t written_ = 0;     // Bytes ever.
  bool mayLend_ = true;
  bool lentSome_ = false;   // Pages of the frame that is being written lie in the pipe.
  bool begun_ = false;
  Result result_ = Result::Ok;
};

}  // namespace vistter
