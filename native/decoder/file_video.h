// The pictures of a file: decoded, placed on source time, cut to the in- and out-point.
#pragma once

#include "decoder/file_source.h"
#include "decoder/ring_writer.h"

namespace vistter::decoder {

class FileVideo {
 public:
  explicit FileVideo(FileSource& file);
  void run();

 private:
  void handle(FileItem& item);
  void decode(const AVPacket* packet);
  void show(const AVFrame& frame);

  FileSource& file_;
  Job& job_;
  const AVStream* stream_;
  PictureWriter writer_;
  CodecPtr codec_;
  FramePtr frame_;
  Orientation turn_;
  AVRational sampleAspect_;
  int64_t usualDurationUs_ = 0;
  uint32_t generation_ = 0;
  uint32_t epoch_ = 0;
  int64_t lapBaseUs_ = 0;    // Source time of the lap's position 0.
  int64_t fromUs_ = 0;       // Position before which nothing is shown.
  int64_t nextPtsUs_ = 0;    // Where a frame without a time belongs.
  int64_t lastPtsUs_ = INT64_MIN;
};

}  // namespace vistter::decoder
