#include "compositor/render_state.h"

#include <algorithm>
#include <cmath>

#include "compositor/helper.h"

namespace vistter {
namespace {

/// Fallbacks of fallbacks are followed this far: whoever makes a ring of them gets the slate.
constexpr int kMostFallbacks = 8;
/// How the ids of overlays' pictures begin.
constexpr char kOverlay[] = "overlay:";
constexpr double kHalfPi = 1.57079632679489662;

}  // namespace

RenderState::RenderState(int width, int height, FrameClock clock, std::shared_ptr<RenderShared> shared)
    : clock_(clock), compositor_(width, height), shared_(std::move(shared)), samples_(size_t(SoundReader::kMaxChunk) * 2) {}

void RenderState::take(std::shared_ptr<const Scene> scene, const Transition& transition) {
  later_.clear();
  begin(std::move(scene), transition);
}

void RenderState::begin(std::shared_ptr<const Scene> scene, const Transition& transition) {
  // One that still runs is completed first: its end is where the new one begins.
  from_ = transition.kind == TransitionKind::Cut || transition.frames <= 0 ? nullptr : to_;
  to_ = std::move(scene);
  transition_ = transition;
  transitionStart_ = -1;
}

void RenderState::takeAt(int64_t frame, std::shared_ptr<const Scene> scene, const Transition& transition) {
  later_.erase(std::remove_if(later_.begin(), later_.end(), [&](const Later& later) { return later.frame >= frame; }), later_.end());
  later_.push_back({frame, std::move(scene), transition});
}

void RenderState::plan(const std::string& sceneId, int64_t from, Plan& entries) {
  Plan& plan = plans_[sceneId];
  Plan dropped;
  while (!plan.empty() && plan.back().frame >= from) {
    dropped.push_back(std::move(plan.back()));
    plan.pop_back();
  }
  for (Planned& entry : entries) plan.push_back(std::move(entry));
  entries.swap(dropped);
  if (plan.empty()) plans_.erase(sceneId);
}

/// What was planned for this frame, or for one that was never drawn.
void RenderState::follow(int64_t n) {
  for (size_t i = 0; i < later_.size();) {
    if (later_[i].frame > n) {
      i++;
      continue;
    }
    begin(std::move(later_[i].scene), later_[i].transition);
    later_.erase(later_.begin() + long(i));
  }
  for (auto* scene : {&to_, &from_}) {
    if (!*scene) continue;
    const auto found = plans_.find((*scene)->id);
    if (found == plans_.end()) continue;
    Plan& plan = found->second;
    while (!plan.empty() && plan.front().frame <= n) {
      *scene = std::move(plan.front().scene);
      plan.pop_front();
    }
  }
}

void RenderState::updateScene(std::shared_ptr<const Scene> scene) { to_ = std::move(scene); }

void RenderState::removeSource(const std::string& id) {
  const auto found = sources.find(id);
  if (found == sources.end()) return;
  mixer_.forget(id);
  // Its ring is tens of megabytes to unmap.
  Helper::shared().push([gone = std::shared_ptr<Source>(std::move(found->second))]() mutable { gone.reset(); });
  sources.erase(found);
}

void RenderState::skipped(int64_t frames) {
  stats_.skipped += uint64_t(frames);
  for (auto& [id, source] : sources) source->skipped(double(frames) * clock_.intervalUs());
}

/// Whether the id is an overlay's, which is no source.
bool RenderState::isOverlay(const std::string& id) const {
  return id.compare(0, sizeof(kOverlay) - 1, kOverlay) == 0 && sources.count(id) == 0;
}

/// The picture of an id, or of what stands in for it. Null: it has none to draw. A film on the way there plays, even one
/// that has ended: stopping it would hold its last frame for a tick, and so on in turn.
PictureRef RenderState::pictureOf(const std::string& first, bool orSlate) {
  const std::string* id = &first;
  for (int hop = 0; hop < kMostFallbacks && !id->empty(); hop++) {
    const auto source = sources.find(*id);
    if (source == sources.end()) {
      const auto picture = pictures.find(*id);
      if (picture != pictures.end()) return picture->second;
      break;
    }
    if (hop > 0) source->second->standIn();
    if (!source->second->pictureGone()) return source->second->picture();
    id = &source->second->options.fallbackId;
  }
  if (!orSlate) return nullptr;
  const auto slate = pictures.find(slateId);
  return slate == pictures.end() ? nullptr : slate->second;
}

/// The source that is heard for an id; null when nothing is.
const std::string* RenderState::soundOf(const std::string& first) {
  const std::string* id = &first;
  for (int hop = 0; hop < kMostFallbacks && !id->empty(); hop++) {
    const auto source = sources.find(*id);
    if (source == sources.end()) return nullptr;
    if (hop > 0) source->second->standIn();
    if (!source->second->soundGone()) return &source->first;
    id = &source->second->options.fallbackId;
  }
  return nullptr;
}

/// Adds the pictures of `nodes` to the stack `into`; a mix makes one picture of it and of all below.
void RenderState::gather(const std::vector<Node>& nodes, std::vector<DrawnLayer>& into) {
  for (const Node& node : nodes) {
    if (node.mix) {
      std::vector<DrawnLayer> a = into, b = into;
      gather(node.mix->from, a);
      gather(node.mix->to, b);
      const PictureRef from = compositor_.compose(a, memory_++);
      const PictureRef to = compositor_.compose(b, memory_++);
      into.clear();
      into.push_back({&whole_, compositor_.mix(from, to, node.mix->transition, node.mix->step)});
      continue;
    }
    // An overlay that has not been drawn yet leaves its place as it is; a source that nobody knows shows the slate.
    const std::string& id = node.layer.sourceId;
    if (PictureRef picture = pictureOf(id, !isOverlay(id))) into.push_back({&node.layer, std::move(picture)});
  }
}

void RenderState::gatherScene(const Scene* scene, std::vector<DrawnLayer>& into) {
  into.clear();
  if (scene) gather(scene->nodes, into);
  if (!into.empty()) return;
  if (PictureRef picture = pictureOf(slateId, true)) into.push_back({&whole_, std::move(picture)});
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

PictureRef RenderState::drawProgram(int64_t n) {
  const auto addOverlays = [&](std::vector<DrawnLayer>& layers) {
    if (!overlays_) return;
    for (const Layer& layer : *overlays_) {
      // An overlay that has not been drawn yet is no reason to put the slate over the program.
      if (PictureRef picture = pictureOf(layer.sourceId, false)) layers.push_back({&layer, std::move(picture)});
    }
  };
  compositor_.begin();
  memory_ = 2;
  gatherScene(to_.get(), drawnTo_);
  if (!from_) {
    addOverlays(drawnTo_);
    return compositor_.compose(drawnTo_, 0);
  }
  gatherScene(from_.get(), drawn_);
  const PictureRef a = compositor_.compose(drawn_, 1);
  const PictureRef b = compositor_.compose(drawnTo_, 0);
  FrameRef mixed = compositor_.mix(a, b, transition_, int(n - transitionStart_));
  drawn_.clear();
  addOverlays(drawn_);
  compositor_.drawOver(*mixed, drawn_);
  return mixed;
}

void RenderState::gainsOf(const std::vector<Node>& nodes, Gains& into) {
  const auto add = [&](const std::string& id, const Gain& gain) {
    // In several layers of a scene it is still heard once.
    Gain& now = into[id];
    now = {std::max(now.value, gain.value), now.moving || gain.moving};
  };
  for (const Node& node : nodes) {
    if (node.mix) {
      Gains from, to, mixed;
      gainsOf(node.mix->from, from);
      gainsOf(node.mix->to, to);
      mixGains(from, to, node.mix->progress(), mixed);
      for (const auto& [id, gain] : mixed) add(id, gain);
      continue;
    }
    if (node.layer.gain <= 0) continue;
    if (const std::string* id = soundOf(node.layer.sourceId)) add(*id, {node.layer.gain, false});
  }
}

/// Heard on both sides, it goes straight from one to the other; else both halves together keep their power.
void RenderState::mixGains(const Gains& from, const Gains& to, double progress, Gains& into) {
  for (const auto& [id, gain] : to) {
    const auto before = from.find(id);
    const double now = before == from.end() ? gain.value * std::sin(progress * kHalfPi)
                                            : before->second.value + (gain.value - before->second.value) * progress;
    into[id] = {float(now), true};
  }
  for (const auto& [id, gain] : from) {
    if (to.count(id) == 0) into[id] = {progress >= 1 ? 0.0f : float(gain.value * std::cos(progress * kHalfPi)), true};
  }
}

/// Who is heard in frame `n`, and how loud by its end.
void RenderState::planSound(int64_t n) {
  voices_.clear();
  Gains gains;
  if (to_) gainsOf(to_->nodes, gains);
  if (from_) {
    Gains to, from;
    to.swap(gains);
    gainsOf(from_->nodes, from);
    mixGains(from, to, std::min(1.0, double(n - transitionStart_ + 1) / double(transition_.frames + 1)), gains);
  }
  for (const auto& [id, gain] : gains) {
    // What sounds already goes on in one line; what is cut in begins at once.
    voices_.push_back({id, gain.value, gain.moving || mixer_.sounds(id) ? Ramp::Chunk : Ramp::Short});
  }
}

/// The sound of frame `n`, by the voices that were planned when it was rendered.
SoundChunk RenderState::mixSound(int64_t n) {
  const int count = clock_.samplesOf(n);
  mixer_.begin(count);
  for (auto& [id, source] : sources) {
    // Read in any case: time passes for those that are not heard, and their meters are looked at.
    const bool some = source->readSound(count, samples_.data());
    const auto voice = std::find_if(voices_.begin(), voices_.end(), [&](const Voice& v) { return v.id == id; });
    if (voice != voices_.end()) mixer_.add(id, samples_.data(), voice->gain, voice->ramp);
    else if (some || mixer_.sounds(id)) mixer_.add(id, samples_.data(), 0, Ramp::Short);
  }
  const std::vector<float>& bus = mixer_.finish(meter_);
  return feeds.empty() ? nullptr : std::make_shared<const std::vector<float>>(bus);
}

PictureRef RenderState::tick(int64_t n, int64_t nowUs) {
  const double dueUs = clock_.dueUs(n);
  follow(n);
  if (from_ && transitionStart_ < 0) transitionStart_ = n;
  for (auto& [id, source] : sources) source->advance(dueUs, nowUs);

  const int64_t began = monotonicNs();
  // The last step of the sound's fade falls into the first frame that shows the new scene alone.
  PictureRef picture;
  const bool over = from_ && n - transitionStart_ >= transition_.frames;
  if (over) {
    auto from = std::move(from_);
    from_ = nullptr;
    picture = drawProgram(n);
    from_ = std::move(from);
  } else {
    picture = drawProgram(n);
  }
  // A frame in a ring's slot may wait in a feed for as long as its decoder can spare the slot.
  if (picture->ring && !feeds.empty() && picture->ring->unheld() < std::max(3u, picture->ring->slotCount() / 3)) {
    picture = compositor_.detach(picture);
  }
  const double composeUs = double(monotonicNs() - began) / 1000;
  if (to_ && repeats(to_->nodes)) stats_.repeated++;

  SoundChunk sound = lastFrame_ < 0 ? nullptr : mixSound(lastFrame_);
  for (const auto& feed : feeds) feed->push(n, picture, lastFrame_, sound);
  planSound(n);
  for (auto& [id, source] : sources) {
    if (source->standsIn()) source->stoodInFrame = n;
  }
  if (over) from_ = nullptr;
  lastFrame_ = n;
  drawn_.clear();
  drawnTo_.clear();
  publish(n, composeUs);
  return picture;
}

void RenderState::publish(int64_t n, double composeUs) {
  stats_.composeUs[stats_.rendered % ProgramStats::kComposed] = float(composeUs);
  stats_.rendered++;
  stats_.frame = n;
  if (!shared_->mutex.try_lock()) return;
  const std::lock_guard<std::mutex> lock(shared_->mutex, std::adopt_lock);
  ProgramStats& out = shared_->stats;
  stats_.sceneId = to_ ? to_->id : std::string();
  stats_.inTransition = from_ != nullptr;
  stats_.sources.resize(sources.size());
  size_t i = 0;
  const double dueUs = clock_.dueUs(n);
  for (auto& [id, source] : sources) {
    SourceStats& s = stats_.sources[i++];
    s.id = id;
    s.state = source->state();
    s.ready = source->ready();
    const double age = source->ageUs(dueUs);
    s.ageMs = age < 0 ? -1 : age / 1000;
    s.width = source->picture() ? source->picture()->width : 0;
    s.height = source->picture() ? source->picture()->height : 0;
    s.shown = source->counts.shown;
    s.skipped = source->counts.skipped;
    s.repeated = source->counts.repeated;
    s.dropped = source->dropped();
    s.offsetUs = source->clock().offsetUs();
    s.audioErrorUs = source->sound().running() ? source->sound().errorUs() : 0;
    s.audioUnderruns = source->sound().underruns();
    s.stoodInFrame = source->stoodInFrame;
    shared_->levels[id].add(source->meter);
    source->meter = {};
  }
  // Nobody looks at them: forget those of sources that are no more.
  if (shared_->levels.size() > sources.size() + 16) shared_->levels.clear();
  shared_->levels["program"].add(meter_);
  meter_ = {};
  out = stats_;
}

}  // namespace vistter
