// One encoder's input: a pipe, and a thread that fills it with frames and sound.
//
// The render thread hands over one item a tick and never waits. Frames wait in a queue of fixed length; when the encoder
// is slower than the program the newest frame is dropped and counted. Its sound is kept, so sound has no holes and
// timestamps say where the frame is missing. An encoder that reads nothing for kItems ticks counts as broken.
#pragma once

#include <atomic>
#include <array>
#include <memory>
#include <thread>
#include <vector>

#include "clock/frame_clock.h"
#include "compositor/picture.h"

namespace vistter {

using SoundChunk = std::shared_ptr<const std::vector<float>>;

class Feed {
 public:
  struct Stats {
    int queued, capacity;
    uint64_t written, dropped;
    int64_t progressUs, firstFrame;
    bool broken;
  };

  /// Makes the pipe and starts the thread. `readFd` becomes the encoder's end, the caller's to close.
  /// Null when the system has no descriptors left.
  static std::shared_ptr<Feed> open(int id, int queueFrames, int width, int height, FrameClock clock, int& readFd);
  /// Cancels what is being written; does not wait for the reader.
  ~Feed();

  /// Settles which frame timestamps count from, before the first push: the encoder is told before it starts.
  void beginAt(int64_t frame);
  /// Render thread: frame `n`, and the sound of frame `soundFrame`, which is an earlier one.
  void push(int64_t n, PictureRef picture, int64_t soundFrame, SoundChunk sound);
  /// Render thread: nothing more will come. What is queued is still written.
  void finish();
  /// Stops writing now.
  void cancel();
  /// Everything is written, or will never be.
  bool done() const { return done_.load(std::memory_order_acquire); }
  Stats stats() const;
  const int id;

 private:
  static constexpr uint32_t kItems = 1024;
  struct Item {
    int64_t frame = -1;
    PictureRef picture;  // Null: dropped, or only sound.
    int64_t soundFrame = -1;
    SoundChunk sound;
  };

  Feed(int id, int capacity, int width, int height, FrameClock clock, int pipe, int wake, int cancel);
  void run();
  bool write(class NutWriter& writer, const Item& item);

  const int capacity_, width_, height_;
  const FrameClock clock_;
  const int pipe_, wake_, cancel_;
  std::array<Item, kItems> items_;
  std::atomic<uint32_t> pushed_{0}, popped_{0};  // Ever; the render thread's and the writer's.
  std::atomic<int> queued_{0};
  std::atomic<uint64_t> written_{0}, dropped_{0};
  std::atomic<int64_t> progressUs_{0}, firstFrame_{-1};
  std::atomic<bool> broken_{false}, finishing_{false}, done_{false};
  std::thread thread_;
};

}  // namespace vistter
