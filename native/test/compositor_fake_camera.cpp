// A decoder that decodes nothing: fills the ring on fd 3 with pictures that carry the tests' frame code (see
// test/support/pattern/code.ts) and with a beep at each flash. For tests of the compositor with a real producer process.
//
//   compositor-fake-camera camera=0 fps=30/1 size=640x360 [jitter-us=0] [ppm=0] [base-us=20000] [sound=1] [video=1]
//     [frames=N: then it says Ended] [stamp-us=first pts] [late-frame=K: frame K comes 300 ms late] [still=1] [lead-us]
//
// Under live rules frames come at their own pace; under file rules as fast as the ring takes them. Stamps are whole ms.
// A line on stdout says how many µs after its moment a live frame was given, each time that one was later than all before.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "ring/producer.h"

using namespace vistter;

namespace {

constexpr double kBeepHz[] = {1000, 1500, 2200, 3100};
constexpr double kBeepSeconds = 0.060;
constexpr int kPacket = 1024;

std::map<std::string, std::string> settings;

double setting(const char* name, double otherwise) {
  const auto found = settings.find(name);
  return found == settings.end() ? otherwise : atof(found->second.c_str());
}

int camera, width, height;
double fps;

bool isFlash(int64_t k) {
  const int64_t whole = std::lround(fps);
  return k % whole == whole / 2;
}

/// 24 × 2 cells: white, 24 bits of counter, 4 of camera, flash, spare, CRC-16 of those, black.
void drawCode(uint8_t* luma, int64_t k) {
  std::vector<int> payload;
  for (int i = 23; i >= 0; i--) payload.push_back(int((k >> i) & 1));
  for (int i = 3; i >= 0; i--) payload.push_back((camera >> i) & 1);
  payload.push_back(isFlash(k) ? 1 : 0);
  payload.push_back(0);
  uint32_t crc = 0xffff;
  for (int bit : payload) {
    const uint32_t top = (crc >> 15) & 1;
    crc = (crc << 1) & 0xffff;
    if (int(top) != bit) crc ^= 0x1021;
  }
  std::vector<int> cells{1};
  cells.insert(cells.end(), payload.begin(), payload.end());
  for (int i = 15; i >= 0; i--) cells.push_back(int((crc >> i) & 1));
  cells.push_back(0);
  const int strip = height / 9;
  for (int y = 0; y < strip; y++) {
    for (int x = 0; x < width; x++) {
      luma[size_t(y) * width + x] = cells[size_t(y * 2 / strip * 24 + x * 24 / width)] ? 235 : 16;
    }
  }
}

void sleepUntil(int64_t us) {
  const timespec at{time_t(us / 1000000), long(us % 1000000) * 1000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr) != 0) {
  }
}

struct Sound {
  RingProducer& ring;
  int64_t sent = 0;
  int64_t stampUs;
  int64_t anchored = 0;

  /// Sends packets up to source time `untilUs` after the first stamp.
  void sendUntil(double untilUs) {
    float packet[kPacket * 2];
    while (double(sent + kPacket) / 0.048 <= untilUs) {
      if (!ring.live() && ring.audioRoom() < kPacket) return;
      for (int i = 0; i < kPacket; i++) {
        // A beep begins with each flash, in source time.
        const double t = double(sent + i) / 48000;
        const int64_t whole = std::lround(fps);
        const double second = std::fmod(t - double(whole / 2) / fps + 1000 * double(whole) / fps, double(whole) / fps);
        const bool on = t >= double(whole / 2) / fps && second < kBeepSeconds;
        packet[2 * i] = packet[2 * i + 1] = on ? float(0.5 * std::sin(second * 2 * M_PI * kBeepHz[camera % 4])) : 0;
      }
      const int64_t pts = stampUs + std::llround(double(sent) / 48 / 1) * 1000;
      if (anchored++ % 16 == 0) ring.anchorAudio(0, pts, monotonicUs());
      ring.writeAudio(packet, kPacket);
      sent += kPacket;
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // A steady camera is what is tested, not the machine that plays it. Refused without the privilege.
  sched_param priority{};
  priority.sched_priority = 4;
  (void)sched_setscheduler(0, SCHED_RR, &priority);
  for (int i = 1; i < argc; i++) {
    const std::string word = argv[i];
    settings[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  struct stat about;
  if (fstat(3, &about) != 0) return 2;
  auto* header = static_cast<RingHeader*>(mmap(nullptr, size_t(about.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, 3, 0));
  if (header == MAP_FAILED || !ringIsSound(header, uint64_t(about.st_size))) return 2;
  RingProducer ring(header);
  camera = int(setting("camera", 0));
  const std::string rate = settings.count("fps") ? settings["fps"] : "30/1";
  fps = atof(rate.c_str()) / atof(rate.c_str() + rate.find('/') + 1);
  const std::string size = settings.count("size") ? settings["size"] : "640x360";
  width = atoi(size.c_str());
  height = atoi(size.c_str() + size.find('x') + 1);
  const int64_t stampUs = int64_t(setting("stamp-us", 5e9));
  const int64_t frames = int64_t(setting("frames", 1e15));
  const bool withSound = setting("sound", 1) != 0, withVideo = setting("video", 1) != 0;
  const bool still = setting("still", 0) != 0;
  const double step = 1e6 / fps, pace = step / (1 + setting("ppm", 0) * 1e-6);
  const double base = setting("base-us", 20e3), jitter = setting("jitter-us", 0);
  const int64_t lateFrame = int64_t(setting("late-frame", -1));
  Sound sound{ring, 0, stampUs};
  uint32_t noise = 12345;
  int64_t latestUs = 1000;
  const int64_t startUs = monotonicUs();
  ring.setState(ProducerState::Running);
  for (int64_t k = 0; k < frames; k++) {
    const double moment = double(k) * pace;
    double at = 0;
    if (ring.live() || lateFrame == k) {
      noise = noise * 1664525 + 1013904223;
      at = double(startUs) + moment + base + jitter * double(noise >> 8) / double(1 << 24);
      if (k == lateFrame) at += 300e3;
      sleepUntil(int64_t(at));
    }
    if (withSound) sound.sendUntil(double(k + (ring.live() ? 0 : 15)) * step);
    if (!withVideo) continue;
    int slot = ring.claim(0);
    while (slot < 0 && !ring.live()) {
      usleep(2000);
      if (withSound) sound.sendUntil(double(k + 15) * step);
      slot = ring.claim(0);
    }
    if (slot < 0) continue;
    uint8_t* pixels = ring.pixels(slot);
    std::memset(pixels, isFlash(k) ? 200 : 60 + int(k % 40), size_t(width) * height);
    std::memset(pixels + size_t(width) * height, 128, i420Bytes(uint32_t(width), uint32_t(height)) - size_t(width) * height);
    drawCode(pixels, k);
    PictureInfo info;
    info.width = uint32_t(width);
    info.height = uint32_t(height);
    info.flags = still ? uint32_t(kSlotStill) : 0;
    info.ptsUs = stampUs + std::llround(double(k) * step / 1000) * 1000;
    info.durationUs = int64_t(step);
    info.arrivalUs = monotonicUs();
    ring.publish(slot, info);
    if (at > 0 && info.arrivalUs - int64_t(at) > latestUs) {
      latestUs = info.arrivalUs - int64_t(at);
      dprintf(STDOUT_FILENO, "%lld\n", static_cast<long long>(latestUs));
    }
  }
  ring.setState(ProducerState::Ended);
  // A decoder stays until it is told to go: what is Ready is still to be shown.
  for (;;) pause();
}
