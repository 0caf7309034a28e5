// The program's sound: sources times gains, a limiter, and meters. 48 kHz float stereo, one chunk a program frame.
#pragma once

#include <array>
#include <string>
#include <unordered_map>
#include <vector>

namespace vistter {

/// How a gain gets from where it is to where it should be within one chunk.
enum class Ramp {
  Short,  // 5 ms: a cut that does not click.
  Chunk,  // Over the whole chunk, so that chunk after chunk makes one line: a fade.
};

/// Peak and power since the last time it was read.
struct Meter {
  float peak[2] = {0, 0};
  double power[2] = {0, 0};
  uint64_t count = 0;
  void add(const float* samples, int frames);
  void add(const Meter& other);
  /// dBFS, floor -100.
  double peakDb(int channel) const;
  double rmsDb(int channel) const;
};

/// A limiter that leaves all below -1 dBFS alone. It looks ahead within the chunk, so peaks are met by a gain that is
/// already down; what still comes too soon after the chunk's start is bent softly and never passes 1.
class Limiter {
 public:
  void run(float* samples, int frames);
  float gain() const { return gain_; }

 private:
  float gain_ = 1;
  std::vector<float> curve_;
};

class Mixer {
 public:
  /// Starts a chunk of silence.
  void begin(int frames);
  /// Adds a source at `gain` by the end of the chunk, coming from the gain it had. Once a source and chunk.
  void add(const std::string& id, const float* samples, float gain, Ramp ramp);
  /// Whether a source still sounds, so that it has to be added once more at gain 0.
  bool sounds(const std::string& id) const;
  void forget(const std::string& id) { gains_.erase(id); }
  /// Of all together, before the limiter; reached by the end of the next chunk.
  void setGain(float gain) { wantedGain_ = gain; }
  /// Ends the chunk: limits and measures it. Valid until the next begin().
  const std::vector<float>& finish(Meter& meter);

 private:
  std::vector<float> bus_;
  int frames_ = 0;
  std::unordered_map<std::string, float> gains_;
  float gain_ = 1, wantedGain_ = 1;
  Limiter limiter_;
};

}  // namespace vistter
