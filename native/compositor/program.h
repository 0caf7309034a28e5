// One program: its clock, its sources, what is on air, and its feeds. The functions may be called from one thread (the
// JS thread); all the work is done on the program's own.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "clock/frame_clock.h"
#include "compositor/command_queue.h"
#include "compositor/render_state.h"
#include "feed/feed.h"

namespace vistter {

struct ProgramOptions {
  int width = 1920;
  int height = 1080;
  FrameClock clock;
};

class Program {
 public:
  explicit Program(const ProgramOptions& options);
  ~Program();

  bool hasSource(const std::string& id) const { return sources_.count(id) > 0; }
  void addSource(const SourceOptions& options);
  /// Null leaves it as it is.
  void updateSource(const std::string& id, const std::string* fallbackId, const int64_t* delayUs);
  void removeSource(const std::string& id);
  /// A descriptor for the decoder, or -1 with errno set.
  int openRing(const std::string& id);
  void detachRing(const std::string& id);
  void setPlaying(const std::string& id, bool playing);
  void playFrom(const std::string& id, int64_t frame, double positionUs, int64_t beginFrame);
  void holdFrom(const std::string& id, int64_t frame);

  /// The first picture of an id is converted at once, so that a scene taken next shows it; later ones by the helper.
  void setPicture(const std::string& id, int width, int height, const uint8_t* rgba, size_t stride);
  void removePicture(const std::string& id);
  void setSlate(const std::string& id);

  /// `films` begin with the frame on which this does.
  int64_t take(Scene scene, const Transition& transition, std::vector<std::string> films);
  /// Not before `frame`; the next one when that has passed.
  int64_t takeAt(int64_t frame, Scene scene, const Transition& transition, std::vector<std::string> films);
  int64_t updateScene(Scene scene, std::vector<std::string> films);
  /// See Showing::bar and RenderState::black.
  int64_t bar(double position, std::shared_ptr<const Scene> scene, const Transition& transition, std::vector<std::string> films);
  int64_t black(bool on, int frames);
  /// Puts a scene over the program, or null takes away what is there. Returns the frame on which that begins.
  int64_t coverAt(int64_t frame, std::shared_ptr<const Scene> scene, bool fills, const Transition& transition, std::vector<std::string> films);
  /// Replaces what was planned for a scene from frame `from` on. Returns the next frame to be drawn.
  int64_t plan(const std::string& sceneId, int64_t from, Plan entries);
  int64_t setOverlays(std::vector<Layer> layers);

  /// The new feed's id and the encoder's descriptor; false when there are no descriptors left.
  bool openFeed(int queueFrames, int& id, int& fd, int64_t& firstFrame);
  void closeFeed(int id);

  /// What is set at the mixer, in the place of all that was. Returns the frame from which it is heard.
  int64_t setSound(SoundSettings sound);
  /// The mixes that somebody listens to, in the place of all that were; one that stays goes on.
  void wishMonitors(const std::vector<MonitorWish>& wishes);
  /// What of them was made since the last call.
  std::vector<MonitorSound> fetchMonitors();

  /// Which pictures are wanted small, and those that were made since the last call.
  void wishTiles(const std::vector<TileWish>& wishes) { tiles_->wish(wishes); }
  std::vector<Tile> fetchTiles() { return tiles_->fetch(); }
  TileMaker::Stats tileStats() { return tiles_->stats(); }

  /// A copy of the newest figures.
  ProgramStats stats();
  std::vector<Feed::Stats> feedStats(std::vector<int>& ids);
  std::map<std::string, Meter> takeLevels();

  void stop();
  bool stopped() const { return stopping_.load(); }
  const ProgramOptions options;

 private:
  /// A picture whose conversion has been asked for; the newest pixels win.
  struct PictureJobs;

  void run();
  void sleepUntil(int64_t dueNs) const;

  struct OpenFeed {
    std::shared_ptr<Feed> feed;
    bool closing = false;
  };

  const int64_t firstFrame_;
  CommandQueue<RenderState> commands_;
  std::shared_ptr<RenderShared> shared_;
  std::unique_ptr<RenderState> state_;
  std::map<std::string, SourceOptions> sources_;
  std::map<int, OpenFeed> feeds_;
  std::shared_ptr<PictureJobs> pictures_;
  std::vector<std::shared_ptr<Monitor>> monitors_;
  const std::shared_ptr<TileMaker> tiles_;
  int lastFeed_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace vistter
