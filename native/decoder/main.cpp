// vistter-decoder: one source of the program, decoded into the ring on file descriptor 3. See options.h for how to call
// it, ring/ring.h and ring/producer.h for what it writes. It shares nothing else with anybody, so whatever a hostile stream
// does to it costs one source and no more.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <future>
#include <memory>
#include <thread>

#include "decoder/av.h"
#include "decoder/confine.h"
#include "decoder/control.h"
#include "decoder/events.h"
#include "decoder/file_source.h"
#include "decoder/flv_source.h"
#include "decoder/options.h"
#include "decoder/still_source.h"
#include "decoder/test_card.h"

namespace {

using namespace vistter;
using namespace vistter::decoder;

constexpr int kRingFd = 3;
constexpr int kUsageExit = 64;
// Room for 8K and its reference frames. A header that asks for more is an attack or a mistake, and ends this process only.
constexpr rlim_t kMemoryLimit = rlim_t(6) << 30;

RingHeader* mapRing() {
  struct stat info {};
  if (fstat(kRingFd, &info) != 0 || info.st_size < off_t(sizeof(RingHeader))) return nullptr;
  void* memory = mmap(nullptr, size_t(info.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, kRingFd, 0);
  if (memory == MAP_FAILED) return nullptr;
  RingHeader* ring = static_cast<RingHeader*>(memory);
  return ringIsSound(ring, uint64_t(info.st_size)) ? ring : nullptr;
}

std::unique_ptr<Source> makeSource(Job& job, const Options& options) {
  switch (options.kind) {
    case Options::Kind::Camera: return std::make_unique<FlvSource>(job, options.path);
    case Options::Kind::File: {
      FileOptions file;
      file.path = options.path;
      file.loop = options.loop;
      file.inUs = options.inUs;
      file.outUs = options.outUs;
      file.fromUs = options.fromUs;
      file.soundOnly = options.soundOnly;
      file.allowHttp = options.allowHttp;
      return std::make_unique<FileSource>(job, file);
    }
    case Options::Kind::Image: return std::make_unique<ImageSource>(job, options.path);
    case Options::Kind::Test: return std::make_unique<TestCard>(job, options.tone, options.fps);
    case Options::Kind::Color: return std::make_unique<ColorSource>(job, options.color);
  }
  return nullptr;
}

/// libav repeats itself for each broken macroblock; ten lines a second are enough to see what is wrong.
void logLimited(void* context, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_ERROR) return;
  static std::atomic<int64_t> second{0};
  static std::atomic<int> lines{0};
  const int64_t now = monotonicUs() / 1000000;
  if (second.exchange(now) != now) lines = 0;
  if (lines++ >= 10) return;
  writeLogLine(context, level, format, arguments);
}

}  // namespace

int main(int argc, char** argv) {
  if (!endWithParent()) return 1;

  Options options;
  std::string why;
  if (!parseOptions(argc, argv, options, why)) {
    fprintf(stderr, "vistter-decoder: %s\n", why.c_str());
    return kUsageExit;
  }
  RingHeader* ring = mapRing();
  if (ring == nullptr) {
    fprintf(stderr, "vistter-decoder: file descriptor 3 is not a ring of version %u.\n", kRingVersion);
    return kUsageExit;
  }
  fcntl(kRingFd, F_SETFD, FD_CLOEXEC);
  confine(kMemoryLimit);
  av_log_set_callback(logLimited);
  blockSignals();

  Job job(ring);
  std::unique_ptr<Source> source = makeSource(job, options);
  std::atomic<bool> failed{false};
  std::promise<void> ended;
  std::future<void> end = ended.get_future();
  std::thread worker([&] {
    if (source->run() == Source::End::Failed) failed = true;
    ended.set_value();
  });
  controlLoop(job, *source, failed);
  job.stop();
  source->wake();
  // A read from a dead network mount cannot be called back; there is nothing to save, so do not wait for it.
  if (end.wait_for(std::chrono::milliseconds(200)) != std::future_status::ready) _exit(failed ? 1 : 0);
  worker.join();
  return failed ? 1 : 0;
}
