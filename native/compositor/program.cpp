#include "compositor/program.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "compositor/helper.h"

namespace vistter {
namespace {

/// Behind by more than this the clock skips; behind by less it catches up, frame by frame.
constexpr int64_t kCatchUpNs = 1000000000;

/// Two seconds and a half of sound, or what the source's delay needs, as a power of two.
uint64_t soundCapacity(int64_t delayUs) {
  uint64_t frames = 1u << 17;
  while (double(frames) < double(delayUs) * 0.048 + 96000 && frames < (1u << 20)) frames *= 2;
  return frames;
}

/// A dip shows the new scene in its second half only.
int64_t firstShown(int64_t frame, const Transition& transition) {
  if (transition.kind != TransitionKind::Dip || transition.frames <= 0) return frame;
  return frame + (transition.frames + 1) / 2;
}

void raisePriority() {
  pthread_setname_np(pthread_self(), "vistter-render");
  prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
  // Refused without the privilege for it, which is no harm on a machine with air.
  sched_param param{};
  param.sched_priority = 5;
  if (pthread_setschedparam(pthread_self(), SCHED_RR, &param) != 0) {
    (void)setpriority(PRIO_PROCESS, id_t(syscall(SYS_gettid)), -10);
  }
}

}  // namespace

struct Program::PictureJobs {
  struct Pixels {
    int width = 0, height = 0;
    std::vector<uint8_t> rgba;
  };
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<Pixels>> pending;  // Null while a conversion runs and nothing newer waits.
  std::set<std::string> known;
  CommandQueue<RenderState>* commands = nullptr;           // Null once the program has ended.

  static void set(CommandQueue<RenderState>& commands, const std::string& id, PictureRef picture) {
    // The old one goes with the command, which the next to post frees.
    commands.post([id, picture = std::move(picture)](RenderState& state) mutable { std::swap(state.pictures[id], picture); });
  }

  void convert(const std::string& id) {
    std::unique_ptr<Pixels> pixels;
    {
      const std::lock_guard<std::mutex> lock(mutex);
      const auto found = pending.find(id);
      if (found == pending.end()) return;
      pixels = std::move(found->second);
    }
    if (!pixels) return;
    PictureRef picture = pictureFromRgba(pixels->width, pixels->height, pixels->rgba.data(), size_t(pixels->width) * 4);
    const std::lock_guard<std::mutex> lock(mutex);
    if (!commands || known.count(id) == 0) return;
    set(*commands, id, std::move(picture));
    const auto found = pending.find(id);
    if (found != pending.end() && !found->second) pending.erase(found);
  }
};

Program::Program(const ProgramOptions& o)
    : options(o),
      firstFrame_(o.clock.frameAt(monotonicNs()) + 1),
      commands_(firstFrame_),
      shared_(std::make_shared<RenderShared>()),
      state_(std::make_unique<RenderState>(o.width, o.height, o.clock, shared_)),
      pictures_(std::make_shared<PictureJobs>()),
      tiles_(std::make_shared<TileMaker>(o.width, o.height)) {
  pictures_->commands = &commands_;
  state_->tiles = tiles_;
  thread_ = std::thread([this] { run(); });
}

Program::~Program() { stop(); }

void Program::stop() {
  if (stopping_.exchange(true)) return;
  {
    const std::lock_guard<std::mutex> lock(pictures_->mutex);
    pictures_->commands = nullptr;
  }
  for (auto& [id, open] : feeds_) open.feed->cancel();
  thread_.join();
  tiles_->stop();
  state_.reset();
  commands_.clear();
  feeds_.clear();
}

void Program::sleepUntil(int64_t dueNs) const {
  const timespec due{time_t(dueNs / 1000000000), long(dueNs % 1000000000)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr) == EINTR) {
  }
}

void Program::run() {
  raisePriority();
  const FrameClock& clock = options.clock;
  const int64_t intervalNs = int64_t(clock.intervalUs() * 1000);
  for (int64_t n = firstFrame_; !stopping_.load(std::memory_order_relaxed); n++) {
    sleepUntil(clock.dueNs(n));
    if (stopping_.load(std::memory_order_relaxed)) break;
    const int64_t now = monotonicNs();
    const int64_t behind = now - clock.dueNs(n);
    if (behind > kCatchUpNs) {
      // The machine stood still: what nobody saw is not made up for.
      const int64_t to = clock.frameAt(now);
      state_->skipped(to - n);
      n = to;
    } else if (behind > intervalNs) {
      state_->countLate();
    }
    commands_.apply(n, *state_);
    state_->tick(n, now / 1000);
  }
}

void Program::addSource(const SourceOptions& o) {
  sources_[o.id] = o;
  auto source = std::make_shared<std::unique_ptr<Source>>(std::make_unique<Source>(o, options.clock.intervalUs()));
  commands_.post([source, id = o.id](RenderState& state) { state.addSource(id, std::move(*source)); });
}

void Program::updateSource(const std::string& id, const std::string* fallbackId, const int64_t* delayUs) {
  if (fallbackId) sources_[id].fallbackId = *fallbackId;
  if (delayUs) sources_[id].delayUs = *delayUs;
  commands_.post([o = sources_[id]](RenderState& state) {
    const auto found = state.sources.find(o.id);
    if (found == state.sources.end()) return;
    found->second->options.fallbackId = o.fallbackId;
    found->second->setDelay(o.delayUs);
  });
}

void Program::removeSource(const std::string& id) {
  sources_.erase(id);
  commands_.post([id](RenderState& state) { state.removeSource(id); });
}

int Program::openRing(const std::string& id) {
  const SourceOptions& o = sources_[id];
  int fd = -1;
  auto made = Ring::create(o.slots, uint32_t(options.width), uint32_t(options.height), soundCapacity(o.delayUs), !o.file, fd);
  if (!made) return -1;
  auto ring = freedByHelper(std::move(made));
  commands_.post([id, ring](RenderState& state) {
    const auto found = state.sources.find(id);
    if (found != state.sources.end()) found->second->attach(ring);
  });
  return fd;
}

void Program::detachRing(const std::string& id) {
  commands_.post([id](RenderState& state) {
    const auto found = state.sources.find(id);
    if (found != state.sources.end()) found->second->detach();
  });
}

void Program::setPlaying(const std::string& id, bool playing) {
  commands_.post([id, playing](RenderState& state) {
    const auto found = state.sources.find(id);
    if (found != state.sources.end()) found->second->setPlaying(playing);
  });
}

void Program::playFrom(const std::string& id, int64_t frame, double positionUs, int64_t beginFrame) {
  const FrameClock& clock = options.clock;
  commands_.post([id, dueUs = clock.dueUs(frame), positionUs, beginUs = clock.dueUs(beginFrame)](RenderState& state) {
    const auto found = state.sources.find(id);
    if (found != state.sources.end()) found->second->playFrom(dueUs, positionUs, beginUs);
  });
}

void Program::holdFrom(const std::string& id, int64_t frame) {
  commands_.post([id, dueUs = options.clock.dueUs(frame)](RenderState& state) {
    const auto found = state.sources.find(id);
    if (found != state.sources.end()) found->second->holdFrom(dueUs);
  });
}

void Program::setPicture(const std::string& id, int width, int height, const uint8_t* rgba, size_t stride) {
  auto pixels = std::make_unique<PictureJobs::Pixels>();
  std::unique_lock<std::mutex> lock(pictures_->mutex);
  if (pictures_->known.insert(id).second) {
    lock.unlock();
    PictureJobs::set(commands_, id, pictureFromRgba(width, height, rgba, stride));
    return;
  }
  lock.unlock();
  pixels->width = width;
  pixels->height = height;
  pixels->rgba.resize(size_t(width) * height * 4);
  for (int y = 0; y < height; y++) std::copy_n(rgba + stride * y, size_t(width) * 4, pixels->rgba.data() + size_t(width) * 4 * y);
  lock.lock();
  pictures_->pending[id] = std::move(pixels);
  Helper::shared().push([jobs = pictures_, id] { jobs->convert(id); });
}

void Program::removePicture(const std::string& id) {
  const std::lock_guard<std::mutex> lock(pictures_->mutex);
  pictures_->known.erase(id);
  pictures_->pending.erase(id);
  commands_.post([id, gone = PictureRef()](RenderState& state) mutable {
    const auto found = state.pictures.find(id);
    if (found == state.pictures.end()) return;
    gone = std::move(found->second);
    state.pictures.erase(found);
  });
}

void Program::setSlate(const std::string& id) {
  commands_.post([id](RenderState& state) { state.slateId = id; });
}

int64_t Program::take(Scene scene, const Transition& transition, std::vector<std::string> films) {
  Showing::Take take{std::make_shared<const Scene>(std::move(scene)), false, transition, std::move(films)};
  const int64_t frame = commands_.post([take = std::move(take)](RenderState& state) { state.take(take); });
  return firstShown(frame, transition);
}

int64_t Program::takeAt(int64_t frame, Scene scene, const Transition& transition, std::vector<std::string> films) {
  Showing::Take take{std::make_shared<const Scene>(std::move(scene)), false, transition, std::move(films)};
  const int64_t next = commands_.post([frame, take = std::move(take)](RenderState& state) { state.takeAt(frame, take); });
  return firstShown(std::max(next, frame), transition);
}

int64_t Program::bar(double position, std::shared_ptr<const Scene> scene, const Transition& transition, std::vector<std::string> films) {
  Showing::Take take{std::move(scene), false, transition, std::move(films)};
  return commands_.post([position, take = std::move(take)](RenderState& state) { state.bar(position, take); });
}

int64_t Program::black(bool on, int frames) {
  return commands_.post([on, frames](RenderState& state) { state.black(on, frames); });
}

int64_t Program::coverAt(int64_t frame, std::shared_ptr<const Scene> scene, bool fills, const Transition& transition, std::vector<std::string> films) {
  Showing::Take take{std::move(scene), fills, transition, std::move(films)};
  const int64_t next = commands_.post([frame, take = std::move(take)](RenderState& state) { state.coverAt(frame, take); });
  return std::max(next, frame);
}

int64_t Program::plan(const std::string& sceneId, int64_t from, Plan entries) {
  auto shared = std::make_shared<Plan>(std::move(entries));
  return commands_.post([sceneId, from, shared](RenderState& state) { state.plan(sceneId, from, *shared); });
}

int64_t Program::updateScene(Scene scene, std::vector<std::string> films) {
  Showing::Take take{std::make_shared<const Scene>(std::move(scene)), false, {}, std::move(films)};
  return commands_.post([take = std::move(take)](RenderState& state) { state.updateScene(take); });
}

int64_t Program::setOverlays(std::vector<Layer> layers) {
  return commands_.post([layers = std::make_shared<const std::vector<Layer>>(std::move(layers))](RenderState& state) {
    state.setOverlays(layers);
  });
}

int64_t Program::setSound(SoundSettings sound) {
  // What was set before goes with the command, which the next to post frees.
  return commands_.post([sound = std::make_shared<const SoundSettings>(std::move(sound))](RenderState& state) mutable { state.setSound(sound); });
}

void Program::wishMonitors(const std::vector<MonitorWish>& wishes) {
  std::vector<std::shared_ptr<Monitor>> wanted;
  for (const MonitorWish& wish : wishes) {
    const auto same = std::find_if(monitors_.begin(), monitors_.end(), [&](const auto& monitor) { return monitor->wish == wish; });
    wanted.push_back(same == monitors_.end() ? std::make_shared<Monitor>(wish) : *same);
  }
  monitors_ = wanted;
  commands_.post([wanted = std::move(wanted)](RenderState& state) mutable { state.monitors.swap(wanted); });
}

std::vector<MonitorSound> Program::fetchMonitors() {
  std::vector<MonitorSound> all;
  for (const auto& monitor : monitors_) {
    MonitorSound sound = monitor->fetch();
    if (!sound.samples.empty()) all.push_back(std::move(sound));
  }
  return all;
}

bool Program::openFeed(int queueFrames, int& id, int& fd, int64_t& firstFrame) {
  auto feed = Feed::open(lastFeed_ + 1, queueFrames, options.width, options.height, options.clock, fd);
  if (!feed) return false;
  id = ++lastFeed_;
  feeds_[id] = {feed, false};
  firstFrame = commands_.post([feed](RenderState& state) { state.feeds.push_back(feed); });
  feed->beginAt(firstFrame);
  return true;
}

void Program::closeFeed(int id) {
  const auto found = feeds_.find(id);
  if (found == feeds_.end() || found->second.closing) return;
  found->second.closing = true;
  commands_.post([feed = found->second.feed](RenderState& state) {
    const auto at = std::find(state.feeds.begin(), state.feeds.end(), feed);
    if (at != state.feeds.end()) state.feeds.erase(at);
    feed->finish();
  });
}

ProgramStats Program::stats() {
  const std::lock_guard<std::mutex> lock(shared_->mutex);
  return shared_->stats;
}

std::vector<Feed::Stats> Program::feedStats(std::vector<int>& ids) {
  std::vector<Feed::Stats> all;
  for (auto it = feeds_.begin(); it != feeds_.end();) {
    // Closed and written to the end: nobody asks for it any more.
    if (it->second.closing && it->second.feed->done()) {
      it = feeds_.erase(it);
      continue;
    }
    ids.push_back(it->first);
    all.push_back(it->second.feed->stats());
    ++it;
  }
  return all;
}

std::map<std::string, Meter> Program::takeLevels() {
  std::map<std::string, Meter> levels;
  const std::lock_guard<std::mutex> lock(shared_->mutex);
  levels.swap(shared_->levels);
  return levels;
}

}  // namespace vistter
