// A camera's pictures: a bounded queue of coded frames and the thread that decodes them. Apart from the socket's thread,
// so that a slow picture never holds up the sound. When it falls behind it gives up, in this order: frames that no other
// frame needs, then whole runs up to the next keyframe; each is counted.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "decoder/av.h"
#include "decoder/flv_tags.h"
#include "decoder/ring_writer.h"
#include "decoder/sight.h"

namespace vistter::decoder {

class LiveVideo {
 public:
  LiveVideo(Job& job, SightTeller& teller);
  ~LiveVideo();

  struct Coded {
    PacketPtr packet;            // pts and dts in µs of source time.
    ParametersPtr parameters;    // A new codec header, with a null packet. Both null: the stream broke off here.
    int64_t arrivalUs = 0;
    uint32_t epoch = 0;
  };

  /// Takes the next coded frame or header. Never waits.
  void push(Coded coded);
  /// The `framerate` the sender declared, for the `format` event and the reorder guess; 0: unknown.
  void setDeclaredFps(double fps) { declaredFps_ = fps; }

 private:
  static constexpr size_t kMaxQueued = 512;
  static constexpr size_t kMaxQueuedBytes = 48u << 20;
  // No codec holds back more frames than this. One that has taken in as many and given out none is stuck.
  static constexpr int kStuckPackets = 32;
  static constexpr int64_t kBehindUs = 300000;
  static constexpr int64_t kHopelessUs = 1200000;

  void run();
  bool take(Coded& out);
  void skipToNewestKeyframe();
  void configure(const Coded& coded);
  void finish();
  bool open(const AVPacket& first);
  void decode(const Coded& coded);
  void receive(uint32_t epoch);

  Job& job_;
  SightTeller& teller_;
  PictureWriter writer_;

  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Coded> queue_;
  size_t queuedBytes_ = 0;
  bool needKeyframe_ = true;   // The queue was cut: nothing is taken until the next keyframe.
  bool closing_ = false;
  std::atomic<double> declaredFps_{0};

  // Of the decoding thread.
  PictureSight sight_;
  ParametersPtr parameters_;
  CodecPtr codec_;
  FramePtr frame_;
  bool waitKeyframe_ = true;
  int packetsWithoutFrame_ = 0;
  uint32_t epoch_ = 0;
  int64_t lastPtsUs_ = INT64_MIN;
  struct Arrival {
    int64_t ptsUs;
    int64_t arrivalUs;
  };
  Arrival arrivals_[64] = {};
  size_t nextArrival_ = 0;
  std::thread thread_;
};

AVCodecID avCodecId(MediaCodec codec);

}  // namespace vistter::decoder
