// vistter-features PATH, or - for FLV on stdin that goes on as long as it is recorded: one pass over a recording, one line of JSON a second
// of it on stdout. columns.h says what is in them, report.h how they look. It shares nothing with anybody, so whatever a hostile file does to it
// costs this one analysis and no more.
#include <malloc.h>

#include <atomic>
#include <cstdio>
#include <cstring>

#include "decoder/confine.h"
#include "features/analysis.h"

namespace {

using namespace vistter;
using namespace vistter::decoder;
using namespace vistter::features;

constexpr int kUsageExit = 64;
// Room for 8K. A header that asks for more is an attack or a mistake, and ends this process only.
constexpr rlim_t kMemoryLimit = rlim_t(3) << 30;

/// libav repeats itself for each broken macroblock; a few lines are enough to see what is wrong.
void logLimited(void* context, int level, const char* format, va_list arguments) {
  static std::atomic<int> lines{0};
  if (level > AV_LOG_ERROR || lines++ >= 50) return;
  writeLogLine(context, level, format, arguments);
}

}  // namespace

int main(int argc, char** argv) {
  if (!endWithParent()) return 1;
  if (argc != 2) {
    fputs("usage: vistter-features PATH, or - for FLV on stdin\n", stderr);
    return kUsageExit;
  }
  confine(kMemoryLimit);
  // Each thread's own heap would keep what it has once held.
  mallopt(M_ARENA_MAX, 1);
  av_log_set_callback(logLimited);

  Report report;
  Input input;
  InputFault fault{"INTERNAL", "Out of memory."};
  const bool isLive = strcmp(argv[1], "-") == 0;
  if (!(isLive ? input.openStdin(fault) : input.openFile(argv[1], fault))) {
    report.error(fault.code, fault.message);
    return 1;
  }
  // An index of millions of packets leaves more behind than it keeps.
  malloc_trim(0);
  return Analysis(input, report, isLive).run() ? 0 : 1;
}
