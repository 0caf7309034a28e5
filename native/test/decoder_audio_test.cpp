#include <cstring>
#include <memory>
#include <vector>

#include "decoder/audio_normalizer.h"
#include "decoder/audio_timeline.h"
#include "test/check.h"

using namespace vistter;
using namespace vistter::decoder;

namespace {

constexpr double kUsPerSample = 1e6 / 48000;

/// What a timeline wrote, in one piece.
struct Tape {
  std::vector<float> samples;
  double firstUs = -1;
  double lastUs = 0;
  std::vector<double> anchors;
  AudioTimeline::Sink sink() {
    return [this](const float* from, size_t frames, double ptsUs) {
      if (firstUs < 0) firstUs = ptsUs;
      lastUs = ptsUs;
      anchors.push_back(ptsUs - double(samples.size() / 2) * kUsPerSample);
      if (from != nullptr) samples.insert(samples.end(), from, from + frames * 2);
      else samples.insert(samples.end(), frames * 2, 0.0f);
      return true;
    };
  }
  size_t frames() const { return samples.size() / 2; }
};

std::vector<float> ramp(size_t frames, float value) { return std::vector<float>(frames * 2, value); }

void roundedTimesAddAndCutNothing() {
  Tape tape;
  AudioTimeline timeline({0.02, 0, 24000}, tape.sink());
  const std::vector<float> block = ramp(1024, 0.5f);
  for (int64_t i = 0; i < 3000; i++) {
    // As RTMP writes it: whole milliseconds, rounded down.
    const double claimed = double(i * 64 / 3) * 1000;
    CHECK(timeline.push(block.data(), 1024, claimed));
  }
  CHECK(tape.frames() == 3000 * 1024);
  CHECK(timeline.filled() == 0 && timeline.cut() == 0);
  // The anchor settles on the mean of the rounding and hardly trembles.
  double low = 1e9, high = -1e9;
  for (size_t i = 500; i < tape.anchors.size(); i++) {
    low = std::min(low, tape.anchors[i]);
    high = std::max(high, tape.anchors[i]);
  }
  CHECK(high - low < 60);
  CHECK_NEAR((low + high) / 2, -333, 60);
}

void aSourcesOwnClockIsFollowed() {
  Tape tape;
  AudioTimeline timeline({0.02, 0, 24000}, tape.sink());
  const std::vector<float> block = ramp(1024, 0.5f);
  const double stretched = 1024 * kUsPerSample * (1 + 300e-6);
  for (int64_t i = 0; i < 5000; i++) timeline.push(block.data(), 1024, double(i) * stretched);
  CHECK(timeline.filled() == 0 && timeline.cut() == 0);
  CHECK_NEAR(tape.lastUs, 4999 * stretched, 500);
}

void aGapIsFilledAndAnOverlapCut() {
  Tape tape;
  AudioTimeline timeline({0.02, 0, 24000}, tape.sink());
  const std::vector<float> block = ramp(4800, 0.5f);
  timeline.push(block.data(), 4800, 0);
  timeline.push(block.data(), 4800, 300000);  // 200 ms too late.
  CHECK(tape.frames() == 4800 * 2 + 9600);
  CHECK(timeline.filled() == 9600);
  CHECK(tape.samples[4800 * 2] == 0 && tape.samples[4800 * 2 + 9600 * 2] == 0.5f);
  timeline.push(block.data(), 4800, 330000);  // 70 ms too early.
  CHECK(timeline.cut() == 3360);
  CHECK(tape.frames() == 4800 * 3 + 9600 - 3360);
  timeline.push(block.data(), 4800, 0);  // Long over.
  CHECK(tape.frames() == 4800 * 3 + 9600 - 3360);
}

void claimsThatStayApartAreBelievedSoon() {
  const std::vector<float> block = ramp(1024, 0.5f);
  const double length = 1024 * kUsPerSample;
  for (const double apartUs : {50000.0, -50000.0, 20000.0, -20000.0, 14000.0}) {
    Tape tape;
    AudioTimeline timeline({0.02, 0, 24000}, tape.sink());
    for (int i = 0; i < 100; i++) timeline.push(block.data(), 1024, i * length);
    for (int i = 100; i < 115; i++) timeline.push(block.data(), 1024, i * length + apartUs);
    CHECK_NEAR(timeline.nextUs(), 115 * length + apartUs, 300);
    const double moved = apartUs > 0 ? double(timeline.filled()) : -double(timeline.cut());
    CHECK_NEAR(moved, apartUs / kUsPerSample, 1);
  }
}

void aFewStrayClaimsAreNot() {
  const std::vector<float> block = ramp(1024, 0.5f);
  const double length = 1024 * kUsPerSample;
  Tape tape;
  AudioTimeline timeline({0.02, 0, 24000}, tape.sink());
  for (int i = 0; i < 400; i++) {
    // Seven of ten are 40 ms off, now late, now early.
    const double stray = i % 10 > 2 ? (i / 10 % 2 ? 40000 : -40000) : 0;
    timeline.push(block.data(), 1024, i * length + stray);
  }
  CHECK(timeline.filled() == 0 && timeline.cut() == 0);
  CHECK_NEAR(timeline.nextUs(), 400 * length, 100);
}

void aLongGapIsSteppedOver() {
  Tape tape;
  AudioTimeline timeline({0.02, 0, 24000}, tape.sink());
  const std::vector<float> block = ramp(480, 0.5f);
  timeline.push(block.data(), 480, 0);
  timeline.push(block.data(), 480, 5000000);
  CHECK(tape.frames() == 960);
  CHECK_NEAR(tape.lastUs, 5000000, 0.5);

  Tape file;
  AudioTimeline unlimited({0.02, 2000, AudioTimeline::kUnlimited}, file.sink());
  unlimited.push(block.data(), 480, 0);
  unlimited.push(block.data(), 480, 5000000);
  CHECK(file.frames() == 240000 + 480);
}

void inAndOutPointsAreExactToTheSample() {
  Tape tape;
  AudioTimeline timeline({0.02, 2000, AudioTimeline::kUnlimited}, tape.sink());
  const std::vector<float> block = ramp(1024, 0.5f);
  timeline.startAt(1000000);
  timeline.limitTo(2000000);
  // The first block straddles the in-point by 10 ms: 480 samples of it lie before.
  for (int i = 0; i < 60; i++) timeline.push(block.data(), 1024, 990000 + i * 1024 * kUsPerSample);
  CHECK(tape.frames() == 48000);
  CHECK(tape.samples[0] == 0.5f);
  CHECK_NEAR(tape.firstUs, 1000000, 0.01);
  // A lap that ends early is filled up, also to the sample.
  timeline.startAt(2000000);
  timeline.limitTo(3000000);
  timeline.push(block.data(), 1024, 2000000);
  timeline.padTo(3000000);
  CHECK(tape.frames() == 96000);
}

void aThousandLoopsDoNotDrift() {
  Tape tape;
  AudioTimeline timeline({0.02, 2000, AudioTimeline::kUnlimited}, tape.sink());
  const std::vector<float> block = ramp(1024, 0.5f);
  // A lap of 4.3 frames' length that is no whole number of samples.
  const double lap = 100001.7;
  for (int i = 0; i < 1000; i++) {
    timeline.startAt(i * lap);
    timeline.limitTo((i + 1) * lap);
    for (int k = 0; k < 6; k++) timeline.push(block.data(), 1024, i * lap + k * 1024 * kUsPerSample);
    timeline.padTo((i + 1) * lap);
  }
  CHECK_NEAR(double(tape.frames()), 1000 * lap / kUsPerSample, 1.0);
}

/// A ring in plain memory.
struct TestRing {
  std::vector<uint8_t> memory;
  RingHeader* header;
  explicit TestRing(bool live) {
    auto shape = std::make_unique<RingHeader>();
    const uint64_t bytes = layOut(*shape, 4, 64, 36, 1 << 18, live);
    memory.resize(bytes + 64);
    header = reinterpret_cast<RingHeader*>((reinterpret_cast<uintptr_t>(memory.data()) + 63) & ~uintptr_t(63));
    layOut(*header, 4, 64, 36, 1 << 18, live);
    CHECK(ringIsSound(header, bytes));
  }
};

FramePtr tone(int rate, int channels, int samples, float level) {
  FramePtr frame = makeFrame();
  frame->format = AV_SAMPLE_FMT_FLTP;
  frame->sample_rate = rate;
  frame->nb_samples = samples;
  av_channel_layout_default(&frame->ch_layout, channels);
  CHECK(av_frame_get_buffer(frame.get(), 0) == 0);
  for (int c = 0; c < channels; c++) {
    for (int i = 0; i < samples; i++) reinterpret_cast<float*>(frame->extended_data[c])[i] = level;
  }
  return frame;
}

void rateAndChannelsMayChangeInMidStream() {
  TestRing ring(true);
  Job job(ring.header);
  AudioNormalizer normalizer(job, {0.02, 0, 24000}, [] { return true; });
  double at = 1e6;
  const auto play = [&](int rate, int channels, int frames) {
    for (int i = 0; i < frames; i++) {
      const FramePtr frame = tone(rate, channels, 1024, 0.25f);
      CHECK(normalizer.push(*frame, at, 0));
      at += 1024 * 1e6 / rate;
    }
  };
  play(48000, 2, 20);
  play(44100, 1, 20);
  play(8000, 1, 4);
  play(48000, 6, 20);
  normalizer.drain();
  const double expected = (at - 1e6) / kUsPerSample;
  CHECK_NEAR(double(ring.header->audioWritten), expected, 40);
  CHECK(normalizer.timeline().filled() == 0);
  CHECK(ring.header->hasAudio == 1);
  // A microphone is as loud on both sides as it was recorded.
  const float* fifo = audioSamples(ring.header);
  const size_t middleOfMono = 20 * 1024 + 10 * 1114;
  CHECK_NEAR(fifo[middleOfMono * 2], 0.25, 0.002);
  CHECK(fifo[middleOfMono * 2] == fifo[middleOfMono * 2 + 1]);
  CHECK_NEAR(double(ring.header->anchor.ptsUs) + double(ring.header->audioWritten - uint64_t(ring.header->anchor.sampleIndex)) * kUsPerSample, at, 1000);
}

void aFileWaitsForRoomAndASeekEndsTheWait() {
  TestRing ring(false);
  Job job(ring.header);
  bool wanted = true;
  int asked = 0;
  SoundWriter writer(job);
  const std::vector<float> block = ramp(size_t(1) << 18, 0.5f);
  CHECK(writer.write(block.data(), size_t(1) << 18, 0, 0, 0, [&] { return wanted; }));
  CHECK(!writer.write(block.data(), 4, 0, 0, 0, [&] { return ++asked < 3; }));
  CHECK(asked == 3);
  ring.header->audioRead = 4;
  CHECK(writer.write(block.data(), 4, 0, 0, 0, [&] { return wanted; }));
  CHECK(ring.header->audioWritten == (1u << 18) + 4);
}

}  // namespace

int main() {
  RUN(roundedTimesAddAndCutNothing);
  RUN(aSourcesOwnClockIsFollowed);
  RUN(aGapIsFilledAndAnOverlapCut);
  RUN(claimsThatStayApartAreBelievedSoon);
  RUN(aFewStrayClaimsAreNot);
  RUN(aLongGapIsSteppedOver);
  RUN(inAndOutPointsAreExactToTheSample);
  RUN(aThousandLoopsDoNotDrift);
  RUN(rateAndChannelsMayChangeInMidStream);
  RUN(aFileWaitsForRoomAndASeekEndsTheWait);
  return 0;
}
