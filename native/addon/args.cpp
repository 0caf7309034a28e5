#include "addon/args.h"

#include <algorithm>
#include <cmath>

namespace vistter::args {
namespace {

constexpr int kMostSize = 8192;
constexpr int kMostLayers = 256;
constexpr double kMostDelayUs = 60e6;
/// Mixes within mixes.
constexpr int kMostDepth = 6;
/// Half a minute at 60 frames a second, in each of which the scene is another.
constexpr uint32_t kMostPlanned = 1800;
constexpr double kMostFrame = 9e15;

const char* kindOf(const Napi::Value& value) {
  switch (value.Type()) {
    case napi_undefined: return "missing";
    case napi_null: return "null";
    case napi_boolean: return "a boolean";
    case napi_number: return "a number";
    case napi_string: return "a string";
    case napi_function: return "a function";
    default: return "an object";
  }
}

Fit fit(const Napi::Value& value, const std::string& name) {
  const std::string word = text(value, name);
  if (word == "contain") return Fit::Contain;
  if (word == "cover") return Fit::Cover;
  if (word == "fill") return Fit::Fill;
  fail(value.Env(), name + " must be \"contain\", \"cover\" or \"fill\", not \"" + word + "\".");
}

Layer layer(const Napi::Value& value, const std::string& name) {
  const Napi::Object o = object(value, name);
  Layer l;
  l.sourceId = text(o.Get("sourceId"), name + ".sourceId");
  l.x = number(o.Get("x"), name + ".x", -16, 16);
  l.y = number(o.Get("y"), name + ".y", -16, 16);
  l.width = number(o.Get("width"), name + ".width", 0, 16);
  l.height = number(o.Get("height"), name + ".height", 0, 16);
  l.fit = fit(o.Get("fit"), name + ".fit");
  l.opacity = number(o.Get("opacity"), name + ".opacity", 0, 1);
  const Napi::Object crop = object(o.Get("crop"), name + ".crop");
  l.cropLeft = number(crop.Get("left"), name + ".crop.left", 0, 1);
  l.cropTop = number(crop.Get("top"), name + ".crop.top", 0, 1);
  l.cropRight = number(crop.Get("right"), name + ".crop.right", 0, 1);
  l.cropBottom = number(crop.Get("bottom"), name + ".crop.bottom", 0, 1);
  l.gain = float(number(o.Get("gain"), name + ".gain", 0, 64));
  return l;
}

Area areaOf(const Napi::Value& value, const std::string& name) {
  const Napi::Object o = object(value, name);
  return {number(o.Get("x"), name + ".x", -16, 16), number(o.Get("y"), name + ".y", -16, 16),
          number(o.Get("width"), name + ".width", 0, 16), number(o.Get("height"), name + ".height", 0, 16)};
}

std::vector<Node> nodes(const Napi::Value& value, const std::string& name, int depth);

Node node(const Napi::Value& value, const std::string& name, int depth) {
  const Napi::Value way = object(value, name).Get("mix");
  Node n;
  if (way.IsUndefined()) {
    n.layer = layer(value, name);
    return n;
  }
  if (depth >= kMostDepth) fail(value.Env(), name + " lies in too many mixes.");
  const Napi::Object o = object(way, name + ".mix");
  Mix mix;
  mix.from = nodes(o.Get("from"), name + ".mix.from", depth + 1);
  mix.to = nodes(o.Get("to"), name + ".mix.to", depth + 1);
  mix.transition = transition(o.Get("transition"), name + ".mix.transition");
  const Napi::Value area = o.Get("area");
  if (!area.IsUndefined()) mix.area = areaOf(area, name + ".mix.area");
  mix.step = whole(o.Get("step"), name + ".mix.step", 0, std::max(0, mix.transition.frames - 1));
  n.mix = std::make_shared<const Mix>(std::move(mix));
  return n;
}

std::vector<Node> nodes(const Napi::Value& value, const std::string& name, int depth) {
  if (!value.IsArray()) fail(value.Env(), name + " must be an array of layers.");
  const Napi::Array array = value.As<Napi::Array>();
  if (array.Length() > uint32_t(kMostLayers)) fail(value.Env(), name + " must have at most " + std::to_string(kMostLayers) + " layers.");
  std::vector<Node> all;
  for (uint32_t i = 0; i < array.Length(); i++) all.push_back(node(array.Get(i), name + "[" + std::to_string(i) + "]", depth));
  return all;
}

}  // namespace

void fail(Napi::Env env, const std::string& sentence) { throw Napi::TypeError::New(env, sentence); }

Napi::Value argument(const Napi::CallbackInfo& info, size_t index, const char* name) {
  if (info.Length() <= index) fail(info.Env(), std::string("The argument ") + name + " is missing.");
  return info[index];
}

std::string text(const Napi::Value& value, const std::string& name) {
  if (!value.IsString()) fail(value.Env(), name + " must be a string; it is " + kindOf(value) + ".");
  return value.As<Napi::String>().Utf8Value();
}

double number(const Napi::Value& value, const std::string& name, double least, double most) {
  if (!value.IsNumber()) fail(value.Env(), name + " must be a number; it is " + kindOf(value) + ".");
  const double n = value.As<Napi::Number>().DoubleValue();
  if (!(n >= least && n <= most)) {
    char range[96];
    snprintf(range, sizeof range, " must lie between %g and %g; it is %g.", least, most, n);
    fail(value.Env(), name + range);
  }
  return n;
}

int whole(const Napi::Value& value, const std::string& name, int least, int most) {
  const double n = number(value, name, least, most);
  if (n != std::floor(n)) fail(value.Env(), name + " must be a whole number.");
  return int(n);
}

int64_t frame(const Napi::Value& value, const std::string& name) {
  const double n = number(value, name, 0, kMostFrame);
  if (n != std::floor(n)) fail(value.Env(), name + " must be a whole number.");
  return int64_t(n);
}

bool boolean(const Napi::Value& value, const std::string& name) {
  if (!value.IsBoolean()) fail(value.Env(), name + " must be true or false; it is " + kindOf(value) + ".");
  return value.As<Napi::Boolean>().Value();
}

Napi::Object object(const Napi::Value& value, const std::string& name) {
  if (!value.IsObject()) fail(value.Env(), name + " must be an object; it is " + kindOf(value) + ".");
  return value.As<Napi::Object>();
}

ProgramOptions programOptions(const Napi::Value& value) {
  const Napi::Object o = object(value, "options");
  ProgramOptions p;
  p.width = whole(o.Get("width"), "options.width", 16, kMostSize);
  p.height = whole(o.Get("height"), "options.height", 16, kMostSize);
  if (p.width % 2 || p.height % 2) fail(value.Env(), "options.width and options.height must be even.");
  p.clock.num = whole(o.Get("fpsNum"), "options.fpsNum", 1, 1000000);
  p.clock.den = whole(o.Get("fpsDen"), "options.fpsDen", 1, 1000000);
  const double fps = double(p.clock.num) / double(p.clock.den);
  if (fps < 6 || fps > 240) fail(value.Env(), "options.fpsNum / options.fpsDen must lie between 6 and 240.");
  return p;
}

SourceOptions sourceOptions(const Napi::Value& value) {
  const Napi::Object o = object(value, "options");
  SourceOptions s;
  s.id = text(o.Get("id"), "options.id");
  if (s.id.empty()) fail(value.Env(), "options.id must not be empty.");
  const std::string mode = text(o.Get("mode"), "options.mode");
  if (mode != "live" && mode != "file") fail(value.Env(), "options.mode must be \"live\" or \"file\", not \"" + mode + "\".");
  s.file = mode == "file";
  s.slots = uint32_t(whole(o.Get("slots"), "options.slots", 2, int(kMaxSlots)));
  const Napi::Value fallback = o.Get("fallbackId");
  if (!fallback.IsNull()) s.fallbackId = text(fallback, "options.fallbackId");
  s.delayUs = int64_t(number(o.Get("delayUs"), "options.delayUs", 0, kMostDelayUs));
  const Napi::Value soundOnly = o.Get("soundOnly");
  if (!soundOnly.IsUndefined()) s.soundOnly = boolean(soundOnly, "options.soundOnly");
  const Napi::Value soundId = o.Get("soundId");
  if (!soundId.IsUndefined()) s.soundId = text(soundId, "options.soundId");
  return s;
}

SoundSettings soundSettings(const Napi::Value& value) {
  const Napi::Object o = object(value, "sound");
  SoundSettings sound;
  sound.gain = float(number(o.Get("gain"), "sound.gain", 0, 64));
  const Napi::Value list = o.Get("sources");
  if (!list.IsArray()) fail(value.Env(), "sound.sources must be an array.");
  const Napi::Array array = list.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) {
    const std::string name = "sound.sources[" + std::to_string(i) + "]";
    const Napi::Object one = object(array.Get(i), name);
    SourceSound& source = sound.sources[text(one.Get("id"), name + ".id")];
    source.gain = float(number(one.Get("gain"), name + ".gain", 0, 64));
    source.delay = int(std::lround(number(one.Get("delayUs"), name + ".delayUs", 0, 1e6) * 0.048));
    source.always = boolean(one.Get("always"), name + ".always");
  }
  return sound;
}

std::vector<MonitorWish> monitorWishes(const Napi::Value& value) {
  if (!value.IsArray()) fail(value.Env(), "monitors must be an array.");
  const Napi::Array array = value.As<Napi::Array>();
  if (array.Length() > Monitor::kMost) fail(value.Env(), "monitors must be at most " + std::to_string(Monitor::kMost) + ".");
  std::vector<MonitorWish> all;
  for (uint32_t i = 0; i < array.Length(); i++) {
    const std::string name = "monitors[" + std::to_string(i) + "]";
    const Napi::Object o = object(array.Get(i), name);
    MonitorWish wish;
    wish.id = whole(o.Get("id"), name + ".id", 0, 65535);
    const Napi::Value sources = o.Get("sources");
    if (!sources.IsArray()) fail(value.Env(), name + ".sources must be an array of ids.");
    const Napi::Array ids = sources.As<Napi::Array>();
    if (ids.Length() > Monitor::kMostSources) fail(value.Env(), name + ".sources must be at most " + std::to_string(Monitor::kMostSources) + ".");
    for (uint32_t j = 0; j < ids.Length(); j++) wish.sources.push_back(text(ids.Get(j), name + ".sources[" + std::to_string(j) + "]"));
    all.push_back(std::move(wish));
  }
  return all;
}

std::vector<std::string> ids(const Napi::CallbackInfo& info, size_t index, const char* name) {
  std::vector<std::string> all;
  if (info.Length() <= index || info[index].IsUndefined()) return all;
  if (!info[index].IsArray()) fail(info.Env(), std::string(name) + " must be an array of ids.");
  const Napi::Array array = info[index].As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); i++) all.push_back(text(array.Get(i), name + ("[" + std::to_string(i) + "]")));
  return all;
}

std::vector<TileWish> tileWishes(const Napi::Value& value) {
  if (!value.IsArray()) fail(value.Env(), "tiles must be an array.");
  const Napi::Array array = value.As<Napi::Array>();
  if (array.Length() > TileMaker::kMostTiles) fail(value.Env(), "tiles must be at most " + std::to_string(TileMaker::kMostTiles) + ".");
  std::vector<TileWish> all;
  for (uint32_t i = 0; i < array.Length(); i++) {
    const Napi::Object o = object(array.Get(i), "tiles[" + std::to_string(i) + "]");
    TileWish wish;
    wish.id = text(o.Get("id"), "tile.id");
    wish.width = whole(o.Get("width"), "tile.width", 16, 1920);
    wish.height = whole(o.Get("height"), "tile.height", 16, 1080);
    wish.everyUs = whole(o.Get("everyUs"), "tile.everyUs", 10000, 60000000);
    const Napi::Value shown = o.Get("scene");
    if (!shown.IsUndefined()) wish.scene = std::make_shared<const Scene>(scene(shown, "tile.scene"));
    const Napi::Value overlays = o.Get("overlays");
    if (!overlays.IsUndefined()) wish.overlays = boolean(overlays, "tile.overlays");
    all.push_back(wish);
  }
  return all;
}

std::vector<Layer> layers(const Napi::Value& value, const std::string& name) {
  if (!value.IsArray()) fail(value.Env(), name + " must be an array of layers.");
  const Napi::Array array = value.As<Napi::Array>();
  if (array.Length() > uint32_t(kMostLayers)) fail(value.Env(), name + " must have at most " + std::to_string(kMostLayers) + " layers.");
  std::vector<Layer> all;
  for (uint32_t i = 0; i < array.Length(); i++) all.push_back(layer(array.Get(i), name + "[" + std::to_string(i) + "]"));
  return all;
}

Scene scene(const Napi::Value& value, const std::string& name) {
  const Napi::Object o = object(value, name);
  Scene s;
  s.id = text(o.Get("id"), name + ".id");
  s.nodes = nodes(o.Get("layers"), name + ".layers", 0);
  const Napi::Value frozen = o.Get("frozen");
  if (!frozen.IsUndefined()) s.frozen = boolean(frozen, name + ".frozen");
  const Napi::Value overBlack = o.Get("overBlack");
  if (!overBlack.IsUndefined()) s.overBlack = boolean(overBlack, name + ".overBlack");
  return s;
}

Plan plan(const Napi::Value& value) {
  if (!value.IsArray()) fail(value.Env(), "entries must be an array.");
  const Napi::Array array = value.As<Napi::Array>();
  if (array.Length() > kMostPlanned) fail(value.Env(), "entries must be at most " + std::to_string(kMostPlanned) + ".");
  Plan all;
  for (uint32_t i = 0; i < array.Length(); i++) {
    const std::string name = "entries[" + std::to_string(i) + "]";
    const Napi::Object o = object(array.Get(i), name);
    const int64_t at = frame(o.Get("frame"), name + ".frame");
    if (!all.empty() && at <= all.back().frame) fail(value.Env(), name + ".frame must be greater than that of the entry before it.");
    all.push_back({at, std::make_shared<const Scene>(scene(o.Get("scene"), name + ".scene"))});
  }
  return all;
}

Transition transition(const Napi::Value& value, const std::string& name) {
  const Napi::Object o = object(value, name);
  const std::string kind = text(o.Get("kind"), name + ".kind");
  Transition t;
  const size_t dash = kind.find('-');
  const std::string first = kind.substr(0, dash);
  const std::string way = dash == std::string::npos ? "" : kind.substr(dash + 1);
  const bool directed = first == "wipe" || first == "slide" || first == "push";
  if (kind == "cut") t.kind = TransitionKind::Cut;
  else if (kind == "fade") t.kind = TransitionKind::Fade;
  else if (kind == "dip") t.kind = TransitionKind::Dip;
  else if (first == "wipe") t.kind = TransitionKind::Wipe;
  else if (first == "slide") t.kind = TransitionKind::Slide;
  else if (first == "push") t.kind = TransitionKind::Push;
  else fail(value.Env(), name + ".kind \"" + kind + "\" is not known.");
  if (directed) {
    if (way == "left") t.direction = Direction::Left;
    else if (way == "right") t.direction = Direction::Right;
    else if (way == "up") t.direction = Direction::Up;
    else if (way == "down") t.direction = Direction::Down;
    else fail(value.Env(), name + ".kind \"" + kind + "\" must end in -left, -right, -up or -down.");
  }
  t.frames = whole(o.Get("frames"), name + ".frames", 0, 100000);
  const Napi::Value color = o.Get("color");
  if (!color.IsUndefined()) t.color = uint32_t(whole(color, name + ".color", 0, 0xffffff));
  return t;
}

Rgba rgba(const Napi::Value& width, const Napi::Value& height, const Napi::Value& pixels, const Napi::Value& stride) {
  Rgba r{};
  r.width = whole(width, "width", 1, kMostSize);
  r.height = whole(height, "height", 1, kMostSize);
  const int bytes = whole(stride, "stride", r.width * 4, kMostSize * 16);
  r.stride = size_t(bytes);
  if (!pixels.IsTypedArray()) fail(pixels.Env(), "rgba must be a Uint8Array.");
  const Napi::TypedArray array = pixels.As<Napi::TypedArray>();
  if (array.TypedArrayType() != napi_uint8_array && array.TypedArrayType() != napi_uint8_clamped_array) {
    fail(pixels.Env(), "rgba must be a Uint8Array.");
  }
  if (array.ByteLength() < r.stride * size_t(r.height - 1) + size_t(r.width) * 4) {
    fail(pixels.Env(), "rgba is too short for its width, height and stride.");
  }
  r.data = static_cast<const uint8_t*>(array.ArrayBuffer().Data()) + array.ByteOffset();
  return r;
}

}  // namespace vistter::args
