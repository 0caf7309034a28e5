#include "features/input.h"

#include <algorithm>
#include <cstring>

#include "features/flv_damage.h"

namespace vistter::features {

using decoder::InputFault;
using decoder::kMicroseconds;

namespace {

/// What one needs to know of a stream stands in its first seconds.
constexpr int64_t kLookBytes = 8 << 20;
constexpr int64_t kLookUs = 5'000'000;
/// Errors without a packet in between, before one leaps ahead; leaps before one gives up.
constexpr int kMostErrors = 32;
constexpr int kMostLeaps = 12;
constexpr int kFewestEntries = 4;
/// Each may cost 16 MB that are read for nothing.
constexpr int kMostResumes = 1'000;
/// Measured: 700 MB/s in order, 10,000 pieces a second; sound has some 35 pieces a second.
constexpr double kDenseBytesASecond = 2.5e6;

}  // namespace

bool Input::openFile(const std::string& path, InputFault& fault) {
  int error = 0;
  source_ = ByteSource::ofFile(path, error);
  if (source_ == nullptr) {
    fault = error == AVERROR(EINVAL) ? InputFault{"MEDIA_INVALID", "It is not a file."} : decoder::faultOf(error);
    return false;
  }
  return open(nullptr, fault);
}

bool Input::openStdin(InputFault& fault) {
  source_ = ByteSource::ofStdin();
  return open(av_find_input_format("flv"), fault);
}

bool Input::open(const AVInputFormat* format, InputFault& fault) {
  AVFormatContext* context = avformat_alloc_context();
  if (context == nullptr) return false;
  context->pb = source_->io();
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  context->probesize = kLookBytes;
  context->max_analyze_duration = kLookUs;
  AVDictionary* options = nullptr;
  // Nothing that a file names is opened: it has no protocol at all.
  av_dict_set(&options, "protocol_whitelist", "none", 0);
  av_dict_set(&options, "format_whitelist", decoder::kContainers, 0);
  // Of an MP4's edit list its beginning counts; to apply all of it would hold the index of hours twice.
  av_dict_set(&options, "advanced_editlist", "0", 0);
  int code = avformat_open_input(&context, nullptr, format, &options);
  av_dict_free(&options);
  format_.reset(context);
  if (code >= 0) code = avformat_find_stream_info(context, nullptr);
  if (code < 0) {
    fault = decoder::faultOf(code == AVERROR_EOF ? AVERROR_INVALIDDATA : code);
    return false;
  }
  if (source_->size() >= 0 && strcmp(context->iformat->name, "flv") == 0) tagAt_ = 0;
  chooseStreams();
  if (video_ == nullptr && audio_ == nullptr) {
    fault = {"MEDIA_EMPTY", "The file holds neither pictures nor sound that can be used."};
    return false;
  }
  return true;
}

void Input::chooseStreams() {
  AVFormatContext* f = format_.get();
  const int video = av_find_best_stream(f, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (video >= 0) video_ = f->streams[video];
  // An album's cover is no picture of what goes on.
  if (video_ != nullptr && (video_->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) video_ = nullptr;
  const int audio = av_find_best_stream(f, AVMEDIA_TYPE_AUDIO, -1, video, nullptr, 0);
  if (audio >= 0) audio_ = f->streams[audio];
  for (unsigned i = 0; i < f->nb_streams; i++) {
    AVStream* stream = f->streams[i];
    stream->discard = stream == video_ || stream == audio_ ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    if (stream->discard == AVDISCARD_ALL || stream->start_time == AV_NOPTS_VALUE) continue;
    const int64_t start = av_rescale_q(stream->start_time, stream->time_base, kMicroseconds);
    originUs_ = originUs_ == INT64_MIN ? start : std::min(originUs_, start);
  }
}

int64_t Input::totalMs() const { return format_->duration > 0 ? format_->duration / 1000 : -1; }

double Input::keyframeSeconds() const {
  if (video_ == nullptr || source_->size() < 0) return -1;
  const int entries = avformat_index_get_entries_count(video_);
  if (entries < kFewestEntries || format_->duration <= 0) return -1;
  int keyframes = 0;
  for (int i = 0; i < entries; i++) keyframes += (avformat_index_get_entry(video_, i)->flags & AVINDEX_KEYFRAME) != 0;
  const double first = double(avformat_index_get_entry(video_, 0)->timestamp) * av_q2d(video_->time_base);
  const double last = double(avformat_index_get_entry(video_, entries - 1)->timestamp) * av_q2d(video_->time_base);
  // An index of every picture to the end; that of a fragmented file grows as it is read, others name keyframes only.
  const bool isWhole = last - first > 0.9 * double(format_->duration) / AV_TIME_BASE && keyframes < entries;
  return isWhole && keyframes > 0 ? (last - first) / keyframes : -1;
}

void Input::readKeyframesOnly() {
  onlyKeyframes_ = true;
  video_->discard = AVDISCARD_NONKEY;
  source_->leap(double(source_->size()) < kDenseBytesASecond * double(totalMs()) / 1e3);
}

int64_t Input::indexedEndMs() {
  const int entries = avformat_index_get_entries_count(video_);
  for (int i = entries - 1; i > 0; i--) {
    const AVIndexEntry* entry = avformat_index_get_entry(video_, i);
    // Behind the end of a file that was cut off.
    if (entry->pos + entry->size > source_->size()) continue;
    const int64_t step = entry->timestamp - avformat_index_get_entry(video_, i - 1)->timestamp;
    return placeUs(video_, entry->timestamp + step + (keyframeDelay_ == AV_NOPTS_VALUE ? 0 : keyframeDelay_)) / 1000;
  }
  return 0;
}

int64_t Input::placeUs(const AVStream* stream, int64_t timestamp) {
  const int64_t us = av_rescale_q(timestamp, stream->time_base, kMicroseconds);
  if (originUs_ == INT64_MIN) originUs_ = us;
  return us - originUs_;
}

void Input::trackPlace(const AVPacket& packet) {
  errorsInRow_ = 0;
  const int64_t stamp = packet.dts != AV_NOPTS_VALUE ? packet.dts : packet.pts;
  if (stamp == AV_NOPTS_VALUE) return;
  const int64_t us = placeUs(format_->streams[packet.stream_index], stamp);
  if (us > lastUs_) lastUs_ = us, leaps_ = 0;
}

Input::Next Input::read(AVPacket* packet) {
  for (;;) {
    const int code = av_read_frame(format_.get(), packet);
    if (code >= 0) {
      const bool wasCut = (packet->flags & AV_PKT_FLAG_CORRUPT) != 0;
      if (tagAt_ >= 0 && packet->pos > tagAt_) tagAt_ = packet->pos;
      // Whose size leads behind the file's end was given all the rest of it.
      if (wasCut && resumeFlv()) {
        av_packet_unref(packet);
        return Next::Damaged;
      }
      const AVStream* stream = format_->streams[packet->stream_index];
      if (stream != video_ && stream != audio_) {
        av_packet_unref(packet);
        continue;
      }
      trackPlace(*packet);
      if (onlyKeyframes_ && stream == video_) mendPlace(*packet);
      return Next::Packet;
    }
    if (code == AVERROR(EAGAIN)) continue;
    if (resumeFlv()) return Next::Damaged;
    if (code == AVERROR_EOF || avio_feof(format_->pb) != 0) return Next::End;
    if (++errorsInRow_ >= kMostErrors && !skipOver()) return Next::End;
    return Next::Damaged;
  }
}

/// libav takes the flag from the bytes, which may be damaged, where the index has said it already. And it counts the distances from decoding
/// to presentation by the packets that it gives out, so that only that of the first is right; keyframes all have the same. Of others it need not
/// be known.
void Input::mendPlace(AVPacket& packet) {
  if (packet.dts == AV_NOPTS_VALUE || packet.pts == AV_NOPTS_VALUE) return;
  const int at = av_index_search_timestamp(video_, packet.dts, AVSEEK_FLAG_ANY);
  const AVIndexEntry* entry = at >= 0 ? avformat_index_get_entry(video_, at) : nullptr;
  if (entry == nullptr || entry->timestamp != packet.dts) return;
  if ((entry->flags & AVINDEX_KEYFRAME) != 0) {
    packet.flags |= AV_PKT_FLAG_KEY;
    if (keyframeDelay_ == AV_NOPTS_VALUE) keyframeDelay_ = packet.pts - packet.dts;
  }
  if (keyframeDelay_ != AV_NOPTS_VALUE) packet.pts = packet.dts + keyframeDelay_;
}

/// Goes on further ahead: a second, then two, four …
bool Input::skipOver() {
  if (source_->size() < 0 || leaps_ >= kMostLeaps) return false;
  errorsInRow_ = 0;
  const int64_t to = lastUs_ + (int64_t(1'000'000) << leaps_++) + (originUs_ == INT64_MIN ? 0 : originUs_);
  return avformat_seek_file(format_.get(), -1, to, to, INT64_MAX, 0) >= 0;
}

bool Input::resumeFlv() {
  const int64_t next = tagAt_ > 0 && resumes_++ < kMostResumes ? flvTagBehindDamage(*source_, tagAt_) : -1;
  if (next < 0 || avio_seek(format_->pb, next, SEEK_SET) != next) return false;
  tagAt_ = next;
  return true;
}

bool Input::seekBack(int64_t us) {
  if (source_->size() < 0) return false;
  const int64_t to = av_rescale_q(us + (originUs_ == INT64_MIN ? 0 : originUs_), kMicroseconds, video_->time_base);
  if (tagAt_ > 0) tagAt_ = 0;
  return av_seek_frame(format_.get(), video_->index, to, AVSEEK_FLAG_BACKWARD) >= 0;
}

}  // namespace vistter::features
