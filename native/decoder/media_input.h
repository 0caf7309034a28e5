// A media file as the decoder needs it: opened within narrow limits, its streams chosen, and its length known.
#pragma once

#include <string>

#include "decoder/av.h"
#include "decoder/containers.h"
#include "decoder/job.h"
#include "decoder/picture_converter.h"

namespace vistter::decoder {

class MediaInput {
 public:
  /// Opens `path`; without `pictures` only its sound counts. False with `fault` set when it cannot be read or holds nothing
  /// to play.
  bool open(Job& job, const std::string& path, bool allowHttp, bool pictures, InputFault& fault);
  /// Opens a still picture: its container is told from its first bytes, never from its name.
  bool openImage(Job& job, const std::string& path, InputFault& fault);

  AVFormatContext* format() const { return format_.get(); }
  /// Null when there is none.
  AVStream* video() const { return video_; }
  AVStream* audio() const { return audio_; }
  /// A picture that lies beside the sound (an album's cover): one packet, no time.
  AVStream* cover() const { return cover_; }

  double fps() const;
  Orientation orientation() const;
  bool hasAlpha() const;

  /// Where position 0 lies in the container's own time, µs.
  int64_t originUs() const { return originUs_; }
  /// Position of a timestamp of `stream`, µs.
  int64_t positionUs(const AVStream* stream, int64_t timestamp) const;
  /// Goes to the last place from where everything at and after `positionUs` can be decoded. False when it cannot.
  bool seek(int64_t positionUs);
  /// Finds where the last picture and the last sound end by reading the file's tail; −1 where that cannot be told. Leaves
  /// the file at its tail.
  void measureEnds(int64_t& videoEndUs, int64_t& audioEndUs);

 private:
  bool openWith(Job& job, const std::string& url, const AVInputFormat* forced, const char* protocols, bool pictures, InputFault& fault);
  void chooseStreams(bool pictures);

  FormatPtr format_;
  AVStream* video_ = nullptr;
  AVStream* audio_ = nullptr;
  AVStream* cover_ = nullptr;
  int64_t originUs_ = 0;
};

/// The matrix that turns a stream's pictures upright, or null.
const int32_t* displayMatrixOf(const AVStream* stream);

}  // namespace vistter::decoder
