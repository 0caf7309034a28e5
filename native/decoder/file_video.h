// The pictures of a file: decoded, placed on source time, cut to the in- and out-point.
#pragma once

#include <vector>

#include "decoder/file_source.h"
#include "decoder/ring_writer.h"

namespace vistter::decoder {

class FileVideo {
 public:
  explicit FileVideo(FileSource& file);
  void run();

 private:
  void handle(FileItem& item);
  void hold(PacketPtr packet);
  void release();
  void decode(const AVPacket* packet);
  bool onlyHelps(const AVPacket* packet) const;
  int64_t positionUs(int64_t timestamp) const;
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
  // After a jump: what may yet turn out not to be needed.
  bool holding_ = false;
  std::vector<PacketPtr> held_;
  size_t heldBytes_ = 0;
};

}  // namespace vistter::decoder
