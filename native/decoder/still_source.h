// One picture for ever: an image file or a plain colour.
#pragma once

#include <string>

#include "decoder/job.h"
#include "decoder/media_input.h"

namespace vistter::decoder {

/// Decodes one packet and publishes it as a still. False when nothing came of it.
bool writeStill(Job& job, const AVCodecParameters* parameters, const AVPacket* packet);

class ImageSource : public Source {
 public:
  ImageSource(Job& job, std::string path) : job_(job), path_(std::move(path)) {}
  End run() override;

 private:
  Job& job_;
  std::string path_;
};

class ColorSource : public Source {
 public:
  /// `rgb` is 0xRRGGBB, full range.
  ColorSource(Job& job, uint32_t rgb) : job_(job), rgb_(rgb) {}
  End run() override;

 private:
  Job& job_;
  uint32_t rgb_;
};

struct Yuv {
  uint8_t y, u, v;
};
/// Limited-range BT.709 of a full-range R'G'B' colour.
Yuv yuvOf(uint32_t rgb);

}  // namespace vistter::decoder
