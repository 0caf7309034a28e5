// Decodes groups of pictures on a thread of its own: each begins with a keyframe and needs nothing of another. Of a group of one picture
// that is all of it; of a longer one a picture a second is kept, and one to set beside each; or the keyframe, and the last of those that were
// only to be set beside it.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "decoder/av.h"
#include "features/packet_queue.h"
#include "features/picture_scaler.h"

namespace vistter::features {

/// So long after a picture lies the one that is set beside it, or a little longer.
constexpr int64_t kBesideUs = 80'000;

struct WorkerSink {
  std::function<void(int64_t group, const Thumb&)> picture;
  /// A moment after the picture that came before it.
  std::function<void(int64_t group, const Thumb&)> beside;
  /// A picture of the group could not be decoded.
  std::function<void(int64_t group, int64_t atMs)> damaged;
  std::function<void(int64_t group)> ended;
};

class PictureWorker {
 public:
  PictureWorker(const AVStream* stream, WorkerSink sink, int64_t mostBytes);
  ~PictureWorker();
  /// Null when there is a decoder; else what is wrong, in a sentence.
  const std::string& fault() const { return fault_; }
  /// Packets whose `pts` is their place from the recording's start, µs. Waits while there is too much to do.
  void push(Parcel parcel) { queue_.push(std::move(parcel)); }
  int64_t waitingBytes() { return queue_.bytes(); }
  /// Resolves when all that was pushed is done.
  void finish();

 private:
  void run();
  void decode(Parcel& parcel);
  void receive(int64_t group);
  bool isOfPair();
  void drain(int64_t group);
  void endGroup(int64_t group);

  WorkerSink sink_;
  std::string fault_;
  decoder::CodecPtr codec_;
  decoder::FramePtr frame_ = decoder::makeFrame();
  /// The last that came behind the group's keyframe.
  decoder::FramePtr beside_ = decoder::makeFrame();
  PictureScaler scaler_;
  Thumb thumb_;
  PacketQueue queue_;
  std::thread thread_;
  /// Of the group that is being decoded.
  decoder::PacketPtr first_;
  int packets_ = 0;
  int pictures_ = 0;
  bool isPair_ = false;
  /// That something of it is damaged.
  bool told_ = false;
  int64_t firstUs_ = 0;
  int64_t lastSecond_ = -1;
  /// From here on a picture is set beside the last one.
  int64_t besideFromUs_ = INT64_MAX;
};

}  // namespace vistter::features
