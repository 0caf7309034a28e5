#include "addon/program_wrap.h"

#include <errno.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "addon/args.h"
#include "addon/guard.h"

namespace vistter {
namespace {

const char* wordOf(SourceState state) {
  switch (state) {
    case SourceState::Waiting: return "waiting";
    case SourceState::Live: return "live";
    case SourceState::Late: return "late";
    case SourceState::Gone: return "gone";
    case SourceState::Ended: return "ended";
  }
  return "waiting";
}

Napi::Value createProgram(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<Napi::FunctionReference>()->New({args::argument(info, 0, "options")});
}

}  // namespace

void ProgramWrap::registerIn(Napi::Env env, Napi::Object exports) {
  const Napi::Function type = DefineClass(env, "NativeProgram", {
    InstanceMethod<&ProgramWrap::addSource>("addSource"),
    InstanceMethod<&ProgramWrap::updateSource>("updateSource"),
    InstanceMethod<&ProgramWrap::removeSource>("removeSource"),
    InstanceMethod<&ProgramWrap::openRing>("openRing"),
    InstanceMethod<&ProgramWrap::detachRing>("detachRing"),
    InstanceMethod<&ProgramWrap::setPlaying>("setPlaying"),
    InstanceMethod<&ProgramWrap::playFrom>("playFrom"),
    InstanceMethod<&ProgramWrap::holdFrom>("holdFrom"),
    InstanceMethod<&ProgramWrap::setPicture>("setPicture"),
    InstanceMethod<&ProgramWrap::removePicture>("removePicture"),
    InstanceMethod<&ProgramWrap::setSlate>("setSlate"),
    InstanceMethod<&ProgramWrap::take>("take"),
    InstanceMethod<&ProgramWrap::takeAt>("takeAt"),
    InstanceMethod<&ProgramWrap::bar>("bar"),
    InstanceMethod<&ProgramWrap::black>("black"),
    InstanceMethod<&ProgramWrap::coverAt>("coverAt"),
    InstanceMethod<&ProgramWrap::updateScene>("updateScene"),
    InstanceMethod<&ProgramWrap::plan>("plan"),
    InstanceMethod<&ProgramWrap::setOverlays>("setOverlays"),
    InstanceMethod<&ProgramWrap::openFeed>("openFeed"),
    InstanceMethod<&ProgramWrap::closeFeed>("closeFeed"),
    InstanceMethod<&ProgramWrap::stats>("stats"),
    InstanceMethod<&ProgramWrap::levels>("levels"),
    InstanceMethod<&ProgramWrap::setSound>("setSound"),
    InstanceMethod<&ProgramWrap::wishMonitors>("wishMonitors"),
    InstanceMethod<&ProgramWrap::takeMonitors>("takeMonitors"),
    InstanceMethod<&ProgramWrap::wishTiles>("wishTiles"),
    InstanceMethod<&ProgramWrap::takeTiles>("takeTiles"),
    InstanceMethod<&ProgramWrap::stop>("stop"),
  });
  auto* constructor = new Napi::FunctionReference(Napi::Persistent(type));
  env.SetInstanceData(constructor);
  exports.Set("createProgram", Napi::Function::New(env, createProgram, "createProgram"));
}

ProgramWrap::ProgramWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ProgramWrap>(info), env_(info.Env()) {
  guarded(info, [&]() -> Napi::Value {
    program_ = std::make_unique<Program>(args::programOptions(args::argument(info, 0, "options")));
    return info.Env().Undefined();
  });
  napi_add_env_cleanup_hook(env_, onEnvEnd, this);
}

ProgramWrap::~ProgramWrap() {
  if (!program_) return;
  napi_remove_env_cleanup_hook(env_, onEnvEnd, this);
  program_->stop();
}

/// The process or worker ends without having called stop(): no thread may outlive it.
void ProgramWrap::onEnvEnd(void* self) { static_cast<ProgramWrap*>(self)->program_->stop(); }

Program& ProgramWrap::running(Info info) {
  if (program_->stopped()) throw Napi::Error::New(info.Env(), "The program has been stopped.");
  return *program_;
}

std::string ProgramWrap::knownSource(Info info) {
  const std::string id = args::text(args::argument(info, 0, "sourceId"), "sourceId");
  if (!running(info).hasSource(id)) args::fail(info.Env(), "There is no source \"" + id + "\".");
  return id;
}

Napi::Value ProgramWrap::frame(Napi::Env env, int64_t n) {
  Napi::Object o = Napi::Object::New(env);
  o.Set("frame", double(n));
  return o;
}

Napi::Value ProgramWrap::addSource(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const SourceOptions options = args::sourceOptions(args::argument(info, 0, "options"));
    if (running(info).hasSource(options.id)) args::fail(info.Env(), "There is a source \"" + options.id + "\" already.");
    program_->addSource(options);
    return info.Env().Undefined();
  });
}

Napi::Value ProgramWrap::updateSource(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const std::string id = knownSource(info);
    const Napi::Object change = args::object(args::argument(info, 1, "change"), "change");
    const Napi::Value fallback = change.Get("fallbackId");
    const Napi::Value delay = change.Get("delayUs");
    std::string fallbackId;
    int64_t delayUs = 0;
    if (!fallback.IsUndefined() && !fallback.IsNull()) fallbackId = args::text(fallback, "change.fallbackId");
    if (!delay.IsUndefined()) delayUs = int64_t(args::number(delay, "change.delayUs", 0, 60e6));
    program_->updateSource(id, fallback.IsUndefined() ? nullptr : &fallbackId, delay.IsUndefined() ? nullptr : &delayUs);
    return info.Env().Undefined();
  });
}

Napi::Value ProgramWrap::removeSource(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const std::string id = args::text(args::argument(info, 0, "id"), "id");
    running(info).removeSource(id);
    return info.Env().Undefined();
  });
}

Napi::Value ProgramWrap::openRing(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const int fd = running(info).openRing(knownSource(info));
    if (fd < 0) throw Napi::Error::New(info.Env(), std::string("There is no memory for a ring: ") + std::strerror(errno) + ".");
    return Napi::Number::New(info.Env(), fd);
  });
}

Napi::Value ProgramWrap::detachRing(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    // A decoder may well end after its source has been removed.
    running(info).detachRing(args::text(args::argument(info, 0, "sourceId"), "sourceId"));
    return info.Env().Undefined();
  });
}

Napi::Value ProgramWrap::setPlaying(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const std::string id = knownSource(info);
    program_->setPlaying(id, args::boolean(args::argument(info, 1, "playing"), "playing"));
    return info.Env().Undefined();
  });
}

Napi::Value ProgramWrap::playFrom(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const std::string id = knownSource(info);
    const int64_t at = args::frame(args::argument(info, 1, "frame"), "frame");
    const double positionUs = args::number(args::argument(info, 2, "positionUs"), "positionUs", 0, 9e15);
    program_->playFrom(id, at, positionUs, args::frame(args::argument(info, 3, "beginFrame"), "beginFrame"));
    return info.Env().Undefined();
  });
}

Napi::Value ProgramWrap::holdFrom(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const std::string id = knownSource(info);
    program_->holdFrom(id, args::frame(args::argument(info, 1, "frame"), "frame"));
    return info.Env().Undefined();
  });
}

Napi::Value ProgramWrap::setPicture(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const std::string id = args::text(args::argument(info, 0, "id"), "id");
    const args::Rgba r = args::rgba(args::argument(info, 1, "width"), args::argument(info, 2, "height"),
                                    args::argument(info, 3, "rgba"), args::argument(info, 4, "stride"));
    running(info).setPicture(id, r.width, r.height, r.data, r.stride);
    return info.Env().Undefined();
  });
}

Napi::Value ProgramWrap::removePicture(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    running(info).removePicture(args::text(args::argument(info, 0, "id"), "id"));
    return info.Env().Undefined();
  });
}

Napi::Value ProgramWrap::setSlate(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    running(info).setSlate(args::text(args::argument(info, 0, "pictureId"), "pictureId"));
    return info.Env().Undefined();
  });
}

Napi::Value ProgramWrap::take(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    Scene scene = args::scene(args::argument(info, 0, "scene"), "scene");
    const Transition transition = args::transition(args::argument(info, 1, "transition"));
    return frame(info.Env(), running(info).take(std::move(scene), transition, args::ids(info, 2, "films")));
  });
}

Napi::Value ProgramWrap::takeAt(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const int64_t at = args::frame(args::argument(info, 0, "frame"), "frame");
    Scene scene = args::scene(args::argument(info, 1, "scene"), "scene");
    const Transition transition = args::transition(args::argument(info, 2, "transition"));
    return frame(info.Env(), running(info).takeAt(at, std::move(scene), transition, args::ids(info, 3, "films")));
  });
}

Napi::Value ProgramWrap::bar(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const double position = args::number(args::argument(info, 0, "position"), "position", 0, 1);
    const Napi::Value what = args::argument(info, 1, "scene");
    const auto scene = what.IsNull() ? nullptr : std::make_shared<const Scene>(args::scene(what, "scene"));
    const Transition transition = args::transition(args::argument(info, 2, "transition"));
    if (scene && transition.kind == TransitionKind::Cut) args::fail(info.Env(), "transition.kind must not be \"cut\": there is no way to go by hand.");
    return frame(info.Env(), running(info).bar(position, scene, transition, args::ids(info, 3, "films")));
  });
}

Napi::Value ProgramWrap::black(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const bool on = args::boolean(args::argument(info, 0, "on"), "on");
    return frame(info.Env(), running(info).black(on, args::whole(args::argument(info, 1, "frames"), "frames", 0, 100000)));
  });
}

Napi::Value ProgramWrap::coverAt(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const int64_t at = args::frame(args::argument(info, 0, "frame"), "frame");
    const Napi::Value what = args::argument(info, 1, "scene");
    const auto scene = what.IsNull() ? nullptr : std::make_shared<const Scene>(args::scene(what, "scene"));
    const bool fills = args::boolean(args::argument(info, 2, "fills"), "fills");
    const Transition transition = args::transition(args::argument(info, 3, "transition"));
    return frame(info.Env(), running(info).coverAt(at, scene, fills, transition, args::ids(info, 4, "films")));
  });
}

Napi::Value ProgramWrap::plan(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const std::string sceneId = args::text(args::argument(info, 0, "sceneId"), "sceneId");
    const int64_t from = args::frame(args::argument(info, 1, "fromFrame"), "fromFrame");
    return frame(info.Env(), running(info).plan(sceneId, from, args::plan(args::argument(info, 2, "entries"))));
  });
}

Napi::Value ProgramWrap::updateScene(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    return frame(info.Env(), running(info).updateScene(args::scene(args::argument(info, 0, "scene"), "scene"), args::ids(info, 1, "films")));
  });
}

Napi::Value ProgramWrap::setOverlays(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    return frame(info.Env(), running(info).setOverlays(args::layers(args::argument(info, 0, "layers"), "layers")));
  });
}

Napi::Value ProgramWrap::openFeed(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const int frames = args::whole(args::argument(info, 0, "queueFrames"), "queueFrames", 1, 240);
    int id = 0, fd = -1;
    int64_t firstFrame = 0;
    if (!running(info).openFeed(frames, id, fd, firstFrame)) {
      throw Napi::Error::New(info.Env(), std::string("No feed can be opened: ") + std::strerror(errno) + ".");
    }
    Napi::Object o = Napi::Object::New(info.Env());
    o.Set("id", id);
    o.Set("fd", fd);
    o.Set("firstFrame", double(firstFrame));
    return o;
  });
}

Napi::Value ProgramWrap::closeFeed(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    running(info).closeFeed(args::whole(args::argument(info, 0, "id"), "id", 0, 1 << 30));
    return info.Env().Undefined();
  });
}

Napi::Value ProgramWrap::stats(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    const ProgramStats s = program_->stats();
    Napi::Object o = Napi::Object::New(env);
    o.Set("sceneId", s.sceneId);
    o.Set("frame", double(s.frame));
    o.Set("rendered", double(s.rendered));
    o.Set("late", double(s.late));
    o.Set("skipped", double(s.skipped));
    o.Set("repeated", double(s.repeated));
    std::vector<float> us(s.composeUs.begin(), s.composeUs.begin() + long(std::min<uint64_t>(s.rendered, ProgramStats::kComposed)));
    double sum = 0;
    for (float u : us) sum += u;
    std::sort(us.begin(), us.end());
    o.Set("composeUsAvg", us.empty() ? 0 : sum / double(us.size()));
    // Nearest rank, so that of fewer than a hundred frames the slowest counts.
    o.Set("composeUsP99", us.empty() ? 0 : double(us[(us.size() * 99 + 99) / 100 - 1]));
    o.Set("inTransition", s.inTransition);
    o.Set("black", s.black);
    o.Set("coverId", s.coverId);
    o.Set("coverInTransition", s.coverInTransition);
    Napi::Array covers = Napi::Array::New(env, s.covers.size());
    for (uint32_t i = 0; i < s.covers.size(); i++) {
      Napi::Object to = Napi::Object::New(env);
      to.Set("sceneId", s.covers[i].sceneId);
      to.Set("missed", double(s.covers[i].missed));
      to.Set("blank", double(s.covers[i].blank));
      covers.Set(i, to);
    }
    o.Set("covers", covers);

    Napi::Array sources = Napi::Array::New(env, s.sources.size());
    for (uint32_t i = 0; i < s.sources.size(); i++) {
      const SourceStats& from = s.sources[i];
      Napi::Object to = Napi::Object::New(env);
      to.Set("id", from.id);
      to.Set("state", wordOf(from.state));
      to.Set("ageMs", from.ageMs);
      to.Set("width", from.width);
      to.Set("height", from.height);
      to.Set("ready", from.ready);
      to.Set("shown", double(from.shown));
      to.Set("skipped", double(from.skipped));
      to.Set("dropped", double(from.dropped));
      to.Set("repeated", double(from.repeated));
      to.Set("offsetUs", from.offsetUs);
      to.Set("audioErrorUs", from.audioErrorUs);
      to.Set("audioUnderruns", double(from.audioUnderruns));
      to.Set("stoodInFrame", double(from.stoodInFrame));
      sources.Set(i, to);
    }
    o.Set("sources", sources);

    std::vector<int> ids;
    const std::vector<Feed::Stats> all = program_->feedStats(ids);
    Napi::Array feeds = Napi::Array::New(env, all.size());
    for (uint32_t i = 0; i < all.size(); i++) {
      Napi::Object to = Napi::Object::New(env);
      to.Set("id", ids[i]);
      to.Set("queued", all[i].queued);
      to.Set("capacity", all[i].capacity);
      to.Set("written", double(all[i].written));
      to.Set("dropped", double(all[i].dropped));
      to.Set("progressUs", double(all[i].progressUs));
      to.Set("firstFrame", double(all[i].firstFrame));
      to.Set("broken", all[i].broken);
      feeds.Set(i, to);
    }
    o.Set("feeds", feeds);
    const TileMaker::Stats made = program_->tileStats();
    Napi::Object tiles = Napi::Object::New(env);
    tiles.Set("made", double(made.made));
    tiles.Set("dropped", double(made.replaced + made.unfetched));
    o.Set("tiles", tiles);
    return o;
  });
}

Napi::Value ProgramWrap::levels(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    Napi::Array all = Napi::Array::New(env);
    for (const auto& [id, meter] : program_->takeLevels()) {
      const auto pair = [&](double left, double right) {
        Napi::Array p = Napi::Array::New(env, 2);
        p.Set(0u, left);
        p.Set(1u, right);
        return p;
      };
      Napi::Object o = Napi::Object::New(env);
      o.Set("id", id);
      o.Set("peak", pair(meter.peakDb(0), meter.peakDb(1)));
      o.Set("rms", pair(meter.rmsDb(0), meter.rmsDb(1)));
      all.Set(all.Length(), o);
    }
    return all;
  });
}

Napi::Value ProgramWrap::setSound(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    return frame(info.Env(), running(info).setSound(args::soundSettings(args::argument(info, 0, "sound"))));
  });
}

Napi::Value ProgramWrap::wishMonitors(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    running(info).wishMonitors(args::monitorWishes(args::argument(info, 0, "monitors")));
    return info.Env().Undefined();
  });
}

Napi::Value ProgramWrap::takeMonitors(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    Napi::Array all = Napi::Array::New(env);
    for (const MonitorSound& sound : running(info).fetchMonitors()) {
      Napi::Object o = Napi::Object::New(env);
      o.Set("id", sound.id);
      o.Set("at", double(sound.at));
      o.Set("pcm", Napi::Buffer<uint8_t>::Copy(env, reinterpret_cast<const uint8_t*>(sound.samples.data()), sound.samples.size() * sizeof(int16_t)));
      all.Set(all.Length(), o);
    }
    return all;
  });
}

Napi::Value ProgramWrap::wishTiles(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    running(info).wishTiles(args::tileWishes(args::argument(info, 0, "tiles")));
    return info.Env().Undefined();
  });
}

Napi::Value ProgramWrap::takeTiles(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    Napi::Array all = Napi::Array::New(env);
    for (const Tile& tile : running(info).fetchTiles()) {
      Napi::Object o = Napi::Object::New(env);
      o.Set("id", tile.id);
      o.Set("frame", double(tile.frame));
      o.Set("width", tile.width);
      o.Set("height", tile.height);
      o.Set("jpeg", Napi::Buffer<uint8_t>::Copy(env, tile.jpeg.data(), tile.jpeg.size()));
      all.Set(all.Length(), o);
    }
    return all;
  });
}

Napi::Value ProgramWrap::stop(Info info) {
  return guarded(info, [&]() -> Napi::Value {
    program_->stop();
    return info.Env().Undefined();
  });
}

}  // namespace vistter
