// The producer's side of the ring. What it adds to the contract in ring.h:
//
// PICTURES. `claim` → draw into `pixels` → `publish`. The alpha plane, where kSlotHasAlpha is set, is straight (colour is
// not multiplied by it) and full range. Chroma sits as in H.264 (left), as near as makes no difference to a mixer.
// EPOCHS. The slot's own epoch and the anchor's are what counts. Ready slots of an older epoch may be taken back by the
// producer, so a seek never waits for a consumer that has stopped taking. Samples of the FIFO before the anchor of a new
// epoch are void: a consumer that sees a new anchor epoch sets `audioRead` to the anchor's sampleIndex, whereupon writing
// goes on.
// Under file rules the first anchor of an epoch stands until the consumer has read past it: a later one would hide where
// the epoch's sound begins from a consumer that has not begun to play it.
// LEASES. `lease` gives a slot to somebody who goes on reading it after it was published, and is told of the end of that
// by `endLease`. There is one such reader: a codec that draws into the slot and refers to it for later pictures.
// SAMPLES between two anchors lie at exactly 1/48000 s from one another; the newest anchor is the one to go by.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstring>

#include "ring/ring.h"

namespace vistter {

inline int64_t monotonicUs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t(now.tv_sec) * 1000000 + now.tv_nsec / 1000;
}

/// Whether `ring`, of `mappedBytes`, keeps within its own bounds. A producer checks this before it writes anything.
inline bool ringIsSound(const RingHeader* ring, uint64_t mappedBytes) {
  if (mappedBytes < sizeof(RingHeader)) return false;
  if (ring->magic != kRingMagic || ring->version != kRingVersion) return false;
  if (ring->slotCount == 0 || ring->slotCount > kMaxSlots) return false;
  if (ring->maxWidth < 2 || ring->maxHeight < 2 || ring->maxWidth > 16384 || ring->maxHeight > 16384) return false;
  const uint64_t pixels = uint64_t(ring->maxWidth) * ring->maxHeight;
  if (ring->slotBytes < i420Bytes(ring->maxWidth, ring->maxHeight) + pixels) return false;
  if (ring->videoOffset < sizeof(RingHeader) || ring->videoOffset % 64 != 0) return false;
  if (ring->audioCapacity == 0 || (ring->audioCapacity & (ring->audioCapacity - 1)) != 0) return false;
  if (ring->audioOffset < ring->videoOffset + ring->slotBytes * ring->slotCount) return false;
  const uint64_t end = ring->audioOffset + ring->audioCapacity * kAudioChannels * sizeof(float);
  return end <= ring->totalBytes && ring->totalBytes <= mappedBytes;
}

/// What is known of a picture when it is published. Times as in VideoSlot.
struct PictureInfo {
  uint32_t width = 0;
  uint32_t height = 0;
  uint32_t flags = 0;
  uint32_t lines = 0;  // As in VideoSlot; 0: `height`.
  int64_t ptsUs = 0;
  int64_t durationUs = 0;
  int64_t arrivalUs = 0;
  uint32_t epoch = 0;
};

/// Writes pictures and samples. Pictures may come from one thread and samples from another; not two of a kind.
class RingProducer {
 public:
  explicit RingProducer(RingHeader* ring) : ring_(ring) {}

  RingHeader* header() const { return ring_; }
  bool live() const { return ring_->live != 0; }

  void setState(ProducerState state) { ring_->producerState.store(uint32_t(state), std::memory_order_release); }

  /// Takes a slot to draw into: a Free one, else one of an epoch before `epoch`, else (live) the oldest Ready one.
  /// Returns its index, or -1 when the consumer holds them all (live) or the ring is full (file).
  int claim(uint32_t epoch) {
    for (int attempt = 0; attempt < 8; attempt++) {
      // The lowest free one first: a pool that is mostly empty then stays within the processor's cache.
      int oldest = -1;
      bool stale = false;
      uint64_t oldestSequence = ~0ull;
      for (uint32_t i = 0; i < ring_->slotCount; i++) {
        VideoSlot& slot = ring_->slots[i];
        if (leased_[i].load(std::memory_order_acquire)) continue;
        uint32_t state = slot.state.load(std::memory_order_acquire);
        if (state == uint32_t(SlotState::Free)) {
          if (slot.state.compare_exchange_strong(state, uint32_t(SlotState::Writing), std::memory_order_acq_rel)) return int(i);
        } else if (state == uint32_t(SlotState::Ready) && slot.sequence < oldestSequence) {
          oldest = int(i);
          oldestSequence = slot.sequence;
          stale = int32_t(slot.epoch - epoch) < 0;
        }
      }
      if (oldest < 0 || (!live() && !stale)) return -1;
      uint32_t ready = uint32_t(SlotState::Ready);
      if (ring_->slots[oldest].state.compare_exchange_strong(ready, uint32_t(SlotState::Writing), std::memory_order_acq_rel)) {
        if (!stale) ring_->videoDropped.fetch_add(1, std::memory_order_relaxed);
        return oldest;
      }
    }
    return -1;
  }

  /// A Free slot to draw into and to read beyond its publication. -1: none, or as many as may be are lent already.
  int lease() {
    uint32_t count = 0;
    for (uint32_t i = 0; i < ring_->slotCount; i++) count += leased_[i].load(std::memory_order_relaxed) ? 1 : 0;
    if (count >= leasableSlots(ring_->slotCount)) return -1;
    for (uint32_t i = 0; i < ring_->slotCount; i++) {
      if (leased_[i].load(std::memory_order_acquire)) continue;
      uint32_t free = uint32_t(SlotState::Free);
      if (!ring_->slots[i].state.compare_exchange_strong(free, uint32_t(SlotState::Writing), std::memory_order_acq_rel)) continue;
      leased_[i].store(true, std::memory_order_release);
      return int(i);
    }
    return -1;
  }

  /// The lessee reads it no more. From any thread. One that was not published is Free.
  void endLease(int slot) {
    uint32_t writing = uint32_t(SlotState::Writing);
    ring_->slots[slot].state.compare_exchange_strong(writing, uint32_t(SlotState::Free), std::memory_order_acq_rel);
    leased_[slot].store(false, std::memory_order_release);
  }

  uint8_t* pixels(int slot) const { return slotPixels(ring_, uint32_t(slot)); }

  /// False: it is published already. The consumer may have it in its hands, so it is left as it is.
  bool publish(int index, const PictureInfo& info) {
    VideoSlot& slot = ring_->slots[index];
    if (slot.state.load(std::memory_order_acquire) != uint32_t(SlotState::Writing)) return false;
    slot.width = info.width;
    slot.height = info.height;
    slot.flags = info.flags;
    slot.lines = info.lines != 0 ? info.lines : info.height;
    slot.ptsUs = info.ptsUs;
    slot.durationUs = info.durationUs;
    slot.arrivalUs = info.arrivalUs;
    slot.epoch = info.epoch;
    slot.sequence = ++sequence_;
    slot.readyUs = monotonicUs();
    slot.state.store(uint32_t(SlotState::Ready), std::memory_order_release);
    ring_->videoWritten.fetch_add(1, std::memory_order_relaxed);
    ring_->hasVideo.store(1, std::memory_order_release);
    return true;
  }

  /// Gives a claimed slot back undrawn.
  void abandon(int slot) { ring_->slots[slot].state.store(uint32_t(SlotState::Free), std::memory_order_release); }

  /// Sample frames that may be written now without passing the capacity. Under live rules there is always room.
  uint64_t audioRoom() const {
    if (live()) return ring_->audioCapacity;
    const uint64_t written = ring_->audioWritten.load(std::memory_order_relaxed);
    const uint64_t read = std::min(written, ring_->audioRead.load(std::memory_order_acquire));
    const uint64_t waiting = written - read;
    return waiting >= ring_->audioCapacity ? 0 : ring_->audioCapacity - waiting;
  }

  uint64_t audioWritten() const { return ring_->audioWritten.load(std::memory_order_relaxed); }

  /// Says that the sample written next is heard at `ptsUs`.
  void anchorAudio(uint32_t epoch, int64_t ptsUs, int64_t arrivalUs) {
    AudioAnchor& anchor = ring_->anchor;
    const uint32_t version = anchor.version.load(std::memory_order_relaxed);
    const bool sameEpoch = version > 0 && epoch == anchor.epoch.load(std::memory_order_relaxed);
    if (!sameEpoch) epochBegins_ = audioWritten();
    if (!live() && sameEpoch && ring_->audioRead.load(std::memory_order_acquire) <= epochBegins_) return;
    anchor.version.store(version + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    anchor.epoch.store(epoch, std::memory_order_relaxed);
    anchor.sampleIndex.store(int64_t(audioWritten()), std::memory_order_relaxed);
    anchor.ptsUs.store(ptsUs, std::memory_order_relaxed);
    anchor.arrivalUs.store(arrivalUs, std::memory_order_relaxed);
    anchor.version.store(version + 2, std::memory_order_release);
  }

  /// Appends interleaved stereo; `samples` null writes silence. `frames` must not be above `audioRoom()`.
  void writeAudio(const float* samples, uint64_t frames) {
    const uint64_t capacity = ring_->audioCapacity;
    uint64_t written = audioWritten();
    float* fifo = audioSamples(ring_);
    while (frames > 0) {
      const uint64_t at = written & (capacity - 1);
      const uint64_t run = std::min(frames, capacity - at);
      float* to = fifo + at * kAudioChannels;
      if (samples != nullptr) {
        std::memcpy(to, samples, run * kAudioChannels * sizeof(float));
        samples += run * kAudioChannels;
      } else {
        std::memset(to, 0, run * kAudioChannels * sizeof(float));
      }
      written += run;
      frames -= run;
    }
    ring_->audioWritten.store(written, std::memory_order_release);
    ring_->hasAudio.store(1, std::memory_order_release);
  }

 private:
  RingHeader* ring_;
  std::atomic<bool> leased_[kMaxSlots] = {};
  uint64_t sequence_ = 0;
  uint64_t epochBegins_ = 0;  // The first sample of the sound's epoch.
};

}  // namespace vistter
