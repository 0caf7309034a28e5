#include "mixer/monitor.h"

#include <algorithm>
#include <cmath>

#include "mixer/sound_reader.h"

namespace vistter {

Monitor::Monitor(MonitorWish w) : wish(std::move(w)) { bus_.reserve(size_t(SoundReader::kMaxChunk) * 2); }

bool Monitor::hears(const std::string& soundId) const {
  return std::find(wish.sources.begin(), wish.sources.end(), soundId) != wish.sources.end();
}

void Monitor::begin(int frames) {
  frames_ = frames;
  bus_.assign(size_t(frames) * 2, 0.0f);
}

void Monitor::add(const float* samples) {
  for (size_t i = 0; i < bus_.size(); i++) bus_[i] += samples[i];
}

void Monitor::finish() {
  limiter_.run(bus_.data(), frames_);
  push(bus_.data(), frames_);
}

void Monitor::push(const float* samples, int frames) {
  const uint64_t written = written_.load(std::memory_order_relaxed);
  if (written + uint64_t(frames) - read_.load(std::memory_order_acquire) > kSize) {
    lost_.fetch_add(uint64_t(frames), std::memory_order_relaxed);
    return;
  }
  for (int i = 0; i < frames; i++) {
    int16_t* to = &queue_[2 * ((written + uint64_t(i)) & (kSize - 1))];
    for (int c = 0; c < 2; c++) to[c] = int16_t(std::lround(std::clamp(samples[2 * i + c], -1.0f, 1.0f) * 32767));
  }
  written_.store(written + uint64_t(frames), std::memory_order_release);
}

MonitorSound Monitor::fetch() {
  const uint64_t read = read_.load(std::memory_order_relaxed);
  const uint64_t written = written_.load(std::memory_order_acquire);
  MonitorSound sound{wish.id, int64_t(read + lostBefore_), {}};
  sound.samples.reserve(size_t(written - read) * 2);
  for (uint64_t i = read; i < written; i++) {
    const int16_t* from = &queue_[2 * (i & (kSize - 1))];
    sound.samples.insert(sound.samples.end(), from, from + 2);
  }
  // What was lost came when the queue was full, so behind all that is in it.
  lostBefore_ = lost_.load(std::memory_order_relaxed);
  read_.store(written, std::memory_order_release);
  return sound;
}

}  // namespace vistter
