#include "decoder/confine.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>

#include "decoder/av.h"

namespace vistter::decoder {

bool endWithParent() {
  const pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return getppid() == parent;
}

void confine([[maybe_unused]] rlim_t memoryLimit) {
#ifndef VISTTER_SANITIZED
  const rlimit limit{memoryLimit, memoryLimit};
  setrlimit(RLIMIT_AS, &limit);
#endif
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

void writeLogLine(void* context, int level, const char* format, va_list arguments) {
  char line[512];
  int prefix = 1;
  av_log_format_line2(context, level, format, arguments, line, sizeof line, &prefix);
  fputs(line, stderr);
}

}  // namespace vistter::decoder
