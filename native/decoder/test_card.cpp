#include "decoder/test_card.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "decoder/events.h"

namespace vistter::decoder {

namespace {

// 75 % bars, as on any monitor's test card.
constexpr uint32_t kBars[7] = {0xbfbfbf, 0xbfbf00, 0x00bfbf, 0x00bf00, 0xbf00bf, 0xbf0000, 0x0000bf};
constexpr uint32_t kBackwardBars[7] = {0x0000bf, 0x131313, 0xbf00bf, 0x131313, 0x00bfbf, 0x131313, 0xbfbfbf};

// 3×5 digits and a colon, a bit a dot, top row first.
constexpr uint16_t kGlyphs[11] = {0x7b6f, 0x2c97, 0x73e7, 0x73cf, 0x5bc9, 0x79cf, 0x79ef, 0x7249, 0x7bef, 0x7bcf, 0x0410};

constexpr double kToneHz = 1000;
constexpr double kToneLevel = 0.1;  // −20 dBFS

}  // namespace

TestCard::TestCard(Job& job, bool tone, int fps)
    : job_(job), tone_(tone), fps_(fps), width_(int(job.ring.header()->maxWidth) & ~1),
      height_(int(job.ring.header()->maxHeight) & ~1), slots_(kMaxSlots) {}

void TestCard::fill(uint8_t* pixels, int x, int y, int width, int height, Yuv color) {
  x = std::clamp(x & ~1, 0, width_);
  y = std::clamp(y & ~1, 0, height_);
  width = std::min((width + 1) & ~1, width_ - x);
  height = std::min((height + 1) & ~1, height_ - y);
  if (width <= 0 || height <= 0) return;
  for (int row = y; row < y + height; row++) memset(pixels + size_t(row) * size_t(width_) + x, color.y, size_t(width));
  uint8_t* u = pixels + size_t(width_) * size_t(height_);
  uint8_t* v = u + size_t(width_ / 2) * size_t(height_ / 2);
  for (int row = y / 2; row < (y + height) / 2; row++) {
    const size_t at = size_t(row) * size_t(width_ / 2) + size_t(x / 2);
    memset(u + at, color.u, size_t(width / 2));
    memset(v + at, color.v, size_t(width / 2));
  }
}

void TestCard::drawBars(uint8_t* pixels) {
  const int tall = height_ * 2 / 3;
  const int thin = height_ / 12;
  for (int i = 0; i < 7; i++) {
    const int x = width_ * i / 7;
    const int next = width_ * (i + 1) / 7;
    fill(pixels, x, 0, next - x + 2, tall, yuvOf(kBars[i]));
    fill(pixels, x, tall, next - x + 2, thin, yuvOf(kBackwardBars[i]));
  }
  // A grey ramp in steps, to see range and gamma by.
  for (int i = 0; i < 16; i++) {
    const uint32_t grey = uint32_t(i * 17);
    const int x = width_ * i / 16;
    fill(pixels, x, tall + thin, width_ * (i + 1) / 16 - x + 2, thin, yuvOf(grey << 16 | grey << 8 | grey));
  }
  fill(pixels, 0, tall + 2 * thin, width_, height_, yuvOf(0x101010));
}

void TestCard::drawText(uint8_t* pixels, const char* text, int x, int y, int scale) {
  for (; *text != '\0'; text++, x += 4 * scale) {
    const int glyph = *text == ':' ? 10 : *text - '0';
    if (glyph < 0 || glyph > 10) continue;
    for (int dot = 0; dot < 15; dot++) {
      const bool on = (kGlyphs[glyph] >> (14 - dot) & 1) != 0;
      if (on) fill(pixels, x + dot % 3 * scale, y + dot / 3 * scale, scale, scale, yuvOf(0xebebeb));
    }
  }
}

void TestCard::drawFrame(int index, int64_t frame) {
  uint8_t* pixels = job_.ring.pixels(index);
  Slot& slot = slots_[size_t(index)];
  if (!slot.drawn) {
    drawBars(pixels);
    slot.drawn = true;
  }
  const int top = (height_ * 2 / 3 + 2 * (height_ / 12) + 1) & ~1;
  const int bottom = height_ - top;
  const int scale = std::max(2, height_ / 90 & ~1);
  const Yuv dark = yuvOf(0x101010);
  const int textX = width_ / 16 & ~1;
  const int textY = (top + (bottom - 5 * scale) / 2) & ~1;
  fill(pixels, textX, textY, 4 * scale * 20, 5 * scale, dark);
  char text[64];
  const int64_t s = frame / fps_;
  snprintf(text, sizeof text, "%02d:%02d:%02d:%02d %07d", int(s / 3600 % 100), int(s / 60 % 60), int(s % 60), int(frame % fps_),
           int(frame % 10000000));
  drawText(pixels, text, textX, textY, scale);

  // A bar that crosses once in two seconds: a repeated or lost frame is seen as a stumble.
  const int sweepHeight = std::max(2, height_ / 90);
  if (slot.sweepX >= 0) fill(pixels, slot.sweepX, top, 8 * scale, sweepHeight, dark);
  slot.sweepX = int(frame % (2 * fps_) * (width_ - 8 * scale) / (2 * fps_)) & ~1;
  fill(pixels, slot.sweepX, top, 8 * scale, sweepHeight, yuvOf(0xebebeb));
}

void TestCard::writeTone(int64_t frame, int64_t ptsUs) {
  // By the absolute frame, so that samples and frames never drift apart.
  const uint64_t until = uint64_t(frame + 1) * kAudioRate / uint64_t(fps_);
  const size_t count = size_t(until - toneSamples_);
  samples_.resize(count * kAudioChannels);
  for (size_t i = 0; i < count; i++) {
    // 1 kHz at 48 kHz repeats every 48 samples: the phase stays exact however long it runs.
    const double phase = double((toneSamples_ + i) % 48) / 48 * 2 * M_PI * (kToneHz / 1000);
    samples_[i * 2] = samples_[i * 2 + 1] = float(kToneLevel * std::sin(phase));
  }
  job_.ring.anchorAudio(0, ptsUs, monotonicUs());
  job_.ring.writeAudio(samples_.data(), count);
  toneSamples_ = until;
}

Source::End TestCard::run() {
  RingProducer& ring = job_.ring;
  job_.format.setVideo(width_, height_, fps_, "", tone_);
  if (tone_) job_.format.setAudio("", int(kAudioRate), int(kAudioChannels));
  const int64_t start = monotonicUs();
  bool announced = false;
  for (int64_t frame = 0; !job_.stopping(); frame++) {
    const int64_t ptsUs = frame * 1000000 / fps_;
    const int64_t waitUs = start + ptsUs - monotonicUs();
    if (waitUs > 0 && !job_.sleepUs(waitUs)) break;
    // After the machine slept, go on from now instead of drawing what nobody can have seen.
    if (waitUs < -1000000) {
      if (tone_) toneSamples_ = uint64_t(frame + 1) * kAudioRate / uint64_t(fps_);
      job_.counters.framesSkipped++;
      continue;
    }
    if (tone_) writeTone(frame, ptsUs);
    const int slot = ring.claim(0);
    if (slot < 0) {
      job_.counters.framesSkipped++;
      continue;
    }
    const int64_t began = monotonicUs();
    drawFrame(slot, frame);
    PictureInfo info;
    info.width = uint32_t(width_);
    info.height = uint32_t(height_);
    info.ptsUs = ptsUs;
    info.durationUs = 1000000 / fps_;
    info.arrivalUs = monotonicUs();
    ring.publish(slot, info);
    job_.counters.framesConverted++;
    job_.counters.convertUs += uint64_t(monotonicUs() - began);
    if (!announced) {
      ring.setState(ProducerState::Running);
      Event("running").send();
      announced = true;
    }
  }
  return End::Stopped;
}

}  // namespace vistter::decoder
