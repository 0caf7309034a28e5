// NativeProgram as JS sees it.
#pragma once

#include <napi.h>

#include <memory>

#include "compositor/program.h"

namespace vistter {

class ProgramWrap : public Napi::ObjectWrap<ProgramWrap> {
 public:
  static void registerIn(Napi::Env env, Napi::Object exports);
  explicit ProgramWrap(const Napi::CallbackInfo& info);
  ~ProgramWrap() override;

 private:
  using Info = const Napi::CallbackInfo&;
  Napi::Value addSource(Info info);
  Napi::Value updateSource(Info info);
  Napi::Value removeSource(Info info);
  Napi::Value openRing(Info info);
  Napi::Value detachRing(Info info);
  Napi::Value setPlaying(Info info);
  Napi::Value playFrom(Info info);
  Napi::Value holdFrom(Info info);
  Napi::Value setPicture(Info info);
  Napi::Value removePicture(Info info);
  Napi::Value setSlate(Info info);
  Napi::Value take(Info info);
  Napi::Value takeAt(Info info);
  Napi::Value bar(Info info);
  Napi::Value black(Info info);
  Napi::Value coverAt(Info info);
  Napi::Value updateScene(Info info);
  Napi::Value plan(Info info);
  Napi::Value setOverlays(Info info);
  Napi::Value openFeed(Info info);
  Napi::Value closeFeed(Info info);
  Napi::Value stats(Info info);
  Napi::Value levels(Info info);
  Napi::Value setSound(Info info);
  Napi::Value wishMonitors(Info info);
  Napi::Value takeMonitors(Info info);
  Napi::Value wishTiles(Info info);
  Napi::Value takeTiles(Info info);
  Napi::Value stop(Info info);

  Program& running(Info info);
  std::string knownSource(Info info);
  static Napi::Value frame(Napi::Env env, int64_t n);
  static void onEnvEnd(void* self);

  std::unique_ptr<Program> program_;
  napi_env env_;
};

}  // namespace vistter
