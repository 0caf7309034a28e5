// The test card: colour bars, a sweep that shows that time goes on, and the frame number and clock in plain digits.
//
// The bars are drawn once into each slot; a frame then only redraws the strips that move, so that a program may run on it
// for months at less than 1 % of a core.
#pragma once

#include <cstdint>
#include <vector>

#include "decoder/job.h"
#include "decoder/still_source.h"

namespace vistter::decoder {

class TestCard : public Source {
 public:
  TestCard(Job& job, bool tone, int fps);
  End run() override;

 private:
  struct Slot {
    bool drawn = false;
    int sweepX = -1;
  };
  void fill(uint8_t* pixels, int x, int y, int width, int height, Yuv color);
  void drawBars(uint8_t* pixels);
  void drawFrame(int slot, int64_t frame);
  void drawText(uint8_t* pixels, const char* text, int x, int y, int scale);
  void writeTone(int64_t frame, int64_t ptsUs);

  Job& job_;
  bool tone_;
  int fps_;
  int width_;
  int height_;
  std::vector<Slot> slots_;
  std::vector<float> samples_;
  uint64_t toneSamples_ = 0;
};

}  // namespace vistter::decoder
