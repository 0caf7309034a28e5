// Mixes for listening, beside the program: some sources as they come in, or the program as it goes out. The render thread
// fills each one's queue, the JS thread empties it, and neither waits for the other; a queue that is full loses what is new.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mixer/mixer.h"

namespace vistter {

struct MonitorWish {
  int id = 0;
  std::vector<std::string> sources;  // By their soundId; none: the program.
  bool operator==(const MonitorWish& o) const { return id == o.id && sources == o.sources; }
};

struct MonitorSound {
  int id = 0;
  int64_t at = 0;                 // Number of its first sample frame since the mix began, lost ones included.
  std::vector<int16_t> samples;   // 48 kHz stereo.
};

class Monitor {
 public:
  static constexpr size_t kMost = 8;
  static constexpr size_t kMostSources = 64;

  explicit Monitor(MonitorWish wish);

  const MonitorWish wish;

  // Render thread.
  bool hears(const std::string& soundId) const;
  bool hearsProgram() const { return wish.sources.empty(); }
  void begin(int frames);
  void add(const float* samples);
  /// Ends the chunk that was added up.
  void finish();
  /// A whole chunk, as it is.
  void push(const float* samples, int frames);

  // JS thread.
  MonitorSound fetch();

 private:
  static constexpr uint64_t kSize = 1 << 15;  // Sample frames: two thirds of a second.

  std::vector<float> bus_;
  int frames_ = 0;
  Limiter limiter_;
  const std::unique_ptr<int16_t[]> queue_{new int16_t[kSize * 2]};
  std::atomic<uint64_t> written_{0}, read_{0}, lost_{0};
  uint64_t lostBefore_ = 0;  // The JS thread's: as of its last fetch.
};

}  // namespace vistter
