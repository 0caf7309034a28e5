// What JS asks for, as plain data: scenes of layers and the ways from one to the next.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace vistter {

enum class Fit { Contain, Cover, Fill };

struct Layer {
  std::string sourceId;
  double x = 0, y = 0, width = 1, height = 1;  // 0..1 of the frame.
  Fit fit = Fit::Contain;
  double opacity = 1;
  double cropLeft = 0, cropTop = 0, cropRight = 0, cropBottom = 0;  // 0..1 of the source.
  float gain = 1;
};

/// Directions say where things move: `Push` to the left brings the new scene in from the right.
enum class TransitionKind { Cut, Fade, Dip, Wipe, Slide, Push };
enum class Direction { Left, Right, Up, Down };

struct Transition {
  TransitionKind kind = TransitionKind::Cut;
  Direction direction = Direction::Left;
  int frames = 0;
  uint32_t color = 0;  // 0xRRGGBB, for Dip.
  /// How far the way has been gone at a step, 0..1 without its ends.
  double progress(int step) const { return double(step + 1) / double(frames + 1); }
};

struct Mix;

/// A part of a scene: a layer or, when `mix` is set, a transition over all that lies below it.
struct Node {
  Layer layer;
  std::shared_ptr<const Mix> mix;
};

/// A part of the frame, 0..1.
struct Area {
  double x = 0, y = 0, width = 1, height = 1;
};

/// A step of the way between two stacks, each on what lies below; the sound of both goes with it.
struct Mix {
  std::vector<Node> from, to;
  Transition transition;
  int step = 0;  // 0..transition.frames-1.
  Area area;     // Within which it goes on; around it all is as it will be.
  /// How far the way has been gone, 0..1 without its ends.
  double progress() const { return transition.progress(step); }
};

/// From the bottom to the top.
struct Scene {
  std::string id;
  std::vector<Node> nodes;
  bool frozen = false;  // What is first drawn of it stays up, and nothing of it is heard.
  bool overBlack = false;  // Of a cover that fills the frame: seen and heard though the program is faded to black.
};

}  // namespace vistter
