// A media file: demuxed, decoded and put into the ring as far ahead as that is deep, from its in-point to its out-point,
// once or over and over. Three threads: the demuxer (`run`), one for pictures, one for sound.
//
// Positions are µs from the in-point. Source time is position + the length of all laps before it, so a loop's join is one
// frame's step like any other. A seek begins a new epoch, at source time = position.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "decoder/job.h"
#include "decoder/media_input.h"
#include "decoder/packet_queues.h"

namespace vistter::decoder {

struct FileOptions {
  std::string path;
  bool loop = false;
  int64_t inUs = 0;
  int64_t outUs = -1;  // −1: to the end.
  int64_t fromUs = 0;  // Where to begin, from the in-point; beyond a loop's length it goes round.
  bool soundOnly = false;  // Pictures in it are not decoded.
  bool allowHttp = false;
};

class FileSource : public Source {
 public:
  FileSource(Job& job, FileOptions options);
  ~FileSource() override;
  End run() override;
  void seek(int64_t positionUs) override;
  void wake() override { queues_.close(); }

  // For the two decoding threads.
  Job& job() { return job_; }
  const MediaInput& input() const { return input_; }
  const FileOptions& options() const { return options_; }
  PacketQueues& queues() { return queues_; }
  bool current(uint32_t generation) const { return generation == generation_ && !job_.stopping(); }
  /// A lap's length when known before it is played, else −1.
  int64_t lapUs() const { return lapUs_; }
  void producedSome() { produced_ = true; }
  /// One side has played everything up to a LapEnd or Finish.
  void sideReached(PacketQueues::Side side, FileItem::Kind kind, uint32_t generation);

 private:
  void announce();
  void findLapLength();
  bool showCover();
  void pushBoth(FileItem::Kind kind, int64_t us, int64_t baseUs = 0);
  bool goTo(int64_t positionUs);
  bool takeSeek();
  int64_t withinLap(int64_t positionUs) const;
  void queuePacket(PacketPtr packet);
  bool beyondOut() const;
  bool endOfLap();
  /// Until both sides have played so many; false when a seek or the stop comes first.
  bool waitForLaps(int laps);
  End fail(const InputFault& fault);

  Job& job_;
  FileOptions options_;
  MediaInput input_;
  PacketQueues queues_;
  std::thread videoThread_;
  std::thread audioThread_;

  std::mutex mutex_;
  std::condition_variable reached_;
  int64_t seekUs_ = -1;
  int lapsPlayed_[2] = {0, 0};
  int sidesAtEnd_ = 0;

  std::atomic<uint32_t> generation_{0};
  std::atomic<bool> produced_{false};
  std::atomic<bool> barren_{false};  // Played to its end without one picture or sample.
  // Of the demuxing thread.
  uint32_t readGeneration_ = 0;  // The seek that what is being read belongs to.
  uint32_t epoch_ = 0;
  int64_t lapUs_ = -1;
  int lapsQueued_ = 0;
  int64_t lapEndSeenUs_ = -1;
  bool lapEmpty_ = true;            // Nothing was read since the last jump.
  std::optional<InputFault> lost_;  // Why what was played cannot be played any more.
  bool pastOut_[2] = {false, false};
};

}  // namespace vistter::decoder
