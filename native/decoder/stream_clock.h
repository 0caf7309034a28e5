// A camera's own timestamps → continuous source time in µs.
//
// Wire timestamps are 32 bits of milliseconds that wrap (at 2^32 by the book, at 2^31 and 2^24 by some senders), begin
// anywhere, and jump when an encoder restarts, switches scenes or corrects its clock. Here they become a time that only
// goes on:
//   * The first tag ever lies at its arrival time (CLOCK_MONOTONIC), and from there the camera's own steps are kept.
//   * A step backwards, or forwards by more than 2 s that did not take as long to arrive, is a jump: time goes on from
//     the last tag by as much as passed on the wall, and the other track follows over the same mapping as soon as it
//     jumps too, so sound and picture stay as they were to one another.
//   * A stall of the network is not a jump: what was held up keeps its own times.
//   * After `lost`, the next tag is anchored to its arrival anew and `epoch` grows; after `quiet`, only if the timestamps do
//     not simply go on. So an epoch means: the stream was away and has come back with another time.
#pragma once

#include <cstdint>

namespace vistter::decoder {

/// From one wire timestamp to the next, in ms, wraps at 2^32, 2^31 and 2^24 undone.
int64_t timestampStepMs(uint32_t last, uint32_t next);

class StreamClock {
 public:
  enum Track { Video = 0, Audio = 1 };

  struct Time {
    int64_t us = 0;         // Continuous source time of the tag's decode timestamp.
    uint32_t epoch = 0;
    bool jumped = false;    // This tag set a new mapping.
    int64_t deltaMs = 0;    // By how much its timestamp missed where it was expected.
  };

  Time map(Track track, uint32_t wireMs, int64_t arrivalUs);

  /// The connection broke: whatever comes next has nothing to do with what was.
  void lost();
  /// Nothing came for a while on a connection that is still open.
  void quiet() { away_ = true; }
  /// A header came in mid-stream: another encoder may have taken over, so look closer at the next timestamps.
  void headerSeen();

  uint32_t epoch() const { return epoch_; }

 private:
  struct State {
    bool has = false;
    bool suspect = false;
    uint32_t wireMs = 0;
    int64_t rawMs = 0;      // Unwrapped, comparable between the tracks.
    int64_t offsetUs = 0;   // Source time = raw + offset.
    int64_t arrivalUs = 0;
  };

  void anchor(State& track, int64_t arrivalUs);

  State tracks_[2];
  bool everAnchored_ = false;
  bool away_ = false;
  uint32_t epoch_ = 0;
  int64_t lastUs_ = 0;         // Furthest source time given out, and when.
  int64_t lastArrivalUs_ = 0;
};

}  // namespace vistter::decoder
