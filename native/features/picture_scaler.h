// A decoded picture of any size and format → 160×90 of 8 bit 4:2:0, limited range.
#pragma once

#include "decoder/av.h"
#include "features/thumb.h"

namespace vistter::features {

class PictureScaler {
 public:
  /// False for a picture that cannot be scaled.
  bool scale(const AVFrame& frame, Thumb& to);

 private:
  decoder::SwsPtr sws_;
  int width_ = 0;
  int height_ = 0;
  int format_ = -1;
};

}  // namespace vistter::features
