// What is on one of the program's two levels, the program itself or the cover over it: a scene or the way from one to the
// next, and the takes to come. No pixels are made in here.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "compositor/picture.h"
#include "compositor/scene.h"

namespace vistter {

/// What a scene becomes at coming frames, in their order.
struct Planned {
  int64_t frame;
  std::shared_ptr<const Scene> scene;
};
using Plan = std::deque<Planned>;
using Plans = std::unordered_map<std::string, Plan>;  // By the id of their scene.

class Showing {
 public:
  struct Side {
    std::shared_ptr<const Scene> scene;  // Null: nothing is there.
    bool fills = false;                  // A cover's: what is beneath is neither seen nor heard.
    PictureRef frozen;                   // Of a frozen scene, as it was when it was first drawn.
  };
  struct Take {
    std::shared_ptr<const Scene> scene;
    bool fills = false;
    Transition transition;
    std::vector<std::string> films;      // That begin with its first frame.
  };

  /// `fromNothing`: a transition may begin where nothing is, or end there.
  explicit Showing(bool fromNothing) : fromNothing_(fromNothing) {}

  /// Takes that have not begun yet are forgotten: the newest word counts. Its transition begins with the next follow().
  void take(Take take);
  /// The same at the tick of `frame`; only those that were to begin then or later are forgotten. `exact`: its transition
  /// counts from `frame` even when that is never drawn.
  void takeAt(int64_t frame, Take take, bool exact);
  void update(Take take);
  /// By hand: the way to `take.scene` has been gone as far as `position`, from the next follow() on until another word. The first
  /// one begins it, and another scene takes the place of the one it leads to; null: it is the same. 1: it is over; 0: all is as
  /// before. A take ends it where it began.
  void bar(double position, Take take);

  /// What was to happen by frame `n`, or by one that was never drawn.
  void follow(int64_t n, Plans& plans);
  /// Films whose first frame is the one that was followed last.
  std::vector<std::string>& films() { return films_; }

  Side& to() { return to_; }
  Side& from() { return from_; }
  const Side& to() const { return to_; }
  /// A transition is under way; in the last frame that this is so, `to` is seen alone and its sound comes to its end.
  bool moving() const { return moving_; }
  /// What is there, as opposed to what a hand leads to.
  const Side& settled() const { return byHand_ ? from_ : to_; }
  /// Both sides are seen.
  bool mixes(int64_t n) const { return moving_ && (byHand_ || n - start_ < transition_.frames); }
  const Transition& transition() const { return transition_; }
  /// How far the picture has gone in frame `n`, and the sound by its end.
  double progress(int64_t n) const;
  /// Frame `n` is done.
  void drawn(int64_t n);
  bool empty() const { return !moving_ && !to_.scene; }

 private:
  struct Later {
    int64_t frame;
    Take take;
    bool exact;
  };
  void begin(Take take, int64_t start);
  static void become(Side& side, int64_t n, Plans& plans);

  const bool fromNothing_;
  Side from_, to_;
  Transition transition_;
  bool moving_ = false;
  bool byHand_ = false;  // It moves as far as `position_`, and stands there.
  double position_ = 0;
  int64_t start_ = -1;  // -1: with the next follow().
  std::vector<Later> later_;
  std::vector<std::string> films_;
};

}  // namespace vistter
