// What a frame costs between the codec and the ring, in µs of one core. Prints; never fails.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

#include "decoder/picture_converter.h"
#include "ring/producer.h"

using namespace vistter;
using namespace vistter::decoder;

namespace {

void measure(const char* name, AVPixelFormat format, int width, int height, AVColorSpace space, AVColorRange range, Orientation turn = {},
             AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED) {
  FramePtr frame = makeFrame();
  frame->format = format;
  frame->width = width;
  frame->height = height;
  frame->colorspace = space;
  frame->color_range = range;
  frame->color_trc = transfer;
  if (av_frame_get_buffer(frame.get(), 0) != 0) return;
  for (int p = 0; p < 4 && frame->buf[p] != nullptr; p++) memset(frame->buf[p]->data, 100, size_t(frame->buf[p]->size));
  PictureConverter converter(1920, 1080);
  std::vector<uint8_t> out(1920 * 1080 * 3);
  std::vector<int64_t> times;
  for (int i = 0; i < 60; i++) {
    const int64_t began = monotonicUs();
    converter.convert(*frame, turn, {0, 1}, out.data());
    times.push_back(monotonicUs() - began);
  }
  std::sort(times.begin(), times.end());
  printf("%-34s p50 %6lld  best %6lld\n", name, static_cast<long long>(times[30]), static_cast<long long>(times[0]));
}

}  // namespace

int main() {
  measure("1080p 709 limited (copy)", AV_PIX_FMT_YUV420P, 1920, 1080, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG);
  measure("1080p 709 full", AV_PIX_FMT_YUV420P, 1920, 1080, AVCOL_SPC_BT709, AVCOL_RANGE_JPEG);
  measure("1080p 601 limited", AV_PIX_FMT_YUV420P, 1920, 1080, AVCOL_SPC_SMPTE170M, AVCOL_RANGE_MPEG);
  measure("1080p nv12", AV_PIX_FMT_NV12, 1920, 1080, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG);
  measure("1080p turned by 90", AV_PIX_FMT_YUV420P, 1080, 1920, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG, {90, false});
  measure("2160p to 1080p", AV_PIX_FMT_YUV420P, 3840, 2160, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG);
  measure("1440p to 1080p", AV_PIX_FMT_YUV420P, 2560, 1440, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG);
  measure("1080p 10 bit", AV_PIX_FMT_YUV420P10, 1920, 1080, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG);
  measure("1080p 10 bit PQ", AV_PIX_FMT_YUV420P10, 1920, 1080, AVCOL_SPC_BT2020_NCL, AVCOL_RANGE_MPEG, {}, AVCOL_TRC_SMPTE2084);
  measure("1080p 4:4:4", AV_PIX_FMT_YUV444P, 1920, 1080, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG);
  measure("1080p rgba", AV_PIX_FMT_RGBA, 1920, 1080, AVCOL_SPC_RGB, AVCOL_RANGE_JPEG);
  return 0;
}
