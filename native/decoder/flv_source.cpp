#include "decoder/flv_source.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "decoder/events.h"

namespace vistter::decoder {

FlvSource::FlvSource(Job& job, std::string socketPath)
    : job_(job), path_(std::move(socketPath)), reader_([this](const FlvTag& tag) { onTag(tag); }), video_(job, teller_), audio_(job, teller_) {}

Source::End FlvSource::run() {
  if (path_.size() >= sizeof(sockaddr_un::sun_path)) {
    sendError("SOCKET_PATH", "The camera's socket path is too long.");
    job_.ring.setState(ProducerState::Failed);
    return End::Failed;
  }
  job_.ring.setState(ProducerState::Waiting);
  Event("waiting").send();
  while (!job_.stopping()) {
    const int fd = connectSocket();
    if (fd >= 0) {
      if (everConnected_) job_.counters.reconnects++;
      everConnected_ = true;
      reader_.reset();
      readAll(fd);
      close(fd);
      if (job_.stopping()) break;
      clock_.lost();
      videoCodec_ = MediaCodec::Unknown;
      video_.push(LiveVideo::Coded());
      becomeWaiting();
    }
    job_.sleepUs(kRetryUs);
  }
  return End::Stopped;
}

int FlvSource::connectSocket() {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

void FlvSource::readAll(int fd) {
  uint8_t buffer[65536];
  while (!job_.stopping()) {
    pollfd in{fd, POLLIN, 0};
    const int ready = poll(&in, 1, 100);
    if (running_ && monotonicUs() - lastMediaUs_ > kQuietUs) {
      clock_.quiet();
      becomeWaiting();
    }
    if (ready <= 0) continue;
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) return;
    arrivalUs_ = monotonicUs();
    job_.counters.bytesRead += uint64_t(got);
    if (!reader_.feed(buffer, size_t(got))) {
      sendError("CAMERA_STREAM", "The camera's stream is broken: " + reader_.fault());
      return;
    }
  }
}

void FlvSource::becomeRunning() {
  lastMediaUs_ = arrivalUs_;
  if (running_) return;
  running_ = true;
  job_.ring.setState(ProducerState::Running);
  Event("running").send();
  job_.format.repeat();
}

void FlvSource::becomeWaiting() {
  if (!running_) return;
  running_ = false;
  job_.ring.setState(ProducerState::Waiting);
  // Nothing is seen or heard of it any more, so nothing is wrong with that.
  teller_.forget();
  Event("waiting").send();
}

StreamClock::Time FlvSource::timeOf(StreamClock::Track track, const FlvTag& tag) {
  const StreamClock::Time time = clock_.map(track, tag.timestampMs, arrivalUs_);
  if (time.jumped) {
    job_.counters.jumps++;
    Event("jump").add("deltaMs", time.deltaMs).send();
  }
  return time;
}

void FlvSource::onTag(const FlvTag& tag) {
  switch (tag.type) {
    case FlvTagType::Video: onVideo(tag); break;
    case FlvTagType::Audio: onAudio(tag); break;
    case FlvTagType::Script: {
      const double fps = flvMetadataFps(tag.data, tag.size);
      if (fps > 0) video_.setDeclaredFps(fps);
      clock_.headerSeen();
      break;
    }
  }
}

void FlvSource::onVideo(const FlvTag& tag) {
  FlvVideo video;
  if (!parseFlvVideo(tag.data, tag.size, video)) {
    job_.counters.decodeErrors++;
    return;
  }
  if (video.packet == FlvPacket::Ignore) return;
  if (video.codec == MediaCodec::Unknown) {
    sendError("VIDEO_CODEC", "The camera sends pictures in a codec that is not supported.");
    return;
  }
  if (video.packet == FlvPacket::Sequence) {
    clock_.headerSeen();
    pushVideoHeader(video);
    return;
  }
  if (video.size == 0) return;
  if (video.codec != videoCodec_) {
    // AV1 and VP9 repeat all they need in each keyframe; H.264 and HEVC cannot be read without their header.
    if (video.codec == MediaCodec::H264 || video.codec == MediaCodec::Hevc) {
      job_.counters.packetsDropped++;
      return;
    }
    FlvVideo header;
    header.codec = video.codec;
    pushVideoHeader(header);
  }
  const StreamClock::Time time = timeOf(StreamClock::Video, tag);
  LiveVideo::Coded coded;
  coded.arrivalUs = arrivalUs_;
  coded.packet = makePacket();
  if (av_new_packet(coded.packet.get(), int(video.size)) < 0) return;
  memcpy(coded.packet->data, video.data, video.size);
  coded.packet->dts = time.us;
  coded.packet->pts = time.us + int64_t(video.compositionMs) * 1000;
  if (video.keyframe) coded.packet->flags |= AV_PKT_FLAG_KEY;
  if (video.disposable) coded.packet->flags |= AV_PKT_FLAG_DISPOSABLE;
  coded.epoch = time.epoch;
  becomeRunning();
  video_.push(std::move(coded));
}

void FlvSource::pushVideoHeader(const FlvVideo& video) {
  LiveVideo::Coded coded;
  coded.arrivalUs = arrivalUs_;
  coded.parameters.reset(avcodec_parameters_alloc());
  AVCodecParameters& p = *coded.parameters;
  p.codec_type = AVMEDIA_TYPE_VIDEO;
  p.codec_id = avCodecId(video.codec);
  // VP8 and VP9 need no header, and their decoders do not look for one.
  const bool useful = video.codec != MediaCodec::Vp9 && video.codec != MediaCodec::Vp8;
  if (useful && video.size > 0) {
    p.extradata = static_cast<uint8_t*>(av_mallocz(video.size + AV_INPUT_BUFFER_PADDING_SIZE));
    p.extradata_size = int(video.size);
    memcpy(p.extradata, video.data, video.size);
  }
  videoCodec_ = video.codec;
  video_.push(std::move(coded));
}

void FlvSource::onAudio(const FlvTag& tag) {
  FlvAudio audio;
  if (!parseFlvAudio(tag.data, tag.size, audio)) {
    job_.counters.decodeErrors++;
    return;
  }
  if (audio.packet == FlvPacket::Ignore) return;
  if (audio.codec == MediaCodec::Unknown) {
    sendError("AUDIO_CODEC", "The camera sends sound in a codec that is not supported.");
    return;
  }
  if (audio.packet == FlvPacket::Sequence) {
    clock_.headerSeen();
    audio_.push(audio, 0, arrivalUs_, 0);
    return;
  }
  const StreamClock::Time time = timeOf(StreamClock::Audio, tag);
  becomeRunning();
  audio_.push(audio, time.us, arrivalUs_, time.epoch);
}

}  // namespace vistter::decoder
