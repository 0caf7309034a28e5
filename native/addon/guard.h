// Keeps C++ exceptions on this side of the boundary.
#pragma once

#include <napi.h>

#include <exception>
#include <new>

namespace vistter {

/// Runs `body`; what it throws becomes a JS exception.
template <class Body>
Napi::Value guarded(const Napi::CallbackInfo& info, Body body) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;  // A JS exception already: node-addon-api hands it over.
  } catch (const std::bad_alloc&) {
    throw Napi::Error::New(info.Env(), "The native core is out of memory.");
  } catch (const std::exception& error) {
    throw Napi::Error::New(info.Env(), std::string("The native core failed: ") + error.what());
  }
}

}  // namespace vistter
