// Lets a camera's codec draw straight into the ring: what it decodes is then there without having been copied, which for
// 1080p30 saves 6 MB of memory traffic a picture. The codec goes on reading a slot as long as it refers to the picture.
#pragma once

#include "decoder/av.h"
#include "ring/producer.h"

namespace vistter::decoder {

class SlotFrames {
 public:
  explicit SlotFrames(RingProducer& ring) : ring_(ring) {}
  SlotFrames(const SlotFrames&) = delete;
  SlotFrames& operator=(const SlotFrames&) = delete;

  /// Before `codec` is opened. It must be gone, with every frame it gave out, before this is.
  void serve(AVCodecContext& codec);

  /// The slot that `frame` lies in, when all that is to be done with it is to publish it; -1 else.
  int slotOf(const AVFrame& frame) const;
  /// Rows from Y's first to where U begins, of a frame that lies in a slot.
  static uint32_t linesOf(const AVFrame& frame);

 private:
  struct Lease {
    RingProducer& ring;
    int slot;
  };
  static int getBuffer(AVCodecContext* codec, AVFrame* frame, int flags);
  static void giveBack(void* lease, uint8_t* pixels);
  bool lend(AVCodecContext& codec, AVFrame& frame);
  bool sameStrides(AVCodecContext& codec, const AVFrame& frame);

  RingProducer& ring_;
  int checkedWidth_ = 0, checkedHeight_ = 0;  // For which `strideFits_` was found.
  bool strideFits_ = false;
};

}  // namespace vistter::decoder
