// Packets on their way from whoever reads to whoever decodes; the reader waits while they take more room than they may.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>

#include "decoder/av.h"

namespace vistter::features {

struct Parcel {
  /// Null: what belonged together ends here.
  decoder::PacketPtr packet;
  /// Which group of pictures, counted in the order of the file.
  int64_t group = 0;
  /// Of a picture that is only set beside the keyframe before it.
  bool isBeside = false;
};

class PacketQueue {
 public:
  /// Whoever takes is woken when `batch` parcels lie ready: for packets of sound, which are small, waking costs more than decoding.
  explicit PacketQueue(int64_t mostBytes, size_t batch = 1) : mostBytes_(mostBytes), batch_(batch) {}

  void push(Parcel parcel) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (bytes_ >= mostBytes_) room_.wait(lock, [&] { return bytes_ < mostBytes_ / 2; });
    bytes_ += bytesOf(parcel);
    parcels_.push_back(std::move(parcel));
    if (isReady()) filled_.notify_one();
  }

  void close() {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    filled_.notify_all();
  }

  /// Waits. False when it is closed and empty.
  bool pop(Parcel& out) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (parcels_.empty()) filled_.wait(lock, [&] { return isReady(); });
    if (parcels_.empty()) return false;
    out = std::move(parcels_.front());
    parcels_.pop_front();
    bytes_ -= bytesOf(out);
    if (bytes_ < mostBytes_ / 2) room_.notify_one();
    return true;
  }

  int64_t bytes() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return bytes_;
  }

 private:
  /// With what libav keeps beside the bytes.
  static int64_t bytesOf(const Parcel& parcel) { return parcel.packet != nullptr ? parcel.packet->size + 512 : 64; }

  bool isReady() const { return parcels_.size() >= batch_ || bytes_ >= mostBytes_ || closed_; }

  const int64_t mostBytes_;
  const size_t batch_;
  std::mutex mutex_;
  std::condition_variable room_, filled_;
  std::deque<Parcel> parcels_;
  int64_t bytes_ = 0;
  bool closed_ = false;
};

}  // namespace vistter::features
