// What a scene shows at a moment, to be drawn small later and elsewhere: on a thread that nothing waits for.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compositor/compositor.h"

namespace vistter {

struct Shot {
  std::shared_ptr<const Scene> scene;
  bool withOverlays = false;
  std::shared_ptr<const std::vector<Layer>> overlays;      // That lie over it; null: none.
  std::vector<std::pair<std::string, PictureRef>> pictures; // By the ids of its layers, each once; null: nothing is drawn.
  PictureRef slate;                                         // Where it has nothing at all.

  void add(const std::string& id, PictureRef picture) {
    for (const auto& known : pictures) {
      if (known.first == id) return;
    }
    pictures.emplace_back(id, std::move(picture));
  }
  PictureRef pictureOf(const std::string& id) const {
    for (const auto& [known, picture] : pictures) {
      if (known == id) return picture;
    }
    return nullptr;
  }
  /// Of all its pictures: the same serials of the same scene are the same picture.
  std::vector<uint64_t> serials() const {
    std::vector<uint64_t> all{slate ? slate->serial : 0};
    for (const auto& [id, picture] : pictures) all.push_back(picture ? picture->serial : 0);
    return all;
  }
};

/// Draws shots at whatever sizes are wanted, layer by layer, as the program's compositor does at its own. For one thread.
class ShotDrawer {
 public:
  PictureRef draw(const Shot& shot, int width, int height);

 private:
  Compositor& compositorFor(int width, int height);
  std::vector<std::unique_ptr<Compositor>> compositors_;  // Those of the sizes in use, the latest last.
};

}  // namespace vistter
