#include "addon/testing.h"

#include <cstring>
#include <map>

#include "addon/args.h"
#include "addon/guard.h"
#include "compositor/compositor.h"

namespace vistter {
namespace {

/// render({width, height, pictures: [{id, width, height, rgba, stride}], scene, from?, transition?, step?, overlays?})
/// → Uint8Array of tight I420: one frame, of `scene` alone or of step `step` of the transition from `from` to it.
Napi::Value render(const Napi::CallbackInfo& info) {
  return guarded(info, [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    const Napi::Object o = args::object(args::argument(info, 0, "what"), "what");
    const int width = args::whole(o.Get("width"), "width", 16, 8192);
    const int height = args::whole(o.Get("height"), "height", 16, 8192);
    std::map<std::string, PictureRef> pictures;
    const Napi::Array list = o.Get("pictures").As<Napi::Array>();
    for (uint32_t i = 0; i < list.Length(); i++) {
      const Napi::Object p = args::object(list.Get(i), "picture");
      const args::Rgba r = args::rgba(p.Get("width"), p.Get("height"), p.Get("rgba"), p.Get("stride"));
      pictures[args::text(p.Get("id"), "picture.id")] = pictureFromRgba(r.width, r.height, r.data, r.stride);
    }
    Compositor compositor(width, height);
    const auto gather = [&](const std::vector<Layer>& layers) {
      std::vector<DrawnLayer> drawn;
      for (const Layer& layer : layers) drawn.push_back({&layer, pictures[layer.sourceId]});
      return drawn;
    };
    const auto gatherScene = [&](const Scene& scene) {
      std::vector<DrawnLayer> drawn;
      for (const Node& node : scene.nodes) drawn.push_back({&node.layer, pictures[node.layer.sourceId]});
      return drawn;
    };
    const Scene scene = args::scene(o.Get("scene"), "scene");
    std::vector<Layer> overlays;
    if (!o.Get("overlays").IsUndefined()) overlays = args::layers(o.Get("overlays"), "overlays");
    PictureRef out;
    compositor.begin();
    if (o.Get("from").IsUndefined()) {
      std::vector<DrawnLayer> drawn = gatherScene(scene);
      for (DrawnLayer& layer : gather(overlays)) drawn.push_back(layer);
      out = compositor.compose(drawn, 0);
    } else {
      const Scene from = args::scene(o.Get("from"), "from");
      const Transition transition = args::transition(o.Get("transition"));
      const int step = args::whole(o.Get("step"), "step", 0, transition.frames);
      FrameRef mixed = compositor.mix(compositor.compose(gatherScene(from), 1), compositor.compose(gatherScene(scene), 0), transition, step);
      compositor.drawOver(*mixed, gather(overlays));
      out = mixed;
    }
    const size_t bytes = i420Bytes(uint32_t(width), uint32_t(height));
    Napi::Uint8Array pixels = Napi::Uint8Array::New(env, bytes);
    std::memcpy(pixels.Data(), out->y, bytes);
    return pixels;
  });
}

}  // namespace

Napi::Object testingExports(Napi::Env env) {
  Napi::Object testing = Napi::Object::New(env);
  testing.Set("render", Napi::Function::New(env, render, "render"));
  return testing;
}

}  // namespace vistter
