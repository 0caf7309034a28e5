// Between the demuxer and its two decoders: one bounded queue each, filled by one rule. A badly interleaved file has
// seconds of one kind before the first of the other; so the demuxer goes on as long as either side lacks enough, and only
// the sum of both is bounded hard.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

#include "decoder/av.h"

namespace vistter::decoder {

struct FileItem {
  enum class Kind { Packet, Seek, LapEnd, Finish };
  Kind kind = Kind::Packet;
  PacketPtr packet;
  /// Seek: the position from the in-point. LapEnd and Finish: the lap's length, or −1 when only decoding will tell.
  int64_t us = 0;
  /// Seek: source time of the start of the lap that the position lies in.
  int64_t baseUs = 0;
  uint32_t epoch = 0;
  uint32_t generation = 0;
};

class PacketQueues {
 public:
  enum Side { Video = 0, Audio = 1 };
  static constexpr size_t kEnough = 40;
  static constexpr size_t kMaxBytes = 48u << 20;

  void use(Side side) { sides_[side].used = true; }
  bool used(Side side) const { return sides_[side].used; }

  void push(Side side, FileItem item) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!sides_[side].used || closed_) return;
    if (item.packet != nullptr) bytes_ += size_t(item.packet->size);
    sides_[side].items.push_back(std::move(item));
    changed_.notify_all();
  }

  /// Waits for the next item; false when closed.
  bool pop(Side side, FileItem& out) {
    std::unique_lock<std::mutex> lock(mutex_);
    std::deque<FileItem>& items = sides_[side].items;
    changed_.wait(lock, [&] { return closed_ || !items.empty(); });
    if (closed_) return false;
    out = std::move(items.front());
    items.pop_front();
    if (out.packet != nullptr) bytes_ -= size_t(out.packet->size);
    changed_.notify_all();
    return true;
  }

  /// Waits until the demuxer should read on, or `nudge` is called.
  void waitForRoom() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || nudged_ || !full(); });
    nudged_ = false;
  }

  /// Waits until `nudge` or `close`.
  void waitForNudge() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || nudged_; });
    nudged_ = false;
  }

  void nudge() {
    std::lock_guard<std::mutex> lock(mutex_);
    nudged_ = true;
    changed_.notify_all();
  }

  void clear() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto& side : sides_) side.items.clear();
    bytes_ = 0;
    changed_.notify_all();
  }

  void close() {
    std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  bool full() const {
    if (bytes_ >= kMaxBytes) return true;
    for (const auto& side : sides_) {
      if (side.used && side.items.size() < kEnough) return false;
    }
    return true;
  }

  struct Queue {
    bool used = false;
    std::deque<FileItem> items;
  };
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Queue sides_[2];
  size_t bytes_ = 0;
  bool nudged_ = false;
  bool closed_ = false;
};

}  // namespace vistter::decoder
