#include "tiles/tile_maker.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace vistter {
namespace {

/// Good enough to see who is on and whether it is sharp; about 8 kB at 320×180.
constexpr int kQuality = 70;
/// Pictures for a monitor come after everything that goes out.
constexpr int kNice = 10;
/// A camera's ring whose decoder is short of slots lends none. A film's decoder waits for one, and stands with a full ring.
constexpr uint32_t kSpareSlots = 4;

bool lends(const PictureRef& picture) {
  if (!picture || !picture->ring || !picture->ring->live()) return true;
  // One with no more slots than these has a picture that stands: its decoder has drawn it and wants no other.
  return picture->ring->slotCount() <= kSpareSlots || picture->ring->free() >= kSpareSlots;
}

}  // namespace

void TileMaker::stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  wanted_.store(false);
  slots_.clear();
}

void TileMaker::wish(const std::vector<TileWish>& wishes) {
  std::vector<Slot> gone;  // Its pictures are let go of outside of the lock.
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<Slot> slots;
  for (const TileWish& wish : wishes) {
    if (slots.size() == kMostTiles) break;
    const auto kept = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& s) { return s.wish.id == wish.id; });
    Slot slot;
    if (kept != slots_.end()) {
      const bool isSameSize = kept->wish.width == wish.width && kept->wish.height == wish.height;
      slot = std::move(*kept);
      if (!isSameSize || slot.wish.scene || wish.scene) {
        slot.lastSerial = 0;
        slot.lastSerials.clear();
      }
    }
    slot.wish = wish;
    slots.push_back(std::move(slot));
  }
  gone.swap(slots_);
  slots_ = std::move(slots);
  wanted_.store(!slots_.empty());
  if (!slots_.empty() && !thread_.joinable() && !stopping_) thread_ = std::thread([this] { run(); });
}

std::vector<Tile> TileMaker::fetch() {
  std::vector<Tile> tiles;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (Slot& slot : slots_) {
    if (std::exchange(slot.isNew, false)) tiles.push_back(std::move(slot.made));
  }
  return tiles;
}

TileMaker::Stats TileMaker::stats() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stats_;
}

void TileMaker::lendOne(Slot& slot, const PictureRef& picture, int64_t frame, int64_t nowUs) {
  if (!picture || picture->serial == slot.lastSerial || !lends(picture)) return;
  if (slot.lent) stats_.replaced++;
  slot.lent = picture;
  slot.lastSerial = picture->serial;
  lent(slot, frame, nowUs);
}

void TileMaker::lendShot(Slot& slot, Shot shot, int64_t frame, int64_t nowUs) {
  std::vector<uint64_t> serials = shot.serials();
  if (serials == slot.lastSerials && shot.overlays == slot.lastOverlays) return;
  for (const auto& [id, picture] : shot.pictures) {
    if (!lends(picture)) return;
  }
  if (slot.shot.scene) stats_.replaced++;
  slot.lastSerials = std::move(serials);
  slot.lastOverlays = shot.overlays;
  slot.shot = std::move(shot);
  lent(slot, frame, nowUs);
}

void TileMaker::lent(Slot& slot, int64_t frame, int64_t nowUs) {
  // By the clock and not by what passed since: ten a second are ten at any frame rate. After a pause it begins anew.
  slot.nextUs = slot.nextUs + slot.wish.everyUs > nowUs ? slot.nextUs + slot.wish.everyUs : nowUs + slot.wish.everyUs;
  slot.frame = frame;
  anyLent_ = true;
}

void TileMaker::run() {
  pthread_setname_np(pthread_self(), "vistter-tiles");
  setpriority(PRIO_PROCESS, id_t(syscall(SYS_gettid)), kNice);
  JpegShrinker shrinker;
  ShotDrawer drawer;
  struct Job {
    TileWish wish;
    PictureRef picture;
    Shot shot;
    Tile tile;
  };
  std::vector<Job> jobs;
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return anyLent_ || stopping_; });
    if (stopping_) return;
    anyLent_ = false;
    for (Slot& slot : slots_) {
      if (slot.lent || slot.shot.scene) jobs.push_back({slot.wish, std::move(slot.lent), std::move(slot.shot), {slot.wish.id, slot.frame, 0, 0, {}}});
      slot.lent = nullptr;
      slot.shot = {};
    }
    lock.unlock();
    for (Job& job : jobs) {
      Tile& tile = job.tile;
      if (job.shot.scene) {
        const Size size = fit(width_, height_, job.wish.width, job.wish.height);
        job.picture = drawer.draw(job.shot, size.width, size.height);
        job.shot = {};
      }
      if (!shrinker.pack(*job.picture, job.wish.width, job.wish.height, kQuality, tile.jpeg, tile.width, tile.height)) tile.jpeg.clear();
      job.picture = nullptr;
    }
    lock.lock();
    for (Job& job : jobs) {
      const auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& s) { return s.wish.id == job.wish.id; });
      if (slot == slots_.end() || job.tile.jpeg.empty()) continue;
      if (slot->isNew) stats_.unfetched++;
      slot->made = std::move(job.tile);
      slot->isNew = true;
      stats_.made++;
    }
    jobs.clear();
  }
}

}  // namespace vistter
