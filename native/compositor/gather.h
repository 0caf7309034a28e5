// Scenes → the stacks of pictures that a compositor draws, wherever the pictures come from.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "compositor/compositor.h"

namespace vistter {

/// Adds the pictures of `nodes` to the stack `into`; a mix makes one picture of it and of all below. `memory` is the compositor's
/// next to be used. `pictureOf` answers the picture of an id, or null: nothing is drawn.
template <class PictureOf>
void gatherLayers(const std::vector<Node>& nodes, std::vector<DrawnLayer>& into, Compositor& compositor, int& memory, const PictureOf& pictureOf) {
  static const Layer whole;
  for (const Node& node : nodes) {
    if (node.mix) {
      std::vector<DrawnLayer> a = into, b = into;
      gatherLayers(node.mix->from, a, compositor, memory, pictureOf);
      gatherLayers(node.mix->to, b, compositor, memory, pictureOf);
      const PictureRef from = compositor.compose(a, memory++);
      const PictureRef to = compositor.compose(b, memory++);
      const Rect area = areaRect(node.mix->area, compositor.width(), compositor.height());
      into.clear();
      into.push_back({&whole, compositor.mix(from, to, node.mix->transition, node.mix->progress(), area)});
      continue;
    }
    if (PictureRef picture = pictureOf(node.layer.sourceId)) into.push_back({&node.layer, std::move(picture)});
  }
}

/// Each layer of `nodes`, those in mixes too.
template <class Look>
void eachLayer(const std::vector<Node>& nodes, const Look& look) {
  for (const Node& node : nodes) {
    if (!node.mix) {
      look(node.layer);
      continue;
    }
    eachLayer(node.mix->from, look);
    eachLayer(node.mix->to, look);
  }
}

}  // namespace vistter
