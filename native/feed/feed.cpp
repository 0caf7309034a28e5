#include "feed/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "feed/nut_writer.h"

namespace vistter {
namespace {

constexpr int kPipeBytes = 1 << 20;

void ring(int eventFd) {
  const uint64_t one = 1;
  // Full means that it rings already.
  (void)!write(eventFd, &one, sizeof one);
}

}  // namespace

std::shared_ptr<Feed> Feed::open(int id, int queueFrames, int width, int height, FrameClock clock, int& readFd) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return nullptr;
  const int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  const int cancel = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0 || cancel < 0) {
    for (int fd : {ends[0], ends[1], wake, cancel}) {
      if (fd >= 0) close(fd);
    }
    return nullptr;
  }
  // A third of a 1080p frame: fewer turns between the two processes. Refused beyond the user's limit, which is no harm.
  fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  readFd = ends[0];
  return std::shared_ptr<Feed>(new Feed(id, std::max(queueFrames, 1), width, height, clock, ends[1], wake, cancel));
}

Feed::Feed(int feedId, int capacity, int width, int height, FrameClock clock, int pipe, int wake, int cancel)
    : id(feedId), capacity_(capacity), width_(width), height_(height), clock_(clock), pipe_(pipe), wake_(wake), cancel_(cancel) {
  progressUs_ = monotonicNs() / 1000;
  thread_ = std::thread([this] { run(); });
}

Feed::~Feed() {
  cancel();
  if (thread_.joinable()) thread_.join();
  close(wake_);
  close(cancel_);
}

void Feed::cancel() { ring(cancel_); }

void Feed::finish() {
  finishing_.store(true, std::memory_order_release);
  ring(wake_);
}

void Feed::beginAt(int64_t frame) {
  int64_t unset = -1;
  firstFrame_.compare_exchange_strong(unset, frame, std::memory_order_acq_rel);
}

void Feed::push(int64_t n, PictureRef picture, int64_t soundFrame, SoundChunk sound) {
  if (broken_.load(std::memory_order_relaxed) || done_.load(std::memory_order_relaxed)) return;
  const uint32_t pushed = pushed_.load(std::memory_order_relaxed);
  if (pushed - popped_.load(std::memory_order_acquire) >= kItems) {
    broken_.store(true);
    cancel();
    return;
  }
  // The tick that takes the feed may come before its opener gets to say so; both name the same frame.
  beginAt(n);
  const int64_t first = firstFrame_.load(std::memory_order_relaxed);
  if (queued_.load(std::memory_order_relaxed) >= capacity_) {
    picture = nullptr;
    dropped_.fetch_add(1, std::memory_order_relaxed);
  } else {
    queued_.fetch_add(1, std::memory_order_relaxed);
  }
  if (soundFrame < first) sound = nullptr;
  items_[pushed % kItems] = {n, std::move(picture), soundFrame, std::move(sound)};
  pushed_.store(pushed + 1, std::memory_order_release);
  ring(wake_);
}

bool Feed::write(NutWriter& writer, const Item& item) {
  const int64_t first = firstFrame_.load(std::memory_order_acquire);
  auto result = NutWriter::Result::Ok;
  if (item.sound) {
    const int64_t at = clock_.samplesBefore(item.soundFrame) - clock_.samplesBefore(first);
    result = writer.sound(item.sound->data(), int(item.sound->size() / kAudioChannels), at);
  }
  if (result == NutWriter::Result::Ok && item.picture) {
    result = writer.video(item.picture, item.frame - first);
    if (result == NutWriter::Result::Ok) {
      written_.fetch_add(1, std::memory_order_relaxed);
      progressUs_.store(monotonicNs() / 1000, std::memory_order_relaxed);
    }
  }
  if (result == NutWriter::Result::Broken) broken_.store(true, std::memory_order_relaxed);
  return result == NutWriter::Result::Ok;
}

void Feed::run() {
  pthread_setname_np(pthread_self(), "vistter-feed");
  // A closed pipe is an error to handle here, not a signal for the process.
  sigset_t pipeSignal;
  sigemptyset(&pipeSignal);
  sigaddset(&pipeSignal, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipeSignal, nullptr);
  {
    NutWriter writer(pipe_, cancel_, width_, height_, clock_);
    for (bool going = true; going;) {
      const bool last = finishing_.load(std::memory_order_acquire);
      uint32_t popped = popped_.load(std::memory_order_relaxed);
      while (going && popped != pushed_.load(std::memory_order_acquire)) {
        Item item = std::move(items_[popped % kItems]);
        items_[popped % kItems] = {};
        going = write(writer, item);
        if (item.picture) queued_.fetch_sub(1, std::memory_order_relaxed);
        popped_.store(++popped, std::memory_order_release);
      }
      if (!going || last) break;
      pollfd ready[3] = {{wake_, POLLIN, 0}, {cancel_, POLLIN, 0}, {pipe_, 0, 0}};
      if (poll(ready, 3, -1) < 0 && errno != EINTR) break;
      if (ready[1].revents) break;
      if (ready[2].revents & POLLERR) {
        broken_.store(true, std::memory_order_relaxed);
        break;
      }
      uint64_t drained;
      (void)!read(wake_, &drained, sizeof drained);
    }
    writer.finish();
  }
  close(pipe_);
  // What nobody will read any more goes back to where it came from.
  for (uint32_t i = popped_.load(); i != pushed_.load(std::memory_order_acquire); i++) items_[i % kItems] = {};
  done_.store(true, std::memory_order_release);
}

Feed::Stats Feed::stats() const {
  return {queued_.load(), capacity_, written_.load(), dropped_.load(), progressUs_.load(), firstFrame_.load(), broken_.load()};
}

}  // namespace vistter
