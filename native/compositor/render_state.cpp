#include "compositor/render_state.h"

#include <algorithm>

#include "compositor/gather.h"
#include "compositor/helper.h"

namespace vistter {

RenderState::RenderState(int width, int height, FrameClock clock, std::shared_ptr<RenderShared> shared)
    : clock_(clock), compositor_(width, height), shared_(std::move(shared)), samples_(size_t(SoundReader::kMaxChunk) * 2) {}

void RenderState::coverAt(int64_t frame, Showing::Take take) {
  // Also where the next frame is never drawn, it is the one that was promised.
  cover_.takeAt(std::max(frame, lastFrame_ + 1), std::move(take), true);
}

void RenderState::black(bool on, int frames) {
  blackTo_ = on ? 1 : 0;
  blackStep_ = 1.0 / double(frames + 1);
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
  for (Showing* showing : {&program_, &cover_}) {
    showing->follow(n, plans_);
    for (const std::string& id : showing->films()) {
      const auto found = sources.find(id);
      if (found != sources.end()) found->second->setPlaying(true);
    }
    showing->films().clear();
  }
}

void RenderState::addSource(const std::string& id, std::unique_ptr<Source> source) {
  source->setSound(sound_->of(source->options.mixedAs()));
  sources[id] = std::move(source);
}

void RenderState::setSound(std::shared_ptr<const SoundSettings>& sound) {
  sound_.swap(sound);
  for (auto& [id, source] : sources) source->setSound(sound_->of(source->options.mixedAs()));
}

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

PictureRef RenderState::tick(int64_t n, int64_t nowUs) {
  const double dueUs = clock_.dueUs(n);
  follow(n);
  for (auto& [id, source] : sources) source->advance(dueUs, nowUs);

  const double before = black_;
  black_ = blackTo_ > black_ ? std::min(blackTo_, black_ + blackStep_) : std::max(blackTo_, black_ - blackStep_);
  blackMoves_ = black_ != before;

  const int64_t began = monotonicNs();
  PictureRef picture = draw(n);
  // A frame in a ring's slot may wait in a feed for as long as its decoder can spare the slot.
  if (picture->ring && !feeds.empty() && picture->ring->free() < std::max(3u, picture->ring->slotCount() / 3)) {
    picture = compositor_.detach(picture);
  }
  const double composeUs = double(monotonicNs() - began) / 1000;
  if ((based_ && repeats(program_.to())) || repeats(cover_.to())) stats_.repeated++;

  countCover(cover_.to(), n);
  if (cover_.mixes(n)) countCover(cover_.from(), n);

  SoundChunk sound = lastFrame_ < 0 ? nullptr : mixSound(lastFrame_);
  for (const auto& feed : feeds) feed->push(n, picture, lastFrame_, sound);
  if (tiles) tiles->lend(n, nowUs, [&](const std::string& id) { return tileOf(id, picture); }, [&](Shot& shot) { shoot(shot); });
  planSound(n);
  for (auto& [id, source] : sources) {
    if (source->standsIn()) source->stoodInFrame = n;
  }
  program_.drawn(n);
  cover_.drawn(n);
  lastFrame_ = n;
  drawn_.clear();
  base_.clear();
  mixed_ = nullptr;
  publish(n, composeUs);
  return picture;
}

PictureRef RenderState::tileOf(const std::string& id, const PictureRef& program) const {
  if (id == TileMaker::kProgramTile) return program;
  const auto found = sources.find(id);
  return found == sources.end() ? nullptr : found->second->picture();
}

/// The pictures of a scene that somebody watches, as they would be on program.
void RenderState::shoot(Shot& shot) const {
  eachLayer(shot.scene->nodes, [&](const Layer& layer) { shot.add(layer.sourceId, pictureSeen(layer.sourceId, !isOverlay(layer.sourceId))); });
  if (shot.withOverlays && overlays_) {
    shot.overlays = overlays_;
    for (const Layer& layer : *overlays_) shot.add(layer.sourceId, pictureSeen(layer.sourceId, false));
  }
  shot.slate = pictureSeen(slateId, true);
}

void RenderState::publish(int64_t n, double composeUs) {
  stats_.composeUs[stats_.rendered % ProgramStats::kComposed] = float(composeUs);
  stats_.rendered++;
  stats_.frame = n;
  if (!shared_->mutex.try_lock()) return;
  const std::lock_guard<std::mutex> lock(shared_->mutex, std::adopt_lock);
  ProgramStats& out = shared_->stats;
  stats_.sceneId = program_.settled().scene ? program_.settled().scene->id : std::string();
  stats_.inTransition = program_.moving();
  stats_.black = black_;
  stats_.coverId = cover_.to().scene ? cover_.to().scene->id : std::string();
  stats_.coverInTransition = cover_.moving();
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
    shared_->levels[source->options.mixedAs()].add(source->meter);
    source->meter = {};
  }
  // Nobody looks at them: forget those of sources that are no more.
  if (shared_->levels.size() > sources.size() + 16) shared_->levels.clear();
  shared_->levels["program"].add(meter_);
  meter_ = {};
  out = stats_;
}

}  // namespace vistter
