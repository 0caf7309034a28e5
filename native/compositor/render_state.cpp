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
  // One that still runs is completed first: its end is where the new one begins.
  from_ = transition.kind == TransitionKind::Cut || transition.frames <= 0 ? nullptr : to_;
  to_ = std::move(scene);
  transition_ = transition;
  transitionStart_ = -1;
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

void RenderState::gather(const Scene* scene, std::vector<DrawnLayer>& into, bool slate) {
  into.clear();
  if (scene) {
    for (const Layer& layer : scene->layers) {
      // An overlay that has not been drawn yet leaves its place as it is; a source that nobody knows shows the slate.
      if (PictureRef picture = pictureOf(layer.sourceId, !isOverlay(layer.sourceId))) into.push_back({&layer, std::move(picture)});
    }
  }
  if (!into.empty() || !slate) return;
  if (PictureRef picture = pictureOf(slateId, true)) into.push_back({&whole_, std::move(picture)});
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
  gather(to_.get(), drawnTo_, true);
  if (!from_) {
    addOverlays(drawnTo_);
    return compositor_.compose(drawnTo_, 0);
  }
  gather(from_.get(), drawn_, true);
  const PictureRef a = compositor_.compose(drawn_, 1);
  const PictureRef b = compositor_.compose(drawnTo_, 0);
  FrameRef mixed = compositor_.mix(a, b, transition_, int(n - transitionStart_));
  drawn_.clear();
  addOverlays(drawn_);
  compositor_.drawOver(*mixed, drawn_);
  return mixed;
}

void RenderState::gainsOf(const Scene* scene, std::map<std::string, float>& into) {
  into.clear();
  if (!scene) return;
  for (const Layer& layer : scene->layers) {
    if (layer.gain <= 0) continue;
    const std::string* id = soundOf(layer.sourceId);
    if (!id) continue;
    // In several layers of a scene it is still heard once.
    float& gain = into.try_emplace(*id, 0.0f).first->second;
    gain = std::max(gain, layer.gain);
  }
}

/// Who is heard in frame `n`, and how loud by its end.
void RenderState::planSound(int64_t n) {
  voices_.clear();
  gainsOf(to_.get(), gainsTo_);
  if (!from_) {
    for (const auto& [id, gain] : gainsTo_) voices_.push_back({id, gain, Ramp::Short});
    return;
  }
  gainsOf(from_.get(), gainsFrom_);
  const double p = std::min(1.0, double(n - transitionStart_ + 1) / double(transition_.frames + 1));
  for (const auto& [id, gain] : gainsTo_) {
    const auto before = gainsFrom_.find(id);
    // Heard before and after, it goes straight from one to the other; else both halves together keep their power.
    const double now = before == gainsFrom_.end() ? gain * std::sin(p * kHalfPi) : before->second + (gain - before->second) * p;
    voices_.push_back({id, float(now), Ramp::Chunk});
  }
  for (const auto& [id, gain] : gainsFrom_) {
    if (gainsTo_.count(id)) continue;
    voices_.push_back({id, p >= 1 ? 0.0f : float(gain * std::cos(p * kHalfPi)), Ramp::Chunk});
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
  if (from_ && transitionStart_ < 0) transitionStart_ = n;
  bool repeated = false;
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
  for (const DrawnLayer& d : drawnTo_) {
    const auto source = sources.find(d.layer->sourceId);
    if (source != sources.end() && !source->second->options.file && source->second->repeatedNow()) repeated = true;
  }
  stats_.repeated += repeated ? 1 : 0;

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
