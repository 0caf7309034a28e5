// The consumer's side of the ring: makes the memfd, takes pictures out of it and reads its sound.
//
// The consumer takes every Ready slot it sees into its own hands at once (Ready → Held) and only then reads what is
// written about it, so it never reads a slot that the producer may be changing. What it does not want to keep it gives
// back. The shape of the ring is remembered on this side: a producer gone mad can spoil pixels, never our bounds.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "ring/ring.h"

namespace vistter {

/// One ring's mapping. Lives as long as anybody holds one of its pictures.
class Ring {
 public:
  struct Taken {
    uint32_t slot;
    uint32_t width;
    uint32_t height;
    uint32_t flags;
    uint32_t lines;
    int64_t ptsUs;
    int64_t durationUs;
    int64_t readyUs;  // When it could be shown, as near as the producer says.
    uint64_t sequence;
    uint32_t epoch;
  };

  struct Anchor {
    uint32_t epoch = 0;
    int64_t sampleIndex = 0;
    int64_t ptsUs = 0;
    int64_t arrivalUs = 0;
    bool valid = false;
  };

  /// Makes a fresh ring. `fd` is for the producer and is the caller's to close. Null when memory is refused.
  static std::unique_ptr<Ring> create(uint32_t slots, uint32_t maxWidth, uint32_t maxHeight, uint64_t audioCapacity,
                                      bool live, int& fd) {
    RingHeader shape{};
    const uint64_t bytes = layOut(shape, std::min(slots, kMaxSlots), maxWidth, maxHeight, audioCapacity, live);
    fd = memfd_create("vistter-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return nullptr;
    void* memory = MAP_FAILED;
    if (ftruncate(fd, off_t(bytes)) == 0) {
      // Sealed, so that nobody can shorten it under our feet: reading past the end would kill the engine.
      fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
      memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (memory == MAP_FAILED) {
      close(fd);
      fd = -1;
      return nullptr;
    }
    auto* header = static_cast<RingHeader*>(memory);
    layOut(*header, std::min(slots, kMaxSlots), maxWidth, maxHeight, audioCapacity, live);
    return std::unique_ptr<Ring>(new Ring(header, bytes));
  }

  ~Ring() { munmap(header_, bytes_); }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  uint32_t slotCount() const { return slotCount_; }
  bool live() const { return live_; }
  RingHeader* header() const { return header_; }

  ProducerState producerState() const { return ProducerState(header_->producerState.load(std::memory_order_acquire)); }
  bool hasVideo() const { return header_->hasVideo.load(std::memory_order_acquire) != 0; }
  bool hasAudio() const { return header_->hasAudio.load(std::memory_order_acquire) != 0; }
  uint64_t videoDropped() const { return header_->videoDropped.load(std::memory_order_relaxed); }

  /// Takes all that is Ready, oldest first; `nowUs` is CLOCK_MONOTONIC. A slot whose own words make no sense is given
  /// back at once; one that says it became ready before there was time, or in a second or more, became ready now.
  void take(std::vector<Taken>& into, int64_t nowUs) {
    into.clear();
    for (uint32_t i = 0; i < slotCount_; i++) {
      VideoSlot& slot = header_->slots[i];
      uint32_t ready = uint32_t(SlotState::Ready);
      // A producer gone mad may say Ready of what is in our hands.
      if (mine_[i].load(std::memory_order_acquire) || slot.state.load(std::memory_order_relaxed) != ready) continue;
      if (!slot.state.compare_exchange_strong(ready, uint32_t(SlotState::Held), std::memory_order_acq_rel)) continue;
      mine_[i].store(true, std::memory_order_relaxed);
      held_.fetch_add(1, std::memory_order_relaxed);
      Taken t{i, slot.width, slot.height, slot.flags, slot.lines, slot.ptsUs, slot.durationUs, slot.readyUs, slot.sequence, slot.epoch};
      if (t.readyUs == 0) t.readyUs = slot.arrivalUs;
      if (t.readyUs <= 0 || t.readyUs > nowUs + kMostAheadUs) t.readyUs = nowUs;
      if (t.durationUs < 0 || t.durationUs > kMostUs) t.durationUs = 0;
      t.flags &= kSlotHasAlpha | kSlotStill;
      if (t.width < 2 || t.height < 2 || t.width > maxWidth_ || t.height > maxHeight_ || !fits(t) || !sane(t.ptsUs)) {
        release(i);
        continue;
      }
      into.push_back(t);
    }
    std::sort(into.begin(), into.end(), [](const Taken& a, const Taken& b) { return a.sequence < b.sequence; });
  }

  /// Gives a held slot back. May be called from any thread.
  void release(uint32_t slot) {
    mine_[slot].store(false, std::memory_order_release);
    header_->slots[slot].state.store(uint32_t(SlotState::Free), std::memory_order_release);
    held_.fetch_sub(1, std::memory_order_relaxed);
  }

  /// Slots that the producer can draw into, even if it still reads as many as it may.
  uint32_t free() const {
    const uint32_t taken = held_.load(std::memory_order_relaxed) + (live_ ? leasableSlots(slotCount_) : 0);
    return slotCount_ - std::min(slotCount_, taken);
  }

  const uint8_t* pixels(uint32_t slot) const {
    return reinterpret_cast<const uint8_t*>(header_) + videoOffset_ + slotBytes_ * slot;
  }

  const float* audio() const {
    return reinterpret_cast<const float*>(reinterpret_cast<const uint8_t*>(header_) + audioOffset_);
  }
  uint64_t audioCapacity() const { return audioCapacity_; }
  uint64_t audioWritten() const { return std::min(header_->audioWritten.load(std::memory_order_acquire), uint64_t(kMostUs)); }
  void setAudioRead(uint64_t read) { header_->audioRead.store(read, std::memory_order_release); }

  /// The newest anchor; not valid before the first one, when the producer is in the middle of writing it, or when it
  /// makes no sense.
  Anchor anchor() const {
    const AudioAnchor& a = header_->anchor;
    for (int attempt = 0; attempt < 4; attempt++) {
      const uint32_t before = a.version.load(std::memory_order_acquire);
      if (before == 0) return {};
      if (before & 1) continue;
      Anchor read{a.epoch.load(std::memory_order_relaxed), a.sampleIndex.load(std::memory_order_relaxed),
                  a.ptsUs.load(std::memory_order_relaxed), a.arrivalUs.load(std::memory_order_relaxed), true};
      std::atomic_thread_fence(std::memory_order_acquire);
      if (a.version.load(std::memory_order_relaxed) != before) continue;
      read.valid = sane(read.ptsUs) && read.sampleIndex >= 0 && read.sampleIndex <= kMostUs;
      return read;
    }
    return {};
  }

 private:
  static constexpr int64_t kMostAheadUs = 1000000;
  static constexpr int64_t kMostUs = 1ll << 52;  // 142 years, which a double still counts exactly. The same for samples.
  bool fits(const Taken& t) const {
    if (t.lines < t.height || t.lines > 2 * maxHeight_) return false;
    const uint64_t alpha = t.flags & kSlotHasAlpha ? uint64_t(t.width) * t.height : 0;
    return planeOffsets(t.width, t.lines).end + alpha <= slotBytes_;
  }
  static bool sane(int64_t us) { return us > -kMostUs && us < kMostUs; }

  Ring(RingHeader* header, uint64_t bytes)
      : header_(header),
        bytes_(bytes),
        slotCount_(header->slotCount),
        maxWidth_(header->maxWidth),
        maxHeight_(header->maxHeight),
        live_(header->live != 0),
        slotBytes_(header->slotBytes),
        videoOffset_(header->videoOffset),
        audioOffset_(header->audioOffset),
        audioCapacity_(header->audioCapacity) {}

  RingHeader* const header_;
  const uint64_t bytes_;
  const uint32_t slotCount_, maxWidth_, maxHeight_;
  const bool live_;
  const uint64_t slotBytes_, videoOffset_, audioOffset_, audioCapacity_;
  std::atomic<bool> mine_[kMaxSlots] = {};
  std::atomic<uint32_t> held_{0};
};

}  // namespace vistter
