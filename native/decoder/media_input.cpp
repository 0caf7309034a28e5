#include "decoder/media_input.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace vistter::decoder {

namespace {

constexpr char kImageFormats[] = "png_pipe,jpeg_pipe,webp_pipe,gif,bmp_pipe,tiff_pipe,qoi_pipe,jpegxl_pipe,mov";

// A start further into the file than this is a stream that begins late, not the rounding of a container.
constexpr int64_t kSameStartUs = 500000;
constexpr int64_t kTailUs = 3000000;
constexpr int kTailPackets = 20000;

int interrupted(void* job) { return static_cast<Job*>(job)->stopping() ? 1 : 0; }

const AVInputFormat* imageFormat(const std::string& path) {
  uint8_t head[16] = {};
  FILE* file = fopen(path.c_str(), "rb");
  if (file == nullptr) return nullptr;
  const size_t got = fread(head, 1, sizeof head, file);
  fclose(file);
  if (got < 12) return nullptr;
  const auto starts = [&](const char* magic, size_t n, size_t at = 0) { return memcmp(head + at, magic, n) == 0; };
  if (starts("\x89PNG", 4)) return av_find_input_format("png_pipe");
  if (starts("\xff\xd8\xff", 3)) return av_find_input_format("jpeg_pipe");
  if (starts("RIFF", 4) && starts("WEBP", 4, 8)) return av_find_input_format("webp_pipe");
  if (starts("GIF8", 4)) return av_find_input_format("gif");
  if (starts("BM", 2)) return av_find_input_format("bmp_pipe");
  if (starts("II*\0", 4) || starts("MM\0*", 4)) return av_find_input_format("tiff_pipe");
  if (starts("qoif", 4)) return av_find_input_format("qoi_pipe");
  if (starts("\xff\x0a", 2) || starts("\0\0\0\x0cJXL ", 8)) return av_find_input_format("jpegxl_pipe");
  if (starts("ftyp", 4, 4)) return av_find_input_format("mov");
  return nullptr;
}

}  // namespace

const int32_t* displayMatrixOf(const AVStream* stream) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  const AVCodecParameters* p = stream->codecpar;
  const AVPacketSideData* data =
      av_packet_side_data_get(p->coded_side_data, p->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  return data != nullptr && data->size >= 36 ? reinterpret_cast<const int32_t*>(data->data) : nullptr;
#else
  size_t size = 0;
  const uint8_t* data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  return data != nullptr && size >= 36 ? reinterpret_cast<const int32_t*>(data) : nullptr;
#endif
}

bool MediaInput::openWith(Job& job, const std::string& url, const AVInputFormat* forced, const char* protocols, bool pictures,
                          InputFault& fault) {
  video_ = audio_ = cover_ = nullptr;
  AVFormatContext* context = avformat_alloc_context();
  if (context == nullptr) return false;
  context->interrupt_callback = {interrupted, &job};
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", protocols, 0);
  av_dict_set(&options, "format_whitelist", forced != nullptr ? kImageFormats : kContainers, 0);
  // A server that says nothing more is as good as gone.
  if (strstr(protocols, "http") != nullptr) av_dict_set(&options, "rw_timeout", "10000000", 0);
  int code = avformat_open_input(&context, url.c_str(), forced, &options);
  av_dict_free(&options);
  format_.reset(context);
  if (code >= 0) code = avformat_find_stream_info(context, nullptr);
  if (code < 0) {
    fault = faultOf(code);
    return false;
  }
  chooseStreams(pictures);
  if (video_ == nullptr && audio_ == nullptr && cover_ == nullptr) {
    fault = {"MEDIA_EMPTY", "The file holds neither pictures nor sound that can be played."};
    return false;
  }
  return true;
}

bool MediaInput::open(Job& job, const std::string& path, bool allowHttp, bool pictures, InputFault& fault) {
  const bool http = path.compare(0, 7, "http://") == 0 || path.compare(0, 8, "https://") == 0;
  if (http && allowHttp) return openWith(job, path, nullptr, "http,https,tcp,tls", pictures, fault);
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    fault = faultOf(AVERROR(errno));
    return false;
  }
  // A fifo or device would block for ever, or be something else each time.
  if (!S_ISREG(info.st_mode)) {
    fault = {"MEDIA_INVALID", "It is not a file."};
    return false;
  }
  // The prefix keeps a name with a colon in it from being read as a protocol.
  return openWith(job, "file:" + path, nullptr, allowHttp ? "file,http,https,tcp,tls" : "file", pictures, fault);
}

bool MediaInput::openImage(Job& job, const std::string& path, InputFault& fault) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    fault = faultOf(AVERROR(errno));
    return false;
  }
  const AVInputFormat* forced = S_ISREG(info.st_mode) ? imageFormat(path) : nullptr;
  if (forced == nullptr) {
    fault = {"IMAGE_INVALID", "The file is not a picture of a known kind (PNG, JPEG, WebP, GIF, BMP, TIFF)."};
    return false;
  }
  return openWith(job, "file:" + path, forced, "file", true, fault);
}

void MediaInput::chooseStreams(bool pictures) {
  AVFormatContext* f = format_.get();
  for (unsigned i = 0; i < f->nb_streams && pictures; i++) {
    AVStream* stream = f->streams[i];
    if ((stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0 && cover_ == nullptr && stream->attached_pic.size > 0) {
      cover_ = stream;
    }
  }
  const int best = pictures ? av_find_best_stream(f, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0) : -1;
  if (best >= 0) video_ = f->streams[best];
  for (unsigned i = 0; i < f->nb_streams && video_ != nullptr && (video_->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0; i++) {
    AVStream* other = f->streams[i];
    if (other->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && (other->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0) video_ = other;
  }
  if (video_ != nullptr && (video_->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) video_ = nullptr;
  const int bestAudio = av_find_best_stream(f, AVMEDIA_TYPE_AUDIO, -1, video_ != nullptr ? video_->index : -1, nullptr, 0);
  if (bestAudio >= 0) audio_ = f->streams[bestAudio];
  for (unsigned i = 0; i < f->nb_streams; i++) {
    AVStream* stream = f->streams[i];
    stream->discard = stream == video_ || stream == audio_ ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }

  const auto startOf = [](const AVStream* s) {
    return s != nullptr && s->start_time != AV_NOPTS_VALUE ? av_rescale_q(s->start_time, s->time_base, kMicroseconds) : INT64_MAX;
  };
  const int64_t videoStart = startOf(video_);
  const int64_t audioStart = startOf(audio_);
  const int64_t first = std::min(videoStart, audioStart);
  originUs_ = first == INT64_MAX ? 0 : first;
  // A picture from the very first moment; what little sound lies before it is cut.
  if (videoStart != INT64_MAX && videoStart - originUs_ < kSameStartUs) originUs_ = videoStart;
}

double MediaInput::fps() const {
  if (video_ == nullptr) return 0;
  const AVRational rate = av_guess_frame_rate(format_.get(), video_, nullptr);
  return rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0;
}

Orientation MediaInput::orientation() const {
  const int32_t* matrix = video_ != nullptr ? displayMatrixOf(video_) : nullptr;
  return matrix != nullptr ? orientationOf(matrix) : Orientation();
}

bool MediaInput::hasAlpha() const {
  if (video_ == nullptr) return false;
  const AVDictionaryEntry* mode = av_dict_get(video_->metadata, "alpha_mode", nullptr, 0);
  return mode != nullptr && strcmp(mode->value, "1") == 0;
}

int64_t MediaInput::positionUs(const AVStream* stream, int64_t timestamp) const {
  return av_rescale_q(timestamp, stream->time_base, kMicroseconds) - originUs_;
}

bool MediaInput::seek(int64_t positionUs) {
  AVStream* by = video_ != nullptr ? video_ : audio_;
  if (by == nullptr) return false;
  // Transport and program streams have no index: a search by time ends behind their first keyframe as often as before it.
  if (positionUs <= 0 && (format_->iformat->flags & AVFMT_TS_DISCONT) != 0) {
    if (avformat_seek_file(format_.get(), -1, INT64_MIN, 0, INT64_MAX, AVSEEK_FLAG_BYTE) >= 0) return true;
  }
  const int64_t target = av_rescale_q_rnd(originUs_ + positionUs, kMicroseconds, by->time_base, AV_ROUND_DOWN);
  int code = av_seek_frame(format_.get(), by->index, target, AVSEEK_FLAG_BACKWARD);
  // Nothing at or before it: then from wherever the file begins.
  if (code < 0) code = avformat_seek_file(format_.get(), by->index, INT64_MIN, target, INT64_MAX, 0);
  if (code < 0 && positionUs <= 0) code = av_seek_frame(format_.get(), -1, 0, AVSEEK_FLAG_BYTE);
  return code >= 0;
}

void MediaInput::measureEnds(int64_t& videoEndUs, int64_t& audioEndUs) {
  videoEndUs = audioEndUs = -1;
  if (format_->duration == AV_NOPTS_VALUE || format_->duration <= 0) return;
  const int64_t endUs = (format_->start_time == AV_NOPTS_VALUE ? 0 : format_->start_time) + format_->duration - originUs_;
  if (!seek(std::max<int64_t>(0, endUs - kTailUs))) return;
  PacketPtr packet = makePacket();
  int64_t longest[2] = {-1, -1};
  int read = 0;
  for (; read < kTailPackets && av_read_frame(format_.get(), packet.get()) >= 0; read++) {
    const bool isVideo = video_ != nullptr && packet->stream_index == video_->index;
    const AVStream* stream = isVideo ? video_ : audio_;
    const int64_t pts = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
    if (stream != nullptr && packet->stream_index == stream->index && pts != AV_NOPTS_VALUE) {
      int64_t end = positionUs(stream, pts + packet->duration);
      if (isVideo && packet->duration <= 0 && fps() > 0) end += int64_t(1e6 / fps());
      longest[isVideo ? 0 : 1] = std::max(longest[isVideo ? 0 : 1], end);
    }
    av_packet_unref(packet.get());
  }
  if (read >= kTailPackets) return;
  videoEndUs = longest[0];
  audioEndUs = longest[1];
}

}  // namespace vistter::decoder
