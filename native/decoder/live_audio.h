// A camera's sound: decoded on the socket's own thread, for it costs next to nothing and must never wait for a picture.
#pragma once

#include "decoder/audio_normalizer.h"
#include "decoder/av.h"
#include "decoder/flv_tags.h"
#include "decoder/sight.h"

namespace vistter::decoder {

class LiveAudio {
 public:
  LiveAudio(Job& job, SightTeller& teller);

  /// A tag's worth of sound whose first sample is heard at `ptsUs`.
  void push(const FlvAudio& audio, int64_t ptsUs, int64_t arrivalUs, uint32_t epoch);

 private:
  void configure(const FlvAudio& audio);

  Job& job_;
  SoundSight sight_;
  AudioNormalizer normalizer_;
  ParametersPtr parameters_;
  CodecPtr codec_;
  FramePtr frame_;
  PacketPtr packet_;
  uint32_t epoch_ = 0;
};

}  // namespace vistter::decoder
