// A camera: FLV over a unix socket that stays open whether or not anybody publishes. A socket that refuses, breaks or
// sends nonsense is tried again every 100 ms for ever.
#pragma once

#include <string>

#include "decoder/flv_reader.h"
#include "decoder/job.h"
#include "decoder/live_audio.h"
#include "decoder/live_video.h"
#include "decoder/stream_clock.h"

namespace vistter::decoder {

class FlvSource : public Source {
 public:
  FlvSource(Job& job, std::string socketPath);
  End run() override;

 private:
  int connectSocket();
  /// Reads until the connection ends or the job stops.
  void readAll(int fd);
  void onTag(const FlvTag& tag);
  void onVideo(const FlvTag& tag);
  void pushVideoHeader(const FlvVideo& video);
  void onAudio(const FlvTag& tag);
  StreamClock::Time timeOf(StreamClock::Track track, const FlvTag& tag);
  void becomeRunning();
  void becomeWaiting();

  static constexpr int64_t kRetryUs = 100000;
  static constexpr int64_t kQuietUs = 2000000;

  Job& job_;
  std::string path_;
  FlvReader reader_;
  StreamClock clock_;
  SightTeller teller_;
  LiveVideo video_;
  LiveAudio audio_;
  MediaCodec videoCodec_ = MediaCodec::Unknown;  // Of the last header.
  bool running_ = false;
  bool everConnected_ = false;
  int64_t arrivalUs_ = 0;
  int64_t lastMediaUs_ = 0;
};

}  // namespace vistter::decoder
