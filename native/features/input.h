// A recording as it is read here: its streams chosen, its packets in order, what cannot be read passed over.
#pragma once

#include <memory>
#include <string>

#include "decoder/av.h"
#include "decoder/containers.h"
#include "features/byte_source.h"

namespace vistter::features {

class Input {
 public:
  /// False with `fault` set when it cannot be read or holds neither pictures nor sound.
  bool openFile(const std::string& path, decoder::InputFault& fault);
  /// FLV that comes on stdin.
  bool openStdin(decoder::InputFault& fault);

  /// Null when there is none.
  AVStream* video() const { return video_; }
  AVStream* audio() const { return audio_; }
  /// As the file says, ms; negative where it does not.
  int64_t totalMs() const;
  /// Mean time between keyframes by the file's index, s; negative where it has none.
  double keyframeSeconds() const;
  /// From here on only keyframes of the picture are read, and what lies between them is not touched.
  void readKeyframesOnly();
  /// Where the last picture ends that the file has, by its index, ms.
  int64_t indexedEndMs();
  bool readsKeyframesOnly() const { return onlyKeyframes_; }
  /// While only keyframes are: whether the picture that is read next may be any.
  void readNextToo(bool too) { video_->discard = too ? AVDISCARD_DEFAULT : AVDISCARD_NONKEY; }

  enum class Next { Packet, Damaged, End };
  /// `Damaged`: something could not be read, and what follows is further on.
  Next read(AVPacket* packet);
  /// Goes back to the picture's keyframe at or before `us`.
  bool seekBack(int64_t us);

  /// Of a timestamp of `stream` from the recording's start, µs.
  int64_t placeUs(const AVStream* stream, int64_t timestamp);
  int64_t bytesRead() const { return source_->bytesRead(); }

 private:
  bool open(const AVInputFormat* format, decoder::InputFault& fault);
  void chooseStreams();
  void trackPlace(const AVPacket& packet);
  void mendPlace(AVPacket& packet);
  bool skipOver();
  bool resumeFlv();

  std::unique_ptr<ByteSource> source_;
  decoder::FormatPtr format_;
  AVStream* video_ = nullptr;
  AVStream* audio_ = nullptr;
  /// INT64_MIN until it is known.
  int64_t originUs_ = INT64_MIN;
  int64_t lastUs_ = 0;
  bool onlyKeyframes_ = false;
  int64_t keyframeDelay_ = AV_NOPTS_VALUE;
  int errorsInRow_ = 0;
  int leaps_ = 0;
  /// Of an FLV in a file: where the last tag began that was read, 0 before the first; negative where it is none.
  int64_t tagAt_ = -1;
  int resumes_ = 0;
};

}  // namespace vistter::features
