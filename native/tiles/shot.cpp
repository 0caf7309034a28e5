#include "tiles/shot.h"

#include <algorithm>

#include "compositor/gather.h"

namespace vistter {
namespace {

/// Sizes that are remembered; each has some frames of that size.
constexpr size_t kMostSizes = 4;

}  // namespace

Compositor& ShotDrawer::compositorFor(int width, int height) {
  const auto known = std::find_if(compositors_.begin(), compositors_.end(), [&](const auto& c) { return c->width() == width && c->height() == height; });
  if (known != compositors_.end()) {
    std::rotate(known, known + 1, compositors_.end());
  } else {
    if (compositors_.size() >= kMostSizes) compositors_.erase(compositors_.begin());
    compositors_.push_back(std::make_unique<Compositor>(width, height));
  }
  return *compositors_.back();
}

PictureRef ShotDrawer::draw(const Shot& shot, int width, int height) {
  Compositor& compositor = compositorFor(width, height);
  compositor.begin();
  std::vector<DrawnLayer> layers;
  // Nothing is remembered of it: the next shot has other pictures.
  int memory = Compositor::kMemories;
  gatherLayers(shot.scene->nodes, layers, compositor, memory, [&](const std::string& id) { return shot.pictureOf(id); });
  static const Layer whole;
  if (layers.empty() && shot.slate) layers.push_back({&whole, shot.slate});
  if (shot.overlays) {
    for (const Layer& layer : *shot.overlays) {
      if (PictureRef picture = shot.pictureOf(layer.sourceId)) layers.push_back({&layer, std::move(picture)});
    }
  }
  return compositor.compose(layers, memory);
}

}  // namespace vistter
