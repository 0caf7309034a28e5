#include "feed/nut_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

extern "C" {
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
}

namespace vistter {
namespace {
constexpr int kBufferBytes = 4096;       // For headers; payloads go past it.
constexpr size_t kLeastLent = 64 << 10;  // Below this a copy is cheaper.
constexpr int kDrainPollMs = 5;
}

NutWriter::NutWriter(int pipe, int cancel, int width, int height, FrameClock clock)
    : pipe_(pipe), cancel_(cancel), width_(width), height_(height), clock_(clock) {}

NutWriter::~NutWriter() {
  if (format_) {
    format_->pb = nullptr;
    avformat_free_context(format_);
  }
  if (io_) {
    av_freep(&io_->buffer);
    avio_context_free(&io_);
  }
  av_packet_free(&packet_);
}

/// Gives the pipe as much of it as it takes now.
ssize_t NutWriter::push(const uint8_t* data, size_t size) {
  if (mayLend_ && lending_ && size >= kLeastLent) {
    iovec part{const_cast<uint8_t*>(data), size};
    const ssize_t n = vmsplice(pipe_, &part, 1, SPLICE_F_NONBLOCK);
    if (n > 0) lentSome_ = true;
    if (n >= 0 || errno == EAGAIN || errno == EPIPE || errno == EINTR) return n;
    mayLend_ = false;
  }
  return write(pipe_, data, size);
}

/// Waits until the pipe has room. False: cancelled, or the wait itself failed.
bool NutWriter::wait() {
  pollfd ready[2] = {{pipe_, POLLOUT, 0}, {cancel_, POLLIN, 0}};
  if (poll(ready, 2, -1) < 0 && errno != EINTR) result_ = Result::Broken;
  if (ready[1].revents) result_ = Result::Cancelled;
  return result_ == Result::Ok;
}

/// Lets go of the frames that the reader has.
void NutWriter::takeBack() {
  if (lent_.empty()) return;
  int unread = 0;
  if (ioctl(pipe_, FIONREAD, &unread) != 0) return;
  while (!lent_.empty() && lent_.front().end <= written_ - unread) lent_.pop_front();
}

/// Writes all of it, waiting for the reader as long as nobody cancels. 0, or why not.
int NutWriter::writeAll(const uint8_t* data, size_t size) {
  while (size > 0) {
    if (result_ != Result::Ok) return AVERROR_EXIT;
    const ssize_t n = push(data, size);
    if (n > 0) {
      data += n;
      size -= size_t(n);
      written_ += n;
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN) {
      result_ = Result::Broken;
      return AVERROR(EPIPE);
    }
    if (!wait()) return AVERROR_EXIT;
  }
  return 0;
}

/// What libavformat wants written. It takes a picture for one piece of memory, of which it may leave out the beginning;
/// its planes may lie apart.
int NutWriter::writeOut(void* opaque, uint8_t* data, int size) {
  auto* self = static_cast<NutWriter*>(opaque);
  const Picture* picture = self->lending_.get();
  const uint8_t* const begin = picture ? picture->y : nullptr;
  if (!picture || data < begin || data >= begin + size_t(picture->width) * picture->height) {
    const int code = self->writeAll(data, size_t(size));
    return code < 0 ? code : size;
  }
  size_t skip = size_t(data - begin);
  const size_t luma = size_t(picture->width) * picture->height;
  const size_t chroma = size_t(picture->chromaWidth()) * picture->chromaHeight();
  for (const auto& [plane, bytes] : {std::pair{picture->y, luma}, {picture->u, chroma}, {picture->v, chroma}}) {
    const int code = self->writeAll(plane + skip, bytes - skip);
    if (code < 0) return code;
    skip = 0;
  }
  return size;
}

NutWriter::Result NutWriter::ended(int code) {
  // What went wrong in libavformat itself is as final as a closed pipe.
  if (code < 0 && result_ == Result::Ok) result_ = Result::Broken;
  return result_;
}

NutWriter::Result NutWriter::begin() {
  begun_ = true;
  packet_ = av_packet_alloc();
  auto* buffer = static_cast<uint8_t*>(av_malloc(kBufferBytes));
  if (!packet_ || !buffer || avformat_alloc_output_context2(&format_, nullptr, "nut", nullptr) < 0) return ended(-1);
  io_ = avio_alloc_context(buffer, kBufferBytes, 1, this, nullptr, writeOut, nullptr);
  if (!io_) return ended(-1);
  io_->seekable = 0;
  io_->direct = 1;
  format_->pb = io_;
  format_->flags |= AVFMT_FLAG_CUSTOM_IO;

  AVStream* video = avformat_new_stream(format_, nullptr);
  AVStream* audio = avformat_new_stream(format_, nullptr);
  if (!video || !audio) return ended(-1);
  video->time_base = {int(clock_.den), int(clock_.num)};
  video->avg_frame_rate = video->r_frame_rate = {int(clock_.num), int(clock_.den)};
  AVCodecParameters* v = video->codecpar;
  v->codec_type = AVMEDIA_TYPE_VIDEO;
  v->codec_id = AV_CODEC_ID_RAWVIDEO;
  v->codec_tag = MKTAG('I', '4', '2', '0');
  v->format = AV_PIX_FMT_YUV420P;
  v->width = width_;
  v->height = height_;
  v->sample_aspect_ratio = {1, 1};
  v->color_range = AVCOL_RANGE_MPEG;
  v->color_space = AVCOL_SPC_BT709;
  v->color_primaries = AVCOL_PRI_BT709;
  v->color_trc = AVCOL_TRC_BT709;
  audio->time_base = {1, int(kAudioRate)};
  AVCodecParameters* a = audio->codecpar;
  a->codec_type = AVMEDIA_TYPE_AUDIO;
  a->codec_id = AV_CODEC_ID_PCM_F32LE;
  a->format = AV_SAMPLE_FMT_FLT;
  a->sample_rate = int(kAudioRate);
  a->bits_per_coded_sample = 32;
  a->block_align = int(kAudioChannels * sizeof(float));
  av_channel_layout_default(&a->ch_layout, int(kAudioChannels));

  AVDictionary* options = nullptr;
  // An index at the end would be gathered in memory for months.
  av_dict_set(&options, "write_index", "0", 0);
  // FFmpeg's reader remembers every syncpoint for seeking: 400 bytes a frame, over a gigabyte a day at 30 fps, measured in
  // 5.1.9. A pipe is never sought in. Without syncpoints it is NUT version 4, which is still marked experimental.
  av_dict_set(&options, "syncpoints", "none", 0);
  av_dict_set(&options, "strict", "experimental", 0);
  const int code = avformat_write_header(format_, &options);
  av_dict_free(&options);
  return ended(code);
}

NutWriter::Result NutWriter::put(const void* data, size_t size, int stream, int64_t pts, int64_t duration) {
  if (!begun_ && begin() != Result::Ok) return result_;
  if (result_ != Result::Ok) return result_;
  const AVStream* s = format_->streams[stream];
  const AVRational base = stream == 0 ? AVRational{int(clock_.den), int(clock_.num)} : AVRational{1, int(kAudioRate)};
  av_packet_unref(packet_);
  packet_->data = static_cast<uint8_t*>(const_cast<void*>(data));
  packet_->size = int(size);
  packet_->stream_index = stream;
  packet_->pts = packet_->dts = av_rescale_q(pts, base, s->time_base);
  packet_->duration = av_rescale_q(duration, base, s->time_base);
  packet_->flags = AV_PKT_FLAG_KEY;
  const int code = av_write_frame(format_, packet_);
  packet_->data = nullptr;
  packet_->size = 0;
  avio_flush(io_);
  return ended(code < 0 ? code : io_->error);
}

NutWriter::Result NutWriter::video(const PictureRef& picture, int64_t index) {
  takeBack();
  lending_ = picture;
  lentSome_ = false;
  put(picture->y, i420Bytes(uint32_t(width_), uint32_t(height_)), 0, index, 1);
  lending_ = nullptr;
  if (lentSome_) lent_.push_back({picture, written_});
  return result_;
}

NutWriter::Result NutWriter::sound(const float* samples, int frames, int64_t at) {
  return put(samples, size_t(frames) * kAudioChannels * sizeof(float), 1, at, frames);
}

NutWriter::Result NutWriter::finish() {
  if (begun_ && result_ == Result::Ok) ended(av_write_trailer(format_));
  // Frames that are still in the pipe must not change before they are read.
  for (takeBack(); result_ == Result::Ok && !lent_.empty(); takeBack()) {
    pollfd ready[2] = {{cancel_, POLLIN, 0}, {pipe_, 0, 0}};
    if (poll(ready, 2, kDrainPollMs) != 0) break;
  }
  lent_.clear();
  return result_;
}

}  // namespace vistter
