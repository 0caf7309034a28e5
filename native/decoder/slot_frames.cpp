#include "decoder/slot_frames.h"

#include "decoder/picture_converter.h"

namespace vistter::decoder {

namespace {

/// Planes of slots are packed, and codecs want rows that begin at multiples of 64 bytes, of the chroma too. A codec also takes
/// for granted that the pictures it refers to have the strides of the one it draws, wherever each lies: with such a width
/// libavcodec's own memory is packed as well.
constexpr int kWidthStep = 128;

}  // namespace

void SlotFrames::serve(AVCodecContext& codec) {
  // Theirs is what cameras send, and what they write beyond the picture is known: whole macroblocks.
  if (codec.codec_id != AV_CODEC_ID_H264 && codec.codec_id != AV_CODEC_ID_HEVC) return;
  codec.opaque = this;
  codec.get_buffer2 = getBuffer;
}

int SlotFrames::getBuffer(AVCodecContext* codec, AVFrame* frame, int flags) {
  auto* self = static_cast<SlotFrames*>(codec->opaque);
  return self->lend(*codec, *frame) ? 0 : avcodec_default_get_buffer2(codec, frame, flags);
}

bool SlotFrames::lend(AVCodecContext& codec, AVFrame& frame) {
  const RingHeader& ring = *ring_.header();
  // What has to be converted or scaled is drawn anew anyway.
  if (frame.format != AV_PIX_FMT_YUV420P || !hasProgramColors(frame) || codec.width > int(ring.maxWidth) || codec.height > int(ring.maxHeight)) return false;
  int width = frame.width, height = frame.height;
  int alignments[AV_NUM_DATA_POINTERS];
  avcodec_align_dimensions2(&codec, &width, &height, alignments);
  if (width != codec.width || width % kWidthStep != 0) return false;
  if (!sameStrides(codec, frame)) return false;
  const uint32_t lines = uint32_t(height + 1) & ~1u;
  const PlaneOffsets at = planeOffsets(uint32_t(width), lines);
  if (at.end > ring.slotBytes || lines > 2 * ring.maxHeight) return false;

  const int slot = ring_.lease();
  if (slot < 0) return false;
  uint8_t* pixels = ring_.pixels(slot);
  auto* lease = new Lease{ring_, slot};
  frame.buf[0] = av_buffer_create(pixels, size_t(at.end), giveBack, lease, 0);
  if (frame.buf[0] == nullptr) {
    giveBack(lease, pixels);
    return false;
  }
  frame.data[0] = pixels;
  frame.data[1] = pixels + at.u;
  frame.data[2] = pixels + at.v;
  frame.linesize[0] = width;
  frame.linesize[1] = frame.linesize[2] = width / 2;
  frame.extended_data = frame.data;
  return true;
}

/// Whether memory of libavcodec's own, which pictures are in that find no slot, is laid out as a slot is.
bool SlotFrames::sameStrides(AVCodecContext& codec, const AVFrame& frame) {
  if (frame.width == checkedWidth_ && frame.height == checkedHeight_) return strideFits_;
  FramePtr own = makeFrame();
  own->format = frame.format;
  own->width = checkedWidth_ = frame.width;
  own->height = checkedHeight_ = frame.height;
  strideFits_ = avcodec_default_get_buffer2(&codec, own.get(), 0) == 0 && own->linesize[0] == frame.width &&
                own->linesize[1] == frame.width / 2 && own->linesize[2] == frame.width / 2;
  return strideFits_;
}

void SlotFrames::giveBack(void* opaque, uint8_t*) {
  auto* lease = static_cast<Lease*>(opaque);
  lease->ring.endLease(lease->slot);
  delete lease;
}

int SlotFrames::slotOf(const AVFrame& frame) const {
  if (frame.buf[0] == nullptr || frame.data[0] != frame.buf[0]->data || frame.linesize[0] != frame.width) return -1;
  const RingHeader& ring = *ring_.header();
  const uint8_t* first = slotPixels(ring_.header(), 0);
  if (frame.data[0] < first || frame.data[0] >= first + ring.slotBytes * ring.slotCount) return -1;
  return int(uint64_t(frame.data[0] - first) / ring.slotBytes);
}

uint32_t SlotFrames::linesOf(const AVFrame& frame) { return uint32_t((frame.data[1] - frame.data[0]) / frame.width); }

}  // namespace vistter::decoder
