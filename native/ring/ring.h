// The ring: shared memory between one decoder process (producer) and the compositor (consumer).
//
// It lives in a memfd that the engine creates, maps and hands to the decoder child as file descriptor 3, so it
// vanishes with its last user however that ends. One ring serves one life of one decoder: a new child gets a new ring.
//
// VIDEO is a pool of slots of I420 (stride == width; chroma (w+1)/2 × (h+1)/2), limited range BT.709, with an optional
// full-size alpha plane behind V. U begins `lines` rows below Y's first, V half as many below U's: a codec that draws into
// the slot itself needs room for whole macroblocks. A slot goes Free → Writing → Ready, or back to Free undrawn (producer),
// and Ready → Held → Free (consumer). A producer may go on reading what it has published (a codec's reference), and then does not use the slot
// again until it is Free and no longer read.
//   live: with no free slot the producer takes the oldest Ready one that it does not read, and counts it in `videoDropped`.
//   file: with no free slot the producer waits, so decoding runs as far ahead as the pool is deep.
// AUDIO is one FIFO of interleaved stereo float at 48 kHz, indexed by a sample counter that never wraps.
//   live: the producer never waits; a consumer that is more than the capacity behind has lost samples and jumps.
//   file: the producer waits while `audioWritten - audioRead` would pass the capacity.
// TIME: ptsUs is the source's own time, made continuous by the decoder (unwrapped, jumps and loop joins removed), so it
// only grows within one epoch. A seek starts a new epoch; the consumer then maps it onto program time anew.
// A crashed producer can leave a slot in Writing: the consumer drops the whole ring with the child.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace vistter {

constexpr uint32_t kRingMagic = 0x474e5256;  // "VRNG"
constexpr uint32_t kRingVersion = 3;
constexpr uint32_t kMaxSlots = 96;  // What they are for is added up in src/engine/ring-slots.ts.
constexpr uint32_t kAudioRate = 48000;
constexpr uint32_t kAudioChannels = 2;

/// Slots that a producer may be reading still though they are Free. None of a small ring: it has none to spare.
constexpr uint32_t leasableSlots(uint32_t slotCount) { return slotCount >= 16 ? 6 : 0; }

enum class SlotState : uint32_t { Free = 0, Writing = 1, Ready = 2, Held = 3 };

enum class ProducerState : uint32_t {
  Opening = 0,  // The child has started; nothing is known of the stream yet.
  Waiting = 1,  // A camera that nobody publishes.
  Running = 2,
  Ended = 3,    // A file that does not loop has given its last frame. What is Ready is still to be shown.
  Failed = 4,
};

enum SlotFlags : uint32_t {
  kSlotHasAlpha = 1u << 0,
  kSlotStill = 1u << 1,  // One picture for ever (an image or colour): it never goes stale.
};

struct alignas(64) VideoSlot {
  std::atomic<uint32_t> state;  // SlotState
  uint32_t width;
  uint32_t height;
  uint32_t flags;       // SlotFlags
  int64_t ptsUs;        // Source time, see TIME above.
  int64_t durationUs;   // 0 when unknown.
  int64_t arrivalUs;    // CLOCK_MONOTONIC when the frame's last byte arrived (live) or was decoded (file).
  uint64_t sequence;    // Grows by one a frame over the ring's life.
  uint32_t epoch;
  uint32_t lines;       // Rows from Y's first to where U begins: at least `height`.
  int64_t readyUs;      // CLOCK_MONOTONIC when it became Ready; 0 when the producer does not say.
};

// Sample `sampleIndex` of the FIFO was (or will be) heard at source time `ptsUs`. Read under the seqlock: `version` is
// odd while the producer writes; read again until it is even and unchanged.
struct AudioAnchor {
  std::atomic<uint32_t> version;
  std::atomic<uint32_t> epoch;
  std::atomic<int64_t> sampleIndex;
  std::atomic<int64_t> ptsUs;
  std::atomic<int64_t> arrivalUs;
};

struct alignas(64) RingHeader {
  // Written once by the consumer before the child starts.
  uint32_t magic;
  uint32_t version;
  uint64_t totalBytes;
  uint32_t slotCount;
  uint32_t maxWidth;       // A larger picture is scaled down by the producer to fit, aspect kept.
  uint32_t maxHeight;
  uint32_t live;           // 1: live rules, 0: file rules.
  uint64_t slotBytes;      // Room of one slot: I420 of maxWidth × maxHeight plus an alpha plane.
  uint64_t videoOffset;    // From the start of the mapping to slot 0's pixels (64-byte aligned).
  uint64_t audioOffset;    // To the float FIFO.
  uint64_t audioCapacity;  // In sample frames, a power of two.

  // Written by the producer.
  alignas(64) std::atomic<uint32_t> producerState;
  std::atomic<uint64_t> videoWritten;
  std::atomic<uint64_t> videoDropped;  // Overwritten before the consumer took them (live).
  std::atomic<uint64_t> audioWritten;  // Sample frames ever written.
  AudioAnchor anchor;
  std::atomic<uint32_t> hasAudio;      // 0 until the first sample of a sound stream.
  std::atomic<uint32_t> hasVideo;

  // Written by the consumer.
  alignas(64) std::atomic<uint64_t> audioRead;

  alignas(64) VideoSlot slots[kMaxSlots];
};

static_assert(std::atomic<uint64_t>::is_always_lock_free, "the ring needs lock-free 64-bit atomics");

constexpr uint64_t alignUp(uint64_t n, uint64_t to) { return (n + to - 1) / to * to; }

constexpr uint64_t i420Bytes(uint32_t width, uint32_t height) {
  return uint64_t(width) * height + 2ull * ((width + 1) / 2) * ((height + 1) / 2);
}

/// The planes' places from the slot's first byte, for `lines` as in VideoSlot. The alpha plane begins at `end`.
struct PlaneOffsets {
  uint64_t u, v, end;
};

constexpr PlaneOffsets planeOffsets(uint32_t width, uint32_t lines) {
  const uint64_t luma = uint64_t(width) * lines, chroma = uint64_t((width + 1) / 2) * ((lines + 1) / 2);
  return {luma, luma + chroma, luma + 2 * chroma};
}

// Fills the consumer-owned fields of `header` for the given shape and returns the bytes the mapping needs. The rest of
// a fresh memfd is zero, which is Free, Opening and 0 as wanted.
inline uint64_t layOut(RingHeader& header, uint32_t slotCount, uint32_t maxWidth, uint32_t maxHeight,
                       uint64_t audioCapacity, bool live) {
  header.magic = kRingMagic;
  header.version = kRingVersion;
  header.slotCount = slotCount;
  header.maxWidth = maxWidth;
  header.maxHeight = maxHeight;
  header.live = live ? 1 : 0;
  header.slotBytes = alignUp(i420Bytes(maxWidth, maxHeight) + uint64_t(maxWidth) * maxHeight, 4096);
  header.videoOffset = alignUp(sizeof(RingHeader), 4096);
  header.audioOffset = header.videoOffset + header.slotBytes * slotCount;
  header.audioCapacity = audioCapacity;
  header.totalBytes = header.audioOffset + audioCapacity * kAudioChannels * sizeof(float);
  return header.totalBytes;
}

inline uint8_t* slotPixels(RingHeader* ring, uint32_t slot) {
  return reinterpret_cast<uint8_t*>(ring) + ring->videoOffset + ring->slotBytes * slot;
}

inline float* audioSamples(RingHeader* ring) {
  return reinterpret_cast<float*>(reinterpret_cast<uint8_t*>(ring) + ring->audioOffset);
}

}  // namespace vistter
