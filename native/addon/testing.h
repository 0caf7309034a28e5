// For tests only: the compositor without its clock.
#pragma once

#include <napi.h>

namespace vistter {

/// `{ render }`, see addon/testing.cpp.
Napi::Object testingExports(Napi::Env env);

}  // namespace vistter
