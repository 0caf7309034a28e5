#include "addon/testing.h"

#include <cstring>
#include <memory>

#include "addon/args.h"
#include "addon/guard.h"
#include "compositor/render_state.h"

namespace vistter {
namespace {

std::shared_ptr<const Scene> sceneOf(const Napi::Object& o, const char* name) {
  const Napi::Value scene = o.Get(name);
  return scene.IsUndefined() ? nullptr : std::make_shared<const Scene>(args::scene(scene, name));
}

Transition transitionOf(const Napi::Object& o) {
  return o.Get("transition").IsUndefined() ? Transition{} : args::transition(o.Get("transition"));
}

/// render({width, height, pictures: [{id, width, height, rgba, stride}], scene, from?, transition?, overlays?, step?,
///         cover?: {scene?, from?, fills, transition?}})
/// → Uint8Array of tight I420: one frame of a program that had `from` on, under the cover's `from`, and took `scene` and the
/// cover's `scene` in the same frame, `step` frames ago.
Napi::Value render(const Napi::CallbackInfo& info) {
  return guarded(info, [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    const Napi::Object o = args::object(args::argument(info, 0, "what"), "what");
    const int width = args::whole(o.Get("width"), "width", 16, 8192);
    const int height = args::whole(o.Get("height"), "height", 16, 8192);
    const int steps = o.Get("step").IsUndefined() ? 0 : args::whole(o.Get("step"), "step", 0, 1000);
    const FrameClock clock{60, 1};
    RenderState state(width, height, clock, std::make_shared<RenderShared>());
    const Napi::Array list = o.Get("pictures").As<Napi::Array>();
    for (uint32_t i = 0; i < list.Length(); i++) {
      const Napi::Object p = args::object(list.Get(i), "picture");
      const args::Rgba r = args::rgba(p.Get("width"), p.Get("height"), p.Get("rgba"), p.Get("stride"));
      state.pictures[args::text(p.Get("id"), "picture.id")] = pictureFromRgba(r.width, r.height, r.data, r.stride);
    }
    if (!o.Get("overlays").IsUndefined()) state.setOverlays(std::make_shared<const std::vector<Layer>>(args::layers(o.Get("overlays"), "overlays")));
    int64_t frame = 0;
    const auto tick = [&] { PictureRef picture = state.tick(frame, int64_t(clock.dueUs(frame))); frame++; return picture; };
    const bool isCovered = !o.Get("cover").IsUndefined();
    const Napi::Object cover = isCovered ? args::object(o.Get("cover"), "cover") : Napi::Object::New(env);
    const bool fills = isCovered && args::boolean(cover.Get("fills"), "cover.fills");
    if (auto from = sceneOf(o, "from")) state.take({from, false, {}, {}});
    if (auto from = sceneOf(cover, "from")) state.coverAt(frame, {from, fills, {}, {}});
    tick();
    state.take({sceneOf(o, "scene"), false, transitionOf(o), {}});
    if (isCovered) state.coverAt(frame, {sceneOf(cover, "scene"), fills, transitionOf(cover), {}});
    PictureRef out = tick();
    for (int i = 0; i < steps; i++) out = tick();
    Napi::Uint8Array pixels = Napi::Uint8Array::New(env, i420Bytes(uint32_t(width), uint32_t(height)));
    std::memcpy(pixels.Data(), out->y, pixels.ByteLength());
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
