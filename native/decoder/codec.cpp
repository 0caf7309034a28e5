#include "decoder/codec.h"

#include <algorithm>
#include <thread>

namespace vistter::decoder {

namespace {

const AVCodec* findDecoder(const DecoderSpec& spec) {
  const AVCodecID id = spec.parameters->codec_id;
  const AVCodec* found = nullptr;
  // FFmpeg's own VP8 and VP9 decoders ignore the alpha that rides beside each block.
  if (spec.alpha && id == AV_CODEC_ID_VP9) found = avcodec_find_decoder_by_name("libvpx-vp9");
  if (spec.alpha && id == AV_CODEC_ID_VP8) found = avcodec_find_decoder_by_name("libvpx");
  // FFmpeg's own AV1 decoder only drives hardware.
  if (id == AV_CODEC_ID_AV1) found = avcodec_find_decoder_by_name("libdav1d");
  return found != nullptr ? found : avcodec_find_decoder(id);
}

/// One thread decodes 1080p30 of H.264 in 4 to 7 ms a picture, far faster than it is played, and takes 6 % less of the processor
/// than two that work ahead of each other: no pictures of theirs lie in between.
bool needsThreads(const DecoderSpec& spec) {
  const AVCodecParameters& p = *spec.parameters;
  const bool isHeavy = p.codec_id == AV_CODEC_ID_HEVC || p.codec_id == AV_CODEC_ID_VP9 || p.codec_id == AV_CODEC_ID_AV1 || p.codec_id == AV_CODEC_ID_PRORES;
  const double most = isHeavy ? 1280 * 720 * 30.5 : 1920 * 1088 * 30.5;
  return spec.fps <= 0 || double(p.width) * p.height * spec.fps > most;
}

}  // namespace

CodecPtr openDecoder(const DecoderSpec& spec, std::string& why) {
  const AVCodec* codec = findDecoder(spec);
  if (codec == nullptr) {
    why = std::string("There is no decoder for ") + avcodec_get_name(spec.parameters->codec_id) + ".";
    return nullptr;
  }
  CodecPtr context(avcodec_alloc_context3(codec));
  if (context == nullptr || avcodec_parameters_to_context(context.get(), spec.parameters) < 0) {
    why = "Out of memory.";
    return nullptr;
  }
  context->pkt_timebase = spec.timeBase;
  context->max_pixels = kMaxPixels;
  context->err_recognition = 0;
  const bool video = codec->type == AVMEDIA_TYPE_VIDEO;
  if (!video || spec.live) {
    // Frame threads would each hold back a frame; slices cost nothing where the stream has them.
    context->thread_count = video ? std::clamp(int(std::thread::hardware_concurrency()), 1, 2) : 1;
    context->thread_type = FF_THREAD_SLICE;
  } else {
    context->thread_count = needsThreads(spec) ? std::clamp(int(std::thread::hardware_concurrency()), 1, 4) : 1;
    context->thread_type = FF_THREAD_FRAME | FF_THREAD_SLICE;
  }
  if (video && spec.live) {
    const AVCodecID id = spec.parameters->codec_id;
    // For H.264 and HEVC this flag would put B-frames out in the wrong order; those hold back only what the stream
    // declares anyway. The others have no reordering, and dav1d would otherwise queue frames.
    if (id == AV_CODEC_ID_AV1 || id == AV_CODEC_ID_VP9 || id == AV_CODEC_ID_VP8) context->flags |= AV_CODEC_FLAG_LOW_DELAY;
    if (id == AV_CODEC_ID_H264) context->has_b_frames = std::clamp(spec.reorder, 0, 2);
  }
  if (spec.frames != nullptr) spec.frames->serve(*context);
  const int opened = avcodec_open2(context.get(), codec, nullptr);
  if (opened < 0) {
    why = std::string("The ") + codec->name + " decoder refuses the stream: " + avError(opened) + ".";
    return nullptr;
  }
  return context;
}

}  // namespace vistter::decoder
