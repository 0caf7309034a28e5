// The producer's side of the ring: how slots go round, what is lent to a codec, and what a codec draws there.
#include <cstring>
#include <deque>
#include <memory>
#include <vector>

#include "decoder/codec.h"
#include "decoder/ring_writer.h"
#include "ring/consumer.h"
#include "test/check.h"

using namespace vistter;
using namespace vistter::decoder;

namespace {

/// A live ring in memory of its own.
struct TestRing {
  std::vector<uint8_t> memory;
  RingHeader* header;
  TestRing(uint32_t slots, uint32_t width, uint32_t height) {
    auto shape = std::make_unique<RingHeader>();
    memory.resize(layOut(*shape, slots, width, height, 1024, true) + 4096);
    header = reinterpret_cast<RingHeader*>((reinterpret_cast<uintptr_t>(memory.data()) + 4095) & ~uintptr_t(4095));
    layOut(*header, slots, width, height, 1024, true);
  }
  SlotState state(int slot) const { return SlotState(header->slots[slot].state.load()); }
  void release(int slot) { header->slots[slot].state = uint32_t(SlotState::Free); }
};

void slotsGoRoundByTheRules() {
  TestRing memory(3, 64, 36);
  RingHeader* ring = memory.header;
  RingProducer producer(ring);
  const auto write = [&](uint32_t epoch) {
    const int slot = producer.claim(epoch);
    if (slot < 0) return slot;
    PictureInfo info;
    info.width = 64;
    info.height = 36;
    info.epoch = epoch;
    producer.publish(slot, info);
    return slot;
  };
  CHECK(write(0) == 0 && write(0) == 1 && write(0) == 2);
  // Live: the oldest is overwritten and counted; one that is held never is.
  CHECK(write(0) == 0 && ring->videoDropped == 1 && ring->slots[0].sequence == 4);
  ring->slots[1].state = uint32_t(SlotState::Held);
  CHECK(write(0) == 2 && ring->videoDropped == 2);
  for (VideoSlot& slot : ring->slots) slot.state = uint32_t(SlotState::Held);
  CHECK(write(0) == -1);
  // File: a full ring waits, but what a seek made void is taken back without being counted as dropped.
  ring->live = 0;
  for (uint32_t i = 0; i < 3; i++) ring->slots[i].state = uint32_t(SlotState::Ready);
  CHECK(write(0) == -1);
  CHECK(write(1) >= 0 && ring->videoDropped == 2);
}

void whatIsLentIsNotDrawnOver() {
  TestRing ring(16, 64, 36);
  RingProducer producer(ring.header);
  PictureInfo info;
  info.width = 64;
  info.height = 36;
  info.lines = 48;
  const int most = int(leasableSlots(16));
  for (int slot = 0; slot < most; slot++) CHECK(producer.lease() == slot);
  CHECK(producer.lease() == -1);
  producer.publish(0, info);
  CHECK(ring.header->slots[0].lines == 48);
  // A codec that puts a picture out twice does not take it out of the consumer's hands.
  ring.header->slots[0].state = uint32_t(SlotState::Held);
  CHECK(!producer.publish(0, info) && ring.state(0) == SlotState::Held);
  // Shown and given back, it is still read by the codec: the next pictures go elsewhere.
  ring.release(0);
  for (int slot = most; slot < 16; slot++) CHECK(producer.claim(0) == slot);
  CHECK(producer.claim(0) == -1);
  producer.endLease(0);
  CHECK(producer.claim(0) == 0);
  // What was never published is free at once.
  producer.endLease(1);
  CHECK(ring.state(1) == SlotState::Free);
  // One that waits to be shown is not drawn over while the codec reads it, and is afterwards.
  CHECK(producer.lease() == 1);
  producer.publish(1, info);
  CHECK(producer.claim(0) == -1);
  producer.endLease(1);
  CHECK(ring.state(1) == SlotState::Ready && producer.claim(0) == 1 && ring.header->videoDropped == 1);
}

void aRingThatLiesAboutItselfIsRefused() {
  auto ring = std::make_unique<RingHeader>();
  const auto fresh = [&] { return layOut(*ring, 4, 320, 180, 4096, true); };
  const uint64_t bytes = fresh();
  CHECK(ringIsSound(ring.get(), bytes));
  CHECK(!ringIsSound(ring.get(), bytes - 1));
  ring->slotCount = kMaxSlots + 1;
  CHECK(!ringIsSound(ring.get(), bytes));
  fresh();
  ring->slotBytes = 4096;
  CHECK(!ringIsSound(ring.get(), bytes));
  fresh();
  ring->audioCapacity = 4095;
  CHECK(!ringIsSound(ring.get(), bytes));
  fresh();
  ring->version++;
  CHECK(!ringIsSound(ring.get(), bytes));
}

/// Packets of a noisy moving picture; each refers to up to four others, back and forth.
std::vector<PacketPtr> encoded(int width, int height, int frames, ParametersPtr& parameters) {
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  CHECK(codec != nullptr);
  CodecPtr context(avcodec_alloc_context3(codec));
  context->width = width;
  context->height = height;
  context->time_base = {1, 30};
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->colorspace = AVCOL_SPC_BT709;
  context->color_range = AVCOL_RANGE_MPEG;
  context->gop_size = 40;
  context->max_b_frames = 2;
  context->refs = 4;
  context->thread_count = 1;
  CHECK(avcodec_open2(context.get(), codec, nullptr) == 0);
  parameters.reset(avcodec_parameters_alloc());
  avcodec_parameters_from_context(parameters.get(), context.get());
  std::vector<PacketPtr> packets;
  const auto drain = [&] {
    for (;;) {
      PacketPtr packet = makePacket();
      if (avcodec_receive_packet(context.get(), packet.get()) < 0) return;
      packets.push_back(std::move(packet));
    }
  };
  Random random(1080);
  for (int n = 0; n < frames; n++) {
    FramePtr frame = makeFrame();
    frame->width = width;
    frame->height = height;
    frame->format = AV_PIX_FMT_YUV420P;
    CHECK(av_frame_get_buffer(frame.get(), 0) == 0);
    for (int plane = 0; plane < 3; plane++) {
      for (int y = 0; y < (plane ? height / 2 : height); y++) {
        for (int x = 0; x < (plane ? width / 2 : width); x++) {
          frame->data[plane][y * frame->linesize[plane] + x] = uint8_t(16 + ((x + 3 * n) * 5 + y * (1 + n % 3) + random.below(8)) % 200);
        }
      }
    }
    frame->pts = n;
    CHECK(avcodec_send_frame(context.get(), frame.get()) == 0);
    drain();
  }
  avcodec_send_frame(context.get(), nullptr);
  drain();
  return packets;
}

std::vector<uint8_t> pixelsOf(const AVFrame& frame) {
  std::vector<uint8_t> out;
  for (int plane = 0; plane < 3; plane++) {
    const int width = plane ? frame.width / 2 : frame.width, height = plane ? frame.height / 2 : frame.height;
    for (int y = 0; y < height; y++) {
      const uint8_t* row = frame.data[plane] + y * frame.linesize[plane];
      out.insert(out.end(), row, row + width);
    }
  }
  return out;
}

std::vector<uint8_t> pixelsOf(const TestRing& ring, int slot) {
  const VideoSlot& s = ring.header->slots[slot];
  const uint8_t* from = slotPixels(ring.header, uint32_t(slot));
  const PlaneOffsets at = planeOffsets(s.width, s.lines);
  const size_t luma = size_t(s.width) * s.height, chroma = luma / 4;
  std::vector<uint8_t> out(from, from + luma);
  out.insert(out.end(), from + at.u, from + at.u + chroma);
  out.insert(out.end(), from + at.v, from + at.v + chroma);
  return out;
}

/// Decodes the packets into `ring`, whose consumer keeps the newest `held` pictures, and compares each with what a codec
/// with memory of its own gives. Returns how many were published without copying.
int decodedAsElsewhere(TestRing& ring, const std::vector<PacketPtr>& packets, const AVCodecParameters* parameters, size_t held) {
  Job job(ring.header);
  PictureWriter writer(job);
  DecoderSpec spec;
  spec.parameters = parameters;
  spec.live = true;
  spec.reorder = 2;
  std::string why;
  CodecPtr plain = openDecoder(spec, why);
  spec.frames = &writer.frames();
  CodecPtr lent = openDecoder(spec, why);
  CHECK(plain != nullptr && lent != nullptr);
  FramePtr wanted = makeFrame(), frame = makeFrame();
  std::deque<int> keeping;
  std::deque<std::vector<uint8_t>> kept;
  int pictures = 0;
  const auto compare = [&] {
    while (avcodec_receive_frame(lent.get(), frame.get()) == 0) {
      CHECK(avcodec_receive_frame(plain.get(), wanted.get()) == 0);
      FramePlace place;
      place.ptsUs = ++pictures;
      CHECK(writer.write(*frame, place, [] { return true; }));
      int slot = 0;
      while (ring.state(slot) != SlotState::Ready) slot++;
      ring.header->slots[slot].state = uint32_t(SlotState::Held);
      CHECK(int(ring.header->slots[slot].width) == wanted->width && int(ring.header->slots[slot].height) == wanted->height);
      keeping.push_back(slot);
      kept.push_back(pixelsOf(*wanted));
      // Those that were published before are still what they were.
      for (size_t i = 0; i < keeping.size(); i++) CHECK(pixelsOf(ring, keeping[i]) == kept[i]);
      if (keeping.size() <= held) continue;
      ring.release(keeping.front());
      keeping.pop_front();
      kept.pop_front();
    }
  };
  for (const PacketPtr& packet : packets) {
    CHECK(avcodec_send_packet(plain.get(), packet.get()) == 0 && avcodec_send_packet(lent.get(), packet.get()) == 0);
    compare();
  }
  avcodec_send_packet(plain.get(), nullptr);
  avcodec_send_packet(lent.get(), nullptr);
  compare();
  CHECK(pictures == int(packets.size()));
  frame.reset();
  lent.reset();
  for (int slot : keeping) ring.release(slot);
  // With the codec gone nothing is lent any more.
  for (uint32_t i = 0; i < ring.header->slotCount; i++) CHECK(ring.state(int(i)) == SlotState::Free && job.ring.claim(0) == int(i));
  return pictures - int(job.counters.framesConverted);
}

void whatACodecDrawsInSlotsIsWhatItDrawsElsewhere() {
  constexpr int kFrames = 120;
  ParametersPtr parameters;
  // A height that is no multiple of a macroblock's.
  const std::vector<PacketPtr> packets = encoded(256, 150, kFrames, parameters);
  for (const size_t held : {0, 1, 3, 13}) {
    TestRing ring(16, 256, 150);
    const int straight = decodedAsElsewhere(ring, packets, parameters.get(), held);
    printf("  %d of %d pictures without a copy, the last %zu held\n", straight, kFrames, held);
    CHECK(straight > kFrames * 9 / 10);
  }
  // A small ring lends nothing.
  TestRing few(8, 256, 150);
  CHECK(decodedAsElsewhere(few, packets, parameters.get(), 1) == 0);
  // A width whose rows do not begin where codecs want them, and a picture larger than the ring takes, are drawn anew.
  TestRing odd(16, 200, 150);
  const std::vector<PacketPtr> narrow = encoded(200, 150, 30, parameters);
  CHECK(decodedAsElsewhere(odd, narrow, parameters.get(), 1) == 0);
}

void aConsumerRefusesPlanesOutsideTheSlot() {
  int fd = -1;
  std::shared_ptr<Ring> ring = Ring::create(2, 256, 150, 1024, true, fd);
  CHECK(ring != nullptr);
  close(fd);
  RingProducer producer(ring->header());
  std::vector<Ring::Taken> taken;
  const auto taking = [&](uint32_t lines, uint32_t flags) {
    PictureInfo info;
    info.width = 256;
    info.height = 150;
    info.lines = lines;
    info.flags = flags;
    producer.publish(producer.claim(0), info);
    ring->take(taken, 1);
    if (taken.empty()) return false;
    ring->release(taken[0].slot);
    return true;
  };
  CHECK(taking(0, 0) && taking(162, 0) && taking(150, kSlotHasAlpha));
  CHECK(!taking(149, 0) && !taking(301, 0) && !taking(0xffffffff, 0));
  // The alpha plane would reach beyond the slot.
  CHECK(!taking(290, kSlotHasAlpha));
}

}  // namespace

int main() {
  av_log_set_level(AV_LOG_ERROR);
  RUN(slotsGoRoundByTheRules);
  RUN(whatIsLentIsNotDrawnOver);
  RUN(aRingThatLiesAboutItselfIsRefused);
  RUN(aConsumerRefusesPlanesOutsideTheSlot);
  RUN(whatACodecDrawsInSlotsIsWhatItDrawsElsewhere);
  return 0;
}
