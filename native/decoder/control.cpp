#include "decoder/control.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "decoder/events.h"

namespace vistter::decoder {

namespace {

constexpr size_t kMaxLine = 256;

sigset_t quitSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

/// False when the line says to quit.
bool obey(const std::string& line, Source& source) {
  if (line == "quit") return false;
  if (line.compare(0, 5, "seek ") == 0) {
    char* end = nullptr;
    errno = 0;
    const long long us = strtoll(line.c_str() + 5, &end, 10);
    if (errno == 0 && end != line.c_str() + 5 && *end == '\0' && us >= 0) {
      source.seek(us);
      return true;
    }
  }
  if (!line.empty()) sendError("BAD_COMMAND", "The decoder was told something it does not know.");
  return true;
}

int64_t processCpuUs() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000ll + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/// Averages are over the time since the last call.
class Reporter {
 public:
  void report(Job& job) {
    const Counters& c = job.counters;
    const RingHeader* ring = job.ring.header();
    const uint64_t decoded = c.framesDecoded, decodeUs = c.decodeUs, converted = c.framesConverted, convertUs = c.convertUs;
    Event("stats")
        .add("framesDecoded", decoded)
        .add("framesWritten", uint64_t(ring->videoWritten))
        .add("framesDropped", uint64_t(ring->videoDropped))
        .add("framesSkipped", uint64_t(c.framesSkipped))
        .add("packetsDropped", uint64_t(c.packetsDropped))
        .add("decodeErrors", uint64_t(c.decodeErrors))
        .add("decodeUsAvg", average(decodeUs - decodeUs_, decoded - decoded_))
        .add("convertUsAvg", average(convertUs - convertUs_, converted - converted_))
        .add("lagMs", int64_t(c.lagUs) / 1000)
        .add("pictureStepMs", sinceMs(c.pictureStepUs))
        .add("audioWritten", uint64_t(ring->audioWritten))
        .add("silenceSamples", uint64_t(c.silenceSamples))
        .add("cutSamples", uint64_t(c.cutSamples))
        .add("bytesRead", uint64_t(c.bytesRead))
        .add("reconnects", uint64_t(c.reconnects))
        .add("jumps", uint64_t(c.jumps))
        .add("eventsDropped", eventsDropped())
        .add("cpuMs", processCpuUs() / 1000)
        .send();
    decoded_ = decoded;
    decodeUs_ = decodeUs;
    converted_ = converted;
    convertUs_ = convertUs;
  }

 private:
  static int64_t sinceMs(int64_t us) { return us > 0 ? std::max<int64_t>(0, monotonicUs() - us) / 1000 : 0; }
  static int64_t average(uint64_t sum, uint64_t count) { return count > 0 ? int64_t(sum / count) : 0; }
  uint64_t decoded_ = 0, decodeUs_ = 0, converted_ = 0, convertUs_ = 0;
};

}  // namespace

void blockSignals() {
  const sigset_t set = quitSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

void controlLoop(Job& job, Source& source, const std::atomic<bool>& finished) {
  const sigset_t set = quitSignals();
  const int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  std::string pending;
  Reporter reporter;
  int64_t nextReportUs = monotonicUs() + 1000000;
  while (!finished) {
    pollfd in[2] = {{STDIN_FILENO, POLLIN, 0}, {signals, POLLIN, 0}};
    if (poll(in, 2, 100) > 0) {
      if (in[1].revents != 0) break;
      if (in[0].revents != 0) {
        char buffer[512];
        const ssize_t got = read(STDIN_FILENO, buffer, sizeof buffer);
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) break;
        if (got > 0) pending.append(buffer, size_t(got));
        bool quit = false;
        for (size_t end; !quit && (end = pending.find('\n')) != std::string::npos;) {
          quit = !obey(pending.substr(0, end), source);
          pending.erase(0, end + 1);
        }
        if (quit) break;
        if (pending.size() > kMaxLine) pending.clear();
      }
    }
    if (monotonicUs() >= nextReportUs) {
      nextReportUs += 1000000;
      reporter.report(job);
    }
  }
  close(signals);
}

}  // namespace vistter::decoder
