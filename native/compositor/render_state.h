// What the render thread owns: everything that makes up a frame. No clock in here: tick() is told the time.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "clock/frame_clock.h"
#include "compositor/compositor.h"
#include "compositor/showing.h"
#include "compositor/source.h"
#include "feed/feed.h"
#include "mixer/mixer.h"
#include "mixer/monitor.h"
#include "mixer/settings.h"
#include "tiles/tile_maker.h"

namespace vistter {

struct SourceStats {
  std::string id;
  SourceState state = SourceState::Waiting;
  bool ready = false;
  double ageMs = -1;
  int width = 0, height = 0;
  uint64_t shown = 0, skipped = 0, dropped = 0, repeated = 0;
  double offsetUs = 0, audioErrorUs = 0;
  uint64_t audioUnderruns = 0;
  int64_t stoodInFrame = -1;
};

/// What a scene that is over the program has shown.
struct CoverCounts {
  std::string sceneId;
  uint64_t missed = 0;     // Frames in which something of it was not there: a stand-in was seen, or a picture that stood.
  uint64_t blank = 0;      // Of those the ones in which nothing of it was there.
  int64_t lastFrame = -1;  // The last in which it was over the program.
};

struct ProgramStats {
  static constexpr int kComposed = 300;
  std::string sceneId;
  int64_t frame = 0;
  uint64_t rendered = 0, late = 0, skipped = 0, repeated = 0;
  bool inTransition = false;
  double black = 0;           // How far the program is faded to black.
  std::string coverId;        // Of the scene that is over the program; empty: none is.
  bool coverInTransition = false;
  std::vector<CoverCounts> covers;  // Of scenes that are over the program, or were not long ago.
  std::array<float, kComposed> composeUs{};  // The newest `min(rendered, kComposed)` of them, in no order.
  std::vector<SourceStats> sources;
};

/// What the render thread shows of itself. It only ever tries the lock: when it is taken, the next tick will do.
struct RenderShared {
  std::mutex mutex;
  ProgramStats stats;
  std::map<std::string, Meter> levels;
};

class RenderState {
 public:
  RenderState(int width, int height, FrameClock clock, std::shared_ptr<RenderShared> shared);

  std::unordered_map<std::string, std::unique_ptr<Source>> sources;
  std::unordered_map<std::string, PictureRef> pictures;
  std::vector<std::shared_ptr<Feed>> feeds;
  std::shared_ptr<TileMaker> tiles;  // Null: there are none.
  std::string slateId;
  std::vector<std::shared_ptr<Monitor>> monitors;

  /// See Showing.
  void take(Showing::Take take) { program_.take(std::move(take)); }
  void takeAt(int64_t frame, Showing::Take take) { program_.takeAt(frame, std::move(take), false); }
  /// Without films or a transition: an edit.
  void updateScene(Showing::Take take) { program_.update(std::move(take)); }
  void bar(double position, Showing::Take take) { program_.bar(position, std::move(take)); }
  /// Fades all that goes out to black or back, picture and sound, over so many frames from the next on; what is on its way goes on
  /// from there. All beneath goes on. Only what is `overBlack` is seen and heard meanwhile.
  void black(bool on, int frames);
  /// Puts a scene over the program from the tick of `frame` on, or the next; null takes away what is there.
  void coverAt(int64_t frame, Showing::Take take);
  /// Puts `entries` in the place of all that was planned for the scene from frame `from` on. `entries` then holds what is
  /// not needed any more: whoever posted it frees it.
  void plan(const std::string& sceneId, int64_t from, Plan& entries);
  void setOverlays(std::shared_ptr<const std::vector<Layer>> layers) { overlays_ = std::move(layers); }
  void addSource(const std::string& id, std::unique_ptr<Source> source);
  void removeSource(const std::string& id);
  /// What is set at the mixer, from the next frame on; `sound` then holds what was before.
  void setSound(std::shared_ptr<const SoundSettings>& sound);

  /// Makes frame `n` from what is there at `nowUs`, and the sound of the frame before it.
  PictureRef tick(int64_t n, int64_t nowUs);
  /// The clock has skipped from the frame that was next to a later one.
  void skipped(int64_t frames);
  void countLate() { stats_.late++; }

 private:
  struct Voice {
    std::string id;
    float gain;
    Ramp ramp;
  };
  struct Gain {
    float value = 0;
    bool moving = false;  // On the way between two stacks.
  };
  using Gains = std::map<std::string, Gain>;

  void follow(int64_t n);
  PictureRef draw(int64_t n);
  PictureRef drawSide(Showing::Side& side, int64_t n, int memory);
  PictureRef drawLit(Showing::Side& side, int64_t n, int memory);
  const std::vector<DrawnLayer>& program(int64_t n);
  void gatherProgram(Showing::Side& side, std::vector<DrawnLayer>& into);
  void addOverlays(std::vector<DrawnLayer>& into);
  void passUnseen(int64_t n);
  void look(const std::vector<Node>& nodes);
  Rect coverArea();
  void reach(const std::vector<Node>& nodes, Rect& area) const;
  void gatherScene(const Scene* scene, std::vector<DrawnLayer>& into);
  void gather(const std::vector<Node>& nodes, std::vector<DrawnLayer>& into);
  struct Shown {
    int pictures = 0, picturesMissed = 0, sounds = 0, soundsMissed = 0;
  };
  void countCover(const Showing::Side& side, int64_t n);
  void countShown(const std::vector<Node>& nodes, Shown& into) const;
  bool repeats(const Showing::Side& side) const;
  bool repeats(const std::vector<Node>& nodes) const;
  PictureRef pictureOf(const std::string& id, bool orSlate);
  PictureRef pictureSeen(const std::string& id, bool orSlate) const;
  PictureRef findPicture(const std::string& id, bool orSlate, bool standsIn) const;
  bool isOverlay(const std::string& id) const;
  const std::string* soundOf(const std::string& id);
  void gainsOf(const std::vector<Node>& nodes, Gains& into);
  void gainsOf(const Showing::Side& side, Gains& into);
  void darken(Gains& gains) const;
  void coverGains(const Showing::Side& side, const Gains& program, Gains& into);
  static void mixGains(const Gains& from, const Gains& to, double progress, Gains& into);
  void addAlways(Gains& into) const;
  void planSound(int64_t n);
  SoundChunk mixSound(int64_t n);
  PictureRef tileOf(const std::string& id, const PictureRef& program) const;
  void shoot(Shot& shot) const;
  void publish(int64_t n, double composeUs);

  /// Fallbacks of fallbacks are followed this far: whoever makes a ring of them gets the slate.
  static constexpr int kMostFallbacks = 8;

  const FrameClock clock_;
  Compositor compositor_;
  Mixer mixer_;
  std::shared_ptr<const SoundSettings> sound_ = std::make_shared<const SoundSettings>();
  std::shared_ptr<RenderShared> shared_;

  Showing program_{false}, cover_{true};
  std::shared_ptr<const std::vector<Layer>> overlays_;
  const Layer whole_;                       // Where the slate goes when there is nothing else.

  double black_ = 0, blackTo_ = 0, blackStep_ = 1;  // How far, by the frame drawn last; where to, and how far in a frame.
  bool blackMoves_ = false;                         // It went further in that frame.

  std::vector<DrawnLayer> drawn_;
  std::vector<DrawnLayer> base_;            // The program without overlays, once it has been gathered in this frame,
  bool based_ = false;
  FrameRef mixed_;                          // which is one frame of its own in a transition.
  std::vector<Voice> voices_;               // Of the frame last rendered, whose sound is mixed at the next.
  Plans plans_;
  int memory_ = 0;                          // Of the compositor, next to be used in this frame.
  std::vector<float> samples_;
  Meter meter_;
  int64_t lastFrame_ = -1;
  ProgramStats stats_;
};

}  // namespace vistter
