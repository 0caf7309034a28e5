// The render state's picture: what is seen in a frame.
#include "compositor/render_state.h"

#include <algorithm>

#include "compositor/gather.h"
#include "compositor/geometry.h"

namespace vistter {
namespace {

/// How the ids of overlays' pictures begin.
constexpr char kOverlay[] = "overlay:";
/// What a scene has shown over the program can be asked for this many frames after its last.
constexpr int64_t kCountsKept = 1000;
/// Of the compositor: what goes out, the other side of a cover's transition, both sides of the program's, and mixes.
constexpr int kMainMemory = 0, kOtherMemory = 1, kFromMemory = 2, kToMemory = 3, kFirstMemory = 4;

}  // namespace

/// Whether the id is an overlay's, which is no source.
bool RenderState::isOverlay(const std::string& id) const {
  return id.compare(0, sizeof(kOverlay) - 1, kOverlay) == 0 && sources.count(id) == 0;
}

/// The picture of an id, or of what stands in for it. Null: it has none to draw. A film on the way there plays, even one
/// that has ended: stopping it would hold its last frame for a tick, and so on in turn.
PictureRef RenderState::pictureOf(const std::string& id, bool orSlate) { return findPicture(id, orSlate, true); }

/// The same for who only looks: no film stands in because of that.
PictureRef RenderState::pictureSeen(const std::string& id, bool orSlate) const { return findPicture(id, orSlate, false); }

PictureRef RenderState::findPicture(const std::string& first, bool orSlate, bool standsIn) const {
  const std::string* id = &first;
  for (int hop = 0; hop < kMostFallbacks && !id->empty(); hop++) {
    const auto source = sources.find(*id);
    if (source == sources.end()) {
      const auto picture = pictures.find(*id);
      if (picture != pictures.end()) return picture->second;
      break;
    }
    if (standsIn && hop > 0) source->second->standIn();
    if (!source->second->pictureGone()) return source->second->picture();
    id = &source->second->options.fallbackId;
  }
  if (!orSlate) return nullptr;
  const auto slate = pictures.find(slateId);
  return slate == pictures.end() ? nullptr : slate->second;
}

void RenderState::gather(const std::vector<Node>& nodes, std::vector<DrawnLayer>& into) {
  // An overlay that has not been drawn yet leaves its place as it is; a source that nobody knows shows the slate.
  gatherLayers(nodes, into, compositor_, memory_, [this](const std::string& id) { return pictureOf(id, !isOverlay(id)); });
}

void RenderState::gatherScene(const Scene* scene, std::vector<DrawnLayer>& into) {
  into.clear();
  if (scene) gather(scene->nodes, into);
  if (!into.empty()) return;
  if (PictureRef picture = pictureOf(slateId, true)) into.push_back({&whole_, std::move(picture)});
}

void RenderState::gatherProgram(Showing::Side& side, std::vector<DrawnLayer>& into) {
  if (!side.frozen) {
    gatherScene(side.scene.get(), into);
    if (!side.scene || !side.scene->frozen) return;
    PictureRef picture = compositor_.compose(into, memory_++);
    // It stays for as long as it likes: a ring wants its slot back.
    side.frozen = picture->ring ? compositor_.detach(picture) : std::move(picture);
  }
  into.clear();
  into.push_back({&whole_, side.frozen});
}

/// The program without overlays.
const std::vector<DrawnLayer>& RenderState::program(int64_t n) {
  if (based_) return base_;
  based_ = true;
  gatherProgram(program_.to(), base_);
  if (!program_.mixes(n)) return base_;
  gatherProgram(program_.from(), drawn_);
  const PictureRef a = compositor_.compose(drawn_, kFromMemory);
  const PictureRef b = compositor_.compose(base_, kToMemory);
  mixed_ = compositor_.mix(a, b, program_.transition(), program_.progress(n));
  base_.clear();
  base_.push_back({&whole_, mixed_});
  return base_;
}

void RenderState::addOverlays(std::vector<DrawnLayer>& into) {
  if (!overlays_) return;
  for (const Layer& layer : *overlays_) {
    // An overlay that has not been drawn yet is no reason to put the slate over the program.
    if (PictureRef picture = pictureOf(layer.sourceId, false)) into.push_back({&layer, std::move(picture)});
  }
}

/// What is seen with one side of the cover, as far as it is not faded to black. What is black costs nothing, and goes on.
PictureRef RenderState::drawSide(Showing::Side& side, int64_t n, int memory) {
  if (black_ <= 0 || (side.scene && side.scene->overBlack)) return drawLit(side, n, memory);
  if (black_ < 1) return compositor_.darken(drawLit(side, n, memory), black_);
  if (side.scene) look(side.scene->nodes);
  return compositor_.compose({}, memory);
}

/// It alone, or the program with it, if there is any, under the overlays.
PictureRef RenderState::drawLit(Showing::Side& side, int64_t n, int memory) {
  if (side.scene && side.fills) {
    gatherScene(side.scene.get(), drawn_);
    return compositor_.compose(drawn_, memory);
  }
  std::vector<DrawnLayer> layers = program(n);
  if (side.scene) {
    gather(side.scene->nodes, layers);
  } else if (mixed_ && !cover_.mixes(n)) {
    // Nobody else has that frame.
    layers.clear();
    addOverlays(layers);
    compositor_.drawOver(*mixed_, layers);
    return mixed_;
  }
  addOverlays(layers);
  return compositor_.compose(layers, memory);
}

PictureRef RenderState::draw(int64_t n) {
  compositor_.begin();
  memory_ = kFirstMemory;
  based_ = false;
  PictureRef picture;
  if (cover_.mixes(n)) {
    const PictureRef a = drawSide(cover_.from(), n, kOtherMemory);
    const PictureRef b = drawSide(cover_.to(), n, kMainMemory);
    picture = compositor_.mix(a, b, cover_.transition(), cover_.progress(n), coverArea());
  } else {
    picture = drawSide(cover_.to(), n, kMainMemory);
  }
  if (!based_) passUnseen(n);
  return picture;
}

/// The program is not seen. Films that stand in there go on all the same, and what freezes in this frame is kept.
void RenderState::passUnseen(int64_t n) {
  for (Showing::Side* side : {&program_.to(), &program_.from()}) {
    if (!side->scene || side->frozen || (side == &program_.from() && !program_.mixes(n))) continue;
    if (side->scene->frozen) gatherProgram(*side, drawn_);
    else look(side->scene->nodes);
  }
}

void RenderState::look(const std::vector<Node>& nodes) {
  for (const Node& node : nodes) {
    if (!node.mix) {
      pictureOf(node.layer.sourceId, false);
      continue;
    }
    look(node.mix->from);
    look(node.mix->to);
  }
}

/// Where a transition of the cover goes on: covers that leave something of the program move in their own places.
Rect RenderState::coverArea() {
  Rect area;
  for (const Showing::Side* side : {&cover_.from(), &cover_.to()}) {
    if (!side->scene) continue;
    if (side->fills) return compositor_.whole();
    reach(side->scene->nodes, area);
  }
  return area;
}

/// Makes `area` take in what is drawn of `nodes`.
void RenderState::reach(const std::vector<Node>& nodes, Rect& area) const {
  for (const Node& node : nodes) {
    if (node.mix) {
      reach(node.mix->from, area);
      reach(node.mix->to, area);
      continue;
    }
    const Layer& l = node.layer;
    if (l.opacity <= 0) continue;
    const Rect r = areaRect({l.x, l.y, l.width, l.height}, compositor_.width(), compositor_.height());
    if (r.empty()) continue;
    if (area.empty()) {
      area = r;
      continue;
    }
    const int x = std::min(area.x, r.x), y = std::min(area.y, r.y);
    area = {x, y, std::max(area.x + area.w, r.x + r.w) - x, std::max(area.y + area.h, r.y + r.h) - y};
  }
}

/// Counts a frame of what is over the program. What is only heard counts where there is nothing to be seen.
void RenderState::countCover(const Showing::Side& side, int64_t n) {
  if (!side.scene) return;
  std::vector<CoverCounts>& all = stats_.covers;
  auto counts = std::find_if(all.begin(), all.end(), [&](const CoverCounts& c) { return c.sceneId == side.scene->id; });
  if (counts == all.end()) {
    all.erase(std::remove_if(all.begin(), all.end(), [n](const CoverCounts& c) { return n - c.lastFrame > kCountsKept; }), all.end());
    all.push_back({side.scene->id});
    counts = all.end() - 1;
  }
  counts->lastFrame = n;
  Shown shown;
  countShown(side.scene->nodes, shown);
  const bool seen = shown.pictures > 0;
  const int parts = seen ? shown.pictures : shown.sounds, missed = seen ? shown.picturesMissed : shown.soundsMissed;
  // Where a scene has nothing the slate is; and in black nothing is seen of it.
  const bool nothing = (side.scene->nodes.empty() && side.fills) || (black_ >= 1 && !side.scene->overBlack);
  if (missed > 0 || nothing) counts->missed++;
  if ((parts > 0 && missed == parts) || nothing) counts->blank++;
}

void RenderState::countShown(const std::vector<Node>& nodes, Shown& into) const {
  for (const Node& node : nodes) {
    if (node.mix) {
      countShown(node.mix->from, into);
      countShown(node.mix->to, into);
      continue;
    }
    const Layer& l = node.layer;
    const auto source = sources.find(l.sourceId);
    if (source != sources.end() && (source->second->options.soundOnly || l.opacity <= 0)) {
      if (l.gain <= 0) continue;
      into.sounds++;
      if (source->second->soundMissed()) into.soundsMissed++;
      continue;
    }
    if (l.opacity <= 0) continue;
    const auto picture = pictures.find(l.sourceId);
    const bool drawn = picture != pictures.end() && l.sourceId != slateId;
    // An overlay that has not been drawn yet leaves its place as it is.
    if (source == sources.end() && !drawn && isOverlay(l.sourceId)) continue;
    into.pictures++;
    if (source != sources.end() ? source->second->pictureMissed() : !drawn) into.picturesMissed++;
  }
}

/// Whether a live source among them had to repeat its last picture.
bool RenderState::repeats(const std::vector<Node>& nodes) const {
  for (const Node& node : nodes) {
    if (node.mix) {
      if (repeats(node.mix->from) || repeats(node.mix->to)) return true;
      continue;
    }
    const auto source = sources.find(node.layer.sourceId);
    if (source != sources.end() && !source->second->options.file && source->second->repeatedNow()) return true;
  }
  return false;
}

bool RenderState::repeats(const Showing::Side& side) const { return side.scene && !side.frozen && repeats(side.scene->nodes); }

}  // namespace vistter
