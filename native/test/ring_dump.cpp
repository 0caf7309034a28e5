// ring-dump: plays the consumer of a ring for tests. Starts a decoder on a ring of its own, takes every picture and sample
// as the compositor would, and prints one JSON line for each picture, every event of the decoder, and a summary.
//
//   ring-dump [--live] [--slots N] [--size WxH] [--audio SAMPLES] [--seconds S] [--frames N] [--pace US] [--pcm FILE]
//             [--yuv FILE] [--anchors] [--on-frame N LINE]… [--quiet] DECODER args…
//
// It ends when the decoder has ended and everything was taken, after N frames, or after S seconds; `--pace` takes a picture
// every so many µs instead of as they come. `--yuv` gets the pixels of every picture. `--on-frame` sends LINE to the decoder's stdin after the Nth picture.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "ring/producer.h"

using namespace vistter;

namespace {

struct Settings {
  bool live = false, anchors = false, quiet = false;
  uint32_t slots = 8, width = 1920, height = 1080;
  uint64_t audio = 65536;
  double seconds = 30;
  uint64_t frames = ~0ull;
  int64_t paceUs = 0;
  const char* pcm = nullptr;
  const char* yuv = nullptr;
  std::vector<std::pair<uint64_t, std::string>> commands;
};

uint32_t checksum(const uint8_t* p, size_t n) {
  uint64_t hash = 1469598103934665603ull;
  for (size_t i = 0; i < n; i++) hash = (hash ^ p[i]) * 1099511628211ull;
  return uint32_t(hash ^ hash >> 32);
}

double average(const uint8_t* p, size_t n) {
  uint64_t sum = 0;
  for (size_t i = 0; i < n; i++) sum += p[i];
  return n > 0 ? double(sum) / double(n) : 0;
}

struct AnchorValue {
  uint32_t epoch;
  int64_t sampleIndex, ptsUs, arrivalUs;
};

AnchorValue readAnchor(RingHeader* ring) {
  for (;;) {
    const uint32_t before = ring->anchor.version.load(std::memory_order_acquire);
    const AnchorValue value{ring->anchor.epoch, ring->anchor.sampleIndex, ring->anchor.ptsUs, ring->anchor.arrivalUs};
    std::atomic_thread_fence(std::memory_order_acquire);
    if ((before & 1) == 0 && ring->anchor.version.load(std::memory_order_relaxed) == before) return value;
  }
}

class Dump {
 public:
  Dump(Settings settings, RingHeader* ring, int commands) : s_(std::move(settings)), ring_(ring), commands_(commands) {
    if (s_.pcm != nullptr) pcm_ = fopen(s_.pcm, "wb");
    if (s_.yuv != nullptr) yuv_ = fopen(s_.yuv, "wb");
  }

  /// Takes the oldest Ready picture, if any.
  bool takePicture() {
    int best = -1;
    for (uint32_t i = 0; i < ring_->slotCount; i++) {
      if (ring_->slots[i].state.load(std::memory_order_acquire) != uint32_t(SlotState::Ready)) continue;
      if (best < 0 || ring_->slots[i].sequence < ring_->slots[best].sequence) best = int(i);
    }
    if (best < 0) return false;
    VideoSlot& slot = ring_->slots[best];
    uint32_t ready = uint32_t(SlotState::Ready);
    if (!slot.state.compare_exchange_strong(ready, uint32_t(SlotState::Held))) return true;
    if (slot.flags & kSlotStill) still_ = true;
    noteEpoch(slot.epoch);
    gather(slotPixels(ring_, uint32_t(best)), slot);
    print(slot);
    if (yuv_ != nullptr) fwrite(pixels_.data(), 1, i420Bytes(slot.width, slot.height), yuv_);
    slot.state.store(uint32_t(SlotState::Free), std::memory_order_release);
    taken_++;
    for (const auto& [at, line] : s_.commands) {
      if (at != taken_) continue;
      if (write(commands_, (line + "\n").c_str(), line.size() + 1) < 0) perror("command");
      commandedUs_ = monotonicUs();
    }
    return true;
  }

  void takeSound() {
    const AnchorValue anchor = readAnchor(ring_);
    noteEpoch(anchor.epoch);
    if (anchor.epoch != anchorEpoch_) {
      // Samples of the epoch before are void.
      anchorEpoch_ = anchor.epoch;
      if (uint64_t(anchor.sampleIndex) > read_) read_ = uint64_t(anchor.sampleIndex);
    }
    if (s_.anchors && (anchor.sampleIndex != lastAnchor_.sampleIndex || anchor.epoch != lastAnchor_.epoch)) {
      printf("{\"anchor\":{\"epoch\":%u,\"sampleIndex\":%" PRId64 ",\"ptsUs\":%" PRId64 "}}\n", anchor.epoch, anchor.sampleIndex, anchor.ptsUs);
    }
    lastAnchor_ = anchor;
    const uint64_t written = ring_->audioWritten.load(std::memory_order_acquire);
    if (written - read_ > ring_->audioCapacity) {
      lost_ += written - read_ - ring_->audioCapacity;
      read_ = written - ring_->audioCapacity;
    }
    const float* fifo = audioSamples(ring_);
    for (; read_ < written; read_++) {
      const float* sample = fifo + (read_ & (ring_->audioCapacity - 1)) * kAudioChannels;
      if (pcm_ != nullptr) fwrite(sample, sizeof(float), kAudioChannels, pcm_);
      for (uint32_t c = 0; c < kAudioChannels; c++) squares_[c] += double(sample[c]) * sample[c];
      const double step = double(sample[0]) - previous_;
      if (step > largestStep_) largestStep_ = step;
      if (-step > largestStep_) largestStep_ = -step;
      previous_ = sample[0];
      heard_++;
    }
    ring_->audioRead.store(read_, std::memory_order_release);
  }

  bool done(bool childGone) const {
    if (taken_ >= s_.frames) return true;
    // A file that has ended may have just been told to play on.
    if (!childGone && monotonicUs() - commandedUs_ < 300000) return false;
    const uint32_t state = ring_->producerState;
    return childGone || still_ || state == uint32_t(ProducerState::Ended) || state == uint32_t(ProducerState::Failed);
  }

  void summary(int status) {
    if (pcm_ != nullptr) fclose(pcm_);
    if (yuv_ != nullptr) fclose(yuv_);
    const int exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    const int endSignal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    const double n = heard_ > 0 ? double(heard_) : 1;
    printf("{\"summary\":{\"frames\":%" PRIu64 ",\"audioWritten\":%" PRIu64 ",\"heard\":%" PRIu64 ",\"lost\":%" PRIu64
           ",\"meanSquare\":[%.9f,%.9f],\"largestStep\":%.6f,\"anchorSample\":%" PRId64 ",\"anchorPtsUs\":%" PRId64
           ",\"state\":%u,\"epoch\":%u,\"hasAudio\":%u,\"hasVideo\":%u,\"dropped\":%" PRIu64
           ",\"exitCode\":%d,\"signal\":%d,\"quitMs\":%.1f}}\n",
           taken_, uint64_t(ring_->audioWritten), heard_, lost_, squares_[0] / n, squares_[1] / n, largestStep_,
           lastAnchor_.sampleIndex, lastAnchor_.ptsUs, uint32_t(ring_->producerState), epoch_,
           uint32_t(ring_->hasAudio), uint32_t(ring_->hasVideo), uint64_t(ring_->videoDropped), exitCode, endSignal, quitMs);
  }

  uint64_t taken() const { return taken_; }
  double quitMs = 0;

 private:
  void noteEpoch(uint32_t epoch) {
    if (int32_t(epoch - epoch_) > 0) epoch_ = epoch;
  }

  /// The slot's planes, one right behind the other.
  void gather(const uint8_t* from, const VideoSlot& slot) {
    const size_t luma = size_t(slot.width) * slot.height;
    const size_t chroma = size_t((slot.width + 1) / 2) * ((slot.height + 1) / 2);
    const PlaneOffsets at = planeOffsets(slot.width, slot.lines);
    pixels_.assign(from, from + luma);
    pixels_.insert(pixels_.end(), from + at.u, from + at.u + chroma);
    pixels_.insert(pixels_.end(), from + at.v, from + at.v + chroma);
    if (slot.flags & kSlotHasAlpha) pixels_.insert(pixels_.end(), from + at.end, from + at.end + luma);
  }

  void print(const VideoSlot& slot) {
    if (s_.quiet) return;
    const uint8_t* p = pixels_.data();
    const size_t luma = size_t(slot.width) * slot.height;
    const size_t chroma = size_t((slot.width + 1) / 2) * ((slot.height + 1) / 2);
    printf("{\"frame\":{\"sequence\":%" PRIu64 ",\"epoch\":%u,\"ptsUs\":%" PRId64 ",\"durationUs\":%" PRId64
           ",\"delayUs\":%" PRId64 ",\"width\":%u,\"height\":%u,\"flags\":%u,\"crc\":%u,\"y\":%.3f,\"u\":%.3f,\"v\":%.3f",
           slot.sequence, slot.epoch, slot.ptsUs, slot.durationUs, monotonicUs() - slot.arrivalUs, slot.width, slot.height,
           slot.flags, checksum(p, luma + 2 * chroma), average(p, luma), average(p + luma, chroma), average(p + luma + chroma, chroma));
    if (slot.flags & kSlotHasAlpha) printf(",\"alpha\":%.3f", average(p + luma + 2 * chroma, luma));
    printf("}}\n");
  }

  Settings s_;
  RingHeader* ring_;
  int commands_;
  FILE* pcm_ = nullptr;
  FILE* yuv_ = nullptr;
  std::vector<uint8_t> pixels_;
  uint64_t taken_ = 0, read_ = 0, heard_ = 0, lost_ = 0;
  uint32_t anchorEpoch_ = 0, epoch_ = 0;
  AnchorValue lastAnchor_{};
  double squares_[2] = {0, 0}, previous_ = 0, largestStep_ = 0;
  bool still_ = false;
  int64_t commandedUs_ = INT64_MIN / 2;
};

}  // namespace

int main(int argc, char** argv) {
  // Whoever reads along sees each picture when it comes, not when a buffer is full.
  setvbuf(stdout, nullptr, _IOLBF, 1 << 16);
  Settings s;
  int i = 1;
  for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
    const std::string name = argv[i];
    if (name == "--live") { s.live = true; continue; }
    if (name == "--anchors") { s.anchors = true; continue; }
    if (name == "--quiet") { s.quiet = true; continue; }
    if (i + 1 >= argc) return 64;
    const char* value = argv[++i];
    if (name == "--slots") s.slots = uint32_t(atoi(value));
    else if (name == "--size") { if (sscanf(value, "%ux%u", &s.width, &s.height) != 2) return 64; }
    else if (name == "--audio") s.audio = uint64_t(atoll(value));
    else if (name == "--seconds") s.seconds = atof(value);
    else if (name == "--frames") s.frames = uint64_t(atoll(value));
    else if (name == "--pace") s.paceUs = atoll(value);
    else if (name == "--pcm") s.pcm = value;
    else if (name == "--yuv") s.yuv = value;
    else if (name == "--on-frame") { if (i + 1 >= argc) return 64; s.commands.push_back({uint64_t(atoll(value)), argv[i + 1]}); i++; }
    else return 64;
  }
  if (i >= argc) return 64;

  const int memory = memfd_create("ring", 0);
  // The header is 64-byte aligned and full of atomics, so it is laid out where it will live.
  if (memory < 0 || ftruncate(memory, sizeof(RingHeader)) != 0) return 1;
  RingHeader* ring = static_cast<RingHeader*>(mmap(nullptr, sizeof(RingHeader), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0));
  const uint64_t bytes = layOut(*ring, s.slots, s.width, s.height, s.audio, s.live);
  munmap(ring, sizeof(RingHeader));
  if (ftruncate(memory, off_t(bytes)) != 0) return 1;
  ring = static_cast<RingHeader*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0));

  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) return 1;
  signal(SIGPIPE, SIG_IGN);
  const pid_t child = fork();
  if (child == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    if (memory == 3) fcntl(3, F_SETFD, 0);
    else dup2(memory, 3);
    execv(argv[i], argv + i);
    perror(argv[i]);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);

  Dump dump(s, ring, in[1]);
  const int64_t deadline = monotonicUs() + int64_t(s.seconds * 1e6);
  int64_t nextPicture = monotonicUs();
  bool gone = false;
  const auto passEvents = [&](int waitMs) {
    pollfd p{out[0], POLLIN, 0};
    while (poll(&p, 1, waitMs) > 0) {
      char buffer[4096];
      const ssize_t got = read(out[0], buffer, sizeof buffer);
      if (got <= 0) { gone = true; return; }
      fwrite(buffer, 1, size_t(got), stdout);
      waitMs = 0;
    }
  };
  while (monotonicUs() < deadline) {
    // Asked first: what was written before the end is then still taken below.
    const bool last = dump.done(gone);
    bool took = false;
    dump.takeSound();
    if (s.paceUs == 0) {
      took = dump.taken() < s.frames && dump.takePicture();
    } else if (monotonicUs() >= nextPicture) {
      took = dump.takePicture();
      nextPicture = took ? nextPicture + s.paceUs : nextPicture;
    }
    if (!took && last) break;
    passEvents(took || s.paceUs > 0 ? 0 : 1);
    if (!took) usleep(500);
  }
  dump.takeSound();
  const int64_t asked = monotonicUs();
  if (write(in[1], "quit\n", 5) < 0 && errno != EPIPE) perror("quit");
  close(in[1]);
  for (int k = 0; k < 50 && !gone; k++) passEvents(100);
  if (!gone) kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  dump.quitMs = double(monotonicUs() - asked) / 1000;
  dump.summary(status);
  return 0;
}
