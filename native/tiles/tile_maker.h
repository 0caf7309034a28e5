// Small JPEGs of the program, of sources and of scenes, for whoever watches them from afar; nothing is done while nobody does.
//
// The render thread lends a picture when one is due, and never waits. A thread of low priority makes it small and packs it;
// of each tile the newest is kept until it is fetched. A picture that comes before the last one was begun takes its place.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "compositor/picture.h"
#include "tiles/jpeg.h"
#include "tiles/shot.h"

namespace vistter {

struct TileWish {
  std::string id;       // A source's, or kProgramTile; of a scene, whatever it is called by.
  int width = 320;      // The box it has to fit.
  int height = 180;
  int64_t everyUs = 100000;
  std::shared_ptr<const Scene> scene = nullptr;  // Drawn as it would be on program; null: the picture of that id.
  bool overlays = false;               // With what lies over the program.
};

struct Tile {
  std::string id;
  int64_t frame = -1;   // The program frame at which its picture was there.
  int width = 0, height = 0;
  std::vector<uint8_t> jpeg;
};

class TileMaker {
 public:
  static constexpr const char* kProgramTile = "program";
  static constexpr size_t kMostTiles = 64;
  struct Stats {
    uint64_t made = 0;
    uint64_t replaced = 0;  // Lent, and never begun.
    uint64_t unfetched = 0; // Made, and never fetched.
  };

  /// @param width, height of the program, whose proportions scenes have
  explicit TileMaker(int width = 1920, int height = 1080) : width_(width), height_(height) {}
  ~TileMaker() { stop(); }
  /// Nothing is made any more. Waits for what is being made.
  void stop();
  /// Puts `wishes` in the place of all that were wanted. Those that stay go on; none: the thread sleeps.
  void wish(const std::vector<TileWish>& wishes);
  /// What was made since the last call, the newest of each.
  std::vector<Tile> fetch();
  Stats stats();

  /// Render thread, once a frame: lends the pictures that are due at `nowUs`. `pictureOf` answers the picture of an id, or null;
  /// `shoot` adds to a shot what its scene shows.
  template <class PictureOf, class Shoot>
  void lend(int64_t frame, int64_t nowUs, const PictureOf& pictureOf, const Shoot& shoot) {
    if (!wanted_.load(std::memory_order_relaxed) || !mutex_.try_lock()) return;
    for (Slot& slot : slots_) {
      if (nowUs < slot.nextUs) continue;
      if (!slot.wish.scene) {
        lendOne(slot, pictureOf(slot.wish.id), frame, nowUs);
        continue;
      }
      Shot shot{slot.wish.scene, slot.wish.overlays, nullptr, {}, nullptr};
      shoot(shot);
      lendShot(slot, std::move(shot), frame, nowUs);
    }
    const bool wake = anyLent_;
    mutex_.unlock();
    if (wake) wake_.notify_one();
  }

 private:
  struct Slot {
    TileWish wish;
    int64_t nextUs = 0;
    uint64_t lastSerial = 0;  // Of the picture lent last: what has not changed is not made again.
    std::vector<uint64_t> lastSerials;  // The same of a shot,
    std::shared_ptr<const std::vector<Layer>> lastOverlays;
    PictureRef lent;
    Shot shot;                // Lent in the place of a picture when it has a scene.
    int64_t frame = -1;
    Tile made;
    bool isNew = false;
  };
  void lendOne(Slot& slot, const PictureRef& picture, int64_t frame, int64_t nowUs);
  void lendShot(Slot& slot, Shot shot, int64_t frame, int64_t nowUs);
  void lent(Slot& slot, int64_t frame, int64_t nowUs);
  void run();

  const int width_, height_;
  std::atomic<bool> wanted_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Slot> slots_;
  bool anyLent_ = false, stopping_ = false;
  Stats stats_;
  std::thread thread_;
};

}  // namespace vistter
