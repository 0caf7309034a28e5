// The sound of a file: decoded, cut to the in- and out-point and to the length of the lap, both to the sample.
#pragma once

#include "decoder/audio_normalizer.h"
#include "decoder/file_source.h"

namespace vistter::decoder {

class FileAudio {
 public:
  explicit FileAudio(FileSource& file);
  void run();

 private:
  void handle(FileItem& item);
  void beginLap(double fromUs);
  void endLap(const FileItem& item);
  void decode(const AVPacket* packet);

  FileSource& file_;
  Job& job_;
  const AVStream* stream_;
  AudioNormalizer normalizer_;
  CodecPtr codec_;
  FramePtr frame_;
  uint32_t generation_ = 0;
  int64_t lapBaseUs_ = 0;
  double nextUs_ = 0;  // Where a frame without a time belongs.
};

}  // namespace vistter::decoder
