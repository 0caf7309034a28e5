// What JS passes in, checked. Each function throws a TypeError with a sentence that names what is wrong.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "compositor/program.h"

namespace vistter::args {

[[noreturn]] void fail(Napi::Env env, const std::string& sentence);

Napi::Value argument(const Napi::CallbackInfo& info, size_t index, const char* name);
std::string text(const Napi::Value& value, const std::string& name);
double number(const Napi::Value& value, const std::string& name, double least, double most);
int whole(const Napi::Value& value, const std::string& name, int least, int most);
/// The number of a program frame.
int64_t frame(const Napi::Value& value, const std::string& name);
bool boolean(const Napi::Value& value, const std::string& name);
Napi::Object object(const Napi::Value& value, const std::string& name);

ProgramOptions programOptions(const Napi::Value& value);
SourceOptions sourceOptions(const Napi::Value& value);
/// Ids; none when it was left out.
std::vector<std::string> ids(const Napi::CallbackInfo& info, size_t index, const char* name);
SoundSettings soundSettings(const Napi::Value& value);
std::vector<MonitorWish> monitorWishes(const Napi::Value& value);
std::vector<TileWish> tileWishes(const Napi::Value& value);
std::vector<Layer> layers(const Napi::Value& value, const std::string& name);
Scene scene(const Napi::Value& value, const std::string& name);
Plan plan(const Napi::Value& value);
Transition transition(const Napi::Value& value, const std::string& name = "transition");

struct Rgba {
  int width, height;
  const uint8_t* data;
  size_t stride;
};
/// A picture of `width` × `height` pixels whose rows are `stride` bytes apart; checked to lie within the array `pixels`.
/// It points into that array and is good for as long as JS holds it, so within the call.
Rgba rgba(const Napi::Value& width, const Napi::Value& height, const Napi::Value& pixels, const Napi::Value& stride);

}  // namespace vistter::args
