// The main thread's life: commands from stdin, SIGTERM and SIGINT, and a `stats` event each second.
#pragma once

#include "decoder/job.h"

namespace vistter::decoder {

/// Call before any thread is started, so that all of them leave the signals to the control loop.
void blockSignals();

/// Returns when told to quit, or when `finished` turns true (looked at ten times a second).
void controlLoop(Job& job, Source& source, const std::atomic<bool>& finished);

}  // namespace vistter::decoder
