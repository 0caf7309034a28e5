// Registers the native core with Node. Its shape is src/engine/native.ts; bump kAbi on both sides when it changes.
#include <napi.h>
#include <unistd.h>

#include "addon/args.h"
#include "addon/guard.h"
#include "addon/program_wrap.h"
#include "addon/testing.h"
#include "clock/frame_clock.h"

namespace vistter {
namespace {

constexpr int kAbi = 8;

Napi::Value closeFd(const Napi::CallbackInfo& info) {
  return guarded(info, [&]() -> Napi::Value {
    // 0 to 2 are the process's own.
    close(args::whole(args::argument(info, 0, "fd"), "fd", 3, 1 << 30));
    return info.Env().Undefined();
  });
}

Napi::Value monotonicUs(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), double(monotonicNs() / 1000)); }

}  // namespace

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("abi", Napi::Number::New(env, kAbi));
  exports.Set("closeFd", Napi::Function::New(env, closeFd, "closeFd"));
  exports.Set("monotonicUs", Napi::Function::New(env, monotonicUs, "monotonicUs"));
  ProgramWrap::registerIn(env, exports);
  exports.Set("testing", testingExports(env));
  return exports;
}

NODE_API_MODULE(vistter, init)

}  // namespace vistter
