// Reads one source's sound at the place that program time asks for.
//
// Normally samples are copied as they are. When the place wanted drifts away from the place read, the pace changes by at
// most 0.3 % until it fits again (cubic interpolation); when it is far away, reading jumps there with a short
// cross-fade. What is not there yet is silence, faded into and out of.
//
// Pure: works on any memory; one thread.
#pragma once

#include <cstdint>

namespace vistter {

/// A ring of interleaved stereo samples, of which `written` were ever written.
struct SoundFifo {
  const float* samples;
  uint64_t capacity;  // A power of two, in sample frames.
  uint64_t written;
  /// The producer writes on while we read. A file's does not: it waits for room, and keeps its FIFO full to the brim.
  bool live = true;
};

class SoundReader {
 public:
  static constexpr int kMaxChunk = 8192;

  /// Reads `count` ≤ kMaxChunk sample frames into `out`. `wanted` is where in the FIFO they should begin (with a
  /// fraction); `jump`: go there at once. `finished`: nothing more will be written, so running dry is no underrun.
  /// Returns the number of sample frames that are real, not silence for want of any.
  int read(const SoundFifo& fifo, double wanted, int count, bool jump, bool finished, float* out);

  /// Fades out what is playing and stops: pause, or the source is gone.
  void stop(const SoundFifo& fifo, int count, float* out);

  /// Forgets the FIFO: another ring or epoch. The next read starts without a fade if `exact`.
  void reset(bool exact);

  bool running() const { return running_; }
  /// How far from where it belonged the sound was when the last chunk began, µs; after smoothing.
  double errorUs() const { return error_ / 0.048; }
  uint64_t underruns() const { return underruns_; }
  /// Samples before this one are not needed again.
  uint64_t position() const { return position_ > 0 ? uint64_t(position_) : 0; }

 private:
  int copy(const SoundFifo& fifo, double rate, int count, float* out);

  bool running_ = false;
  bool exact_ = false;      // Begin the next start without a fade.
  bool steering_ = false;
  int64_t position_ = 0;    // Sample read next, and
  double fraction_ = 0;     // how far it lies past it.
  double error_ = 0;        // Smoothed, in samples.
  uint64_t underruns_ = 0;
};

}  // namespace vistter
