// What a program that decodes the files of strangers does before anything else.
#pragma once

#include <sys/resource.h>

#include <cstdarg>

namespace vistter::decoder {

/// Ends this process with the one that started it. False: that is gone already.
bool endWithParent();

/// Bounds the address space, so that a header which asks for more ends this process only, and leaves no core: it would hold pictures
/// of whoever was in front of the camera. Sanitizers need the space themselves.
void confine(rlim_t memoryLimit);

/// A line of libav's log, to stderr.
void writeLogLine(void* context, int level, const char* format, va_list arguments);

}  // namespace vistter::decoder
