// What every kind of source shares: the ring it fills, the wish to stop, and the counters of the `stats` event.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "ring/producer.h"

namespace vistter::decoder {

/// Sums are over the process's life; the `stats` event reports them with the averages of the last second.
struct Counters {
  std::atomic<uint64_t> framesDecoded{0};
  std::atomic<uint64_t> framesSkipped{0};   // Not decoded or not shown, to catch up.
  std::atomic<uint64_t> packetsDropped{0};  // Thrown away undecoded.
  std::atomic<uint64_t> decodeErrors{0};
  std::atomic<uint64_t> decodeUs{0};
  std::atomic<uint64_t> convertUs{0};
  std::atomic<uint64_t> framesConverted{0};
  std::atomic<uint64_t> silenceSamples{0};  // Filled into gaps of the sound.
  std::atomic<uint64_t> cutSamples{0};      // Cut where sound overlapped.
  std::atomic<uint64_t> bytesRead{0};
  std::atomic<uint64_t> reconnects{0};
  std::atomic<uint64_t> jumps{0};
  std::atomic<int64_t> lagUs{0};            // How long the newest picture waited for the decoder.
  // Since when the thread of the pictures has been at one step: a codec that hangs counts nothing else. 0: it has nothing to do.
  std::atomic<int64_t> pictureStepUs{0};
};

/// What the stream is made of. The whole of it is sent as a `format` event whenever a part of it changes.
class Format {
 public:
  /// With `more` the event waits for the other part, which follows at once.
  void setVideo(int width, int height, double fps, const char* codec, bool more = false);
  void setAudio(const char* codec, int sampleRate, int channels);
  void setDurationMs(int64_t durationMs) { durationMs_ = durationMs; }
  /// Sends what is known once more: the stream is back, and whoever heard of a fault in between may forget it.
  void repeat();

 private:
  void send() const;
  std::mutex mutex_;
  int width_ = 0;
  int height_ = 0;
  double fps_ = 0;
  std::string videoCodec_;
  std::string audioCodec_;
  int sampleRate_ = 0;
  int channels_ = 0;
  int64_t durationMs_ = -1;
};

class Job {
 public:
  explicit Job(RingHeader* ring) : ring(ring) {}

  RingProducer ring;
  Counters counters;
  Format format;

  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }
  void stop() {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    woken_.notify_all();
  }
  /// Sleeps; wakes early when the job stops. Returns whether it goes on.
  bool sleepUs(int64_t us) {
    std::unique_lock<std::mutex> lock(mutex_);
    woken_.wait_for(lock, std::chrono::microseconds(us), [this] { return stopping(); });
    return !stopping();
  }

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  std::atomic<bool> stopping_{false};
};

/// One kind of source. `run` is called on a thread of its own and returns when the job stops, or when there is nothing
/// left to do but to keep what was written (then with `keep`).
class Source {
 public:
  enum class End { Stopped, Keep, Failed };
  virtual ~Source() = default;
  virtual End run() = 0;
  /// Goes to a position, µs from the in-point. Sources without one ignore it.
  virtual void seek(int64_t) {}
  /// The job stops: ends every wait of the source's own.
  virtual void wake() {}
};

}  // namespace vistter::decoder
