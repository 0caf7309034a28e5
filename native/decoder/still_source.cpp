#include "decoder/still_source.h"

#include <cmath>
#include <cstring>

#include "decoder/codec.h"
#include "decoder/events.h"
#include "decoder/ring_writer.h"

namespace vistter::decoder {

Yuv yuvOf(uint32_t rgb) {
  const double r = double(rgb >> 16 & 255) / 255;
  const double g = double(rgb >> 8 & 255) / 255;
  const double b = double(rgb & 255) / 255;
  const LumaWeights w = lumaWeights(Matrix::Bt709);
  const double y = w.red * r + (1 - w.red - w.blue) * g + w.blue * b;
  return {uint8_t(std::lround(16 + 219 * y)), uint8_t(std::lround(128 + 224 * (b - y) / (2 * (1 - w.blue)))),
          uint8_t(std::lround(128 + 224 * (r - y) / (2 * (1 - w.red))))};
}

namespace {

Orientation frameOrientation(const AVFrame& frame) {
  const AVFrameSideData* data = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
  return data != nullptr && data->size >= 36 ? orientationOf(reinterpret_cast<const int32_t*>(data->data)) : Orientation();
}

bool writeFrame(Job& job, const AVFrame& frame, Orientation turn) {
  FramePlace place;
  place.arrivalUs = monotonicUs();
  place.flags = kSlotStill;
  place.turn = turn;
  PictureWriter writer(job);
  return writer.write(frame, place, [&job] { return !job.stopping(); });
}

}  // namespace

bool writeStill(Job& job, const AVCodecParameters* parameters, const AVPacket* packet) {
  DecoderSpec spec;
  spec.parameters = parameters;
  std::string why;
  const CodecPtr codec = openDecoder(spec, why);
  if (codec == nullptr) return false;
  const FramePtr frame = makeFrame();
  if (avcodec_send_packet(codec.get(), packet) < 0) return false;
  avcodec_send_packet(codec.get(), nullptr);
  if (avcodec_receive_frame(codec.get(), frame.get()) < 0) return false;
  job.counters.framesDecoded++;
  return writeFrame(job, *frame, frameOrientation(*frame));
}

Source::End ImageSource::run() {
  const auto fail = [this](const InputFault& fault) {
    job_.ring.setState(ProducerState::Failed);
    sendError(fault.code, fault.message);
    return End::Failed;
  };
  MediaInput input;
  InputFault fault;
  if (!input.openImage(job_, path_, fault)) return fail(fault);
  const AVStream* stream = input.video();
  if (stream == nullptr) return fail({"IMAGE_INVALID", "The file holds no picture."});
  job_.format.setVideo(stream->codecpar->width, stream->codecpar->height, 0, avcodec_get_name(stream->codecpar->codec_id));
  if (int64_t(stream->codecpar->width) * stream->codecpar->height > kMaxPixels) {
    return fail({"IMAGE_INVALID", "The picture has more than 160 million points. Make it smaller; the frame has two."});
  }
  const PacketPtr packet = makePacket();
  bool written = false;
  for (int tries = 0; tries < 32 && !written && av_read_frame(input.format(), packet.get()) >= 0; tries++) {
    if (packet->stream_index == stream->index) written = writeStill(job_, stream->codecpar, packet.get());
    av_packet_unref(packet.get());
  }
  if (!written) return fail({"IMAGE_BROKEN", "The picture is damaged."});
  job_.ring.setState(ProducerState::Running);
  Event("running").send();
  return End::Keep;
}

Source::End ColorSource::run() {
  RingProducer& ring = job_.ring;
  const int slot = ring.claim(0);
  if (slot < 0) return End::Failed;
  PictureInfo info;
  info.width = ring.header()->maxWidth;
  info.height = ring.header()->maxHeight;
  info.flags = kSlotStill;
  info.arrivalUs = monotonicUs();
  const Yuv color = yuvOf(rgb_);
  const size_t luma = size_t(info.width) * info.height;
  const size_t chroma = size_t((info.width + 1) / 2) * ((info.height + 1) / 2);
  uint8_t* pixels = ring.pixels(slot);
  memset(pixels, color.y, luma);
  memset(pixels + luma, color.u, chroma);
  memset(pixels + luma + chroma, color.v, chroma);
  ring.publish(slot, info);
  job_.format.setVideo(int(info.width), int(info.height), 0, "");
  ring.setState(ProducerState::Running);
  Event("running").send();
  return End::Keep;
}

}  // namespace vistter::decoder
