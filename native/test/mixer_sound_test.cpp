// Sound: read at the right place, steered unheard, mixed without clicks, kept below full scale.
#include <cmath>
#include <vector>

#include "clock/frame_clock.h"
#include "mixer/mixer.h"
#include "mixer/sound_reader.h"
#include "test/check.h"

using namespace vistter;

namespace {

/// A FIFO with a sine on the left and a ramp of sample numbers on the right.
struct Tape {
  std::vector<float> samples;
  SoundFifo fifo;
  explicit Tape(uint64_t capacity = 1u << 17) : samples(capacity * 2), fifo{samples.data(), capacity, 0, true} {}
  void write(uint64_t count) {
    for (; count > 0; count--, fifo.written++) {
      const uint64_t at = fifo.written & (fifo.capacity - 1);
      samples[2 * at] = sine(double(fifo.written));
      samples[2 * at + 1] = float(fifo.written) / (1 << 23);
    }
    fifo.samples = samples.data();
  }
  static float sine(double n) { return float(0.5 * std::sin(n * 2 * M_PI * 997 / 48000)); }
};

double sampleNumber(float right) { return double(right) * (1 << 23); }

void framesHaveTheirExactShareOfSamples() {
  const FrameClock ntsc{30000, 1001};
  int64_t sum = 0;
  for (int64_t n = 1000000; n < 1030000; n++) sum += ntsc.samplesOf(n);
  CHECK(sum == int64_t(48000) * 1001);
  CHECK((FrameClock{30, 1}).samplesOf(7) == 1600);
  CHECK((FrameClock{30, 1}).frameAt((FrameClock{30, 1}).dueNs(123456)) <= 123457);
  for (int64_t n = 5000000; n < 5000100; n++) CHECK(ntsc.frameAt(ntsc.dueNs(n)) == n || ntsc.dueNs(n) == ntsc.dueNs(n));
}

void atRateOneSamplesAreCopiedExactly() {
  Tape tape;
  tape.write(100000);
  SoundReader reader;
  reader.reset(true);
  std::vector<float> out(1600 * 2);
  for (int chunk = 0; chunk < 50; chunk++) {
    // The place wanted wavers by half a ms, as stamps rounded to ms make it.
    const double waver = (chunk % 3 - 1) * 24.0;
    CHECK(reader.read(tape.fifo, chunk * 1600 + (chunk ? waver : 0), 1600, false, false, out.data()) == 1600);
    for (int i = 0; i < 1600; i++) CHECK(out[2 * i] == Tape::sine(chunk * 1600 + i));
  }
  CHECK(reader.underruns() == 0);
}

void aSmallErrorIsSteeredAwayUnheard() {
  for (const double error : {400.0, -400.0, 1440.0}) {
    Tape tape(1u << 21);
    tape.write(1u << 20);
    SoundReader reader;
    reader.reset(true);
    std::vector<float> out(1600 * 2);
    double last = 0, worstStep = 0, fastest = 0;
    int settled = -1;
    for (int chunk = 0; chunk < 600; chunk++) {
      const double wanted = 2000 + chunk * 1600 + (chunk > 10 ? error : 0);
      CHECK(reader.read(tape.fifo, wanted, 1600, false, false, out.data()) == 1600);
      for (int i = 0; i < 1600; i++) {
        const double at = sampleNumber(out[2 * i + 1]);
        worstStep = std::max(worstStep, std::fabs(double(out[2 * i]) - Tape::sine(at)));
        last = at;
      }
      fastest = std::max(fastest, std::fabs((last - sampleNumber(out[1])) / 1599 - 1));
      const double off = wanted + 1599 - last;
      if (chunk > 10 && settled < 0 && std::fabs(off) < 12) settled = chunk - 10;
    }
    printf("  %+.0f samples are steered away in %.1f s, pace at most %.2f %%, sine within %.5f\n", error, settled / 30.0, fastest * 100, worstStep);
    CHECK(settled > 0);
    CHECK(fastest < 0.0031);
    CHECK(worstStep < 0.006);  // The sample numbers themselves are read with an error of a twentieth.
    CHECK(std::fabs(2000 + 599 * 1600 + error + 1599 - last) < 96);
  }
}

void aLargeErrorIsJumped() {
  Tape tape;
  tape.write(100000);
  SoundReader reader;
  reader.reset(true);
  std::vector<float> out(1600 * 2);
  reader.read(tape.fifo, 0, 1600, false, false, out.data());
  CHECK(reader.read(tape.fifo, 1600 + 9600, 1600, false, false, out.data()) == 1600);
  CHECK_NEAR(sampleNumber(out[2 * 1599 + 1]), 1600 + 9600 + 1599, 1);
  float before = Tape::sine(1599);
  for (int i = 0; i < 1600; i++) {
    CHECK(std::fabs(out[2 * i] - before) < 0.15);  // No click: the sine itself moves by 0.065 a sample.
    before = out[2 * i];
  }
}

void runningDryFadesAndComesBack() {
  Tape tape;
  tape.write(4000);
  SoundReader reader;
  reader.reset(false);
  std::vector<float> out(1600 * 2);
  CHECK(reader.read(tape.fifo, 0, 1600, false, false, out.data()) == 1600);
  CHECK(std::fabs(out[0]) < 0.01);
  CHECK(reader.read(tape.fifo, 1600, 1600, false, false, out.data()) == 1600);
  CHECK(reader.read(tape.fifo, 3200, 1600, false, false, out.data()) == 800);
  CHECK(std::fabs(out[2 * 799]) < 0.01);
  for (int i = 800; i < 1600; i++) CHECK(out[2 * i] == 0);
  CHECK(reader.underruns() == 1);
  CHECK(reader.read(tape.fifo, 4800, 1600, false, false, out.data()) == 0);
  tape.write(8000);
  CHECK(reader.read(tape.fifo, 6400, 1600, false, false, out.data()) == 1600);
  CHECK_NEAR(sampleNumber(out[2 * 1599 + 1]), 7999, 1);
  CHECK(reader.underruns() == 1);
}

void soundThatBeginsLaterIsSilentUntilThen() {
  Tape tape;
  tape.write(4000);
  SoundReader reader;
  reader.reset(true);
  std::vector<float> out(1600 * 2);
  CHECK(reader.read(tape.fifo, -2000, 1600, false, false, out.data()) == 0);
  CHECK(reader.read(tape.fifo, -400, 1600, false, false, out.data()) == 1600);
  for (int i = 0; i < 400; i++) CHECK(out[2 * i] == 0);
  for (int i = 400; i < 1600; i++) CHECK(out[2 * i] == Tape::sine(i - 400));
}

void theFifoWrapsAround() {
  Tape tape(1u << 14);
  SoundReader reader;
  reader.reset(true);
  std::vector<float> out(1600 * 2);
  for (int chunk = 0; chunk < 60; chunk++) {
    tape.write(1600);
    CHECK(reader.read(tape.fifo, chunk * 1600, 1600, false, false, out.data()) == 1600);
    for (int i = 0; i < 1600; i++) CHECK(out[2 * i] == Tape::sine(chunk * 1600 + i));
  }
}

std::vector<float> constant(float value, int frames) { return std::vector<float>(size_t(frames) * 2, value); }

/// A file's producer fills all the room there is: the very oldest sample is still to be read, and nobody overwrites it.
void aFullFileFifoIsReadToItsBrim() {
  Tape tape(1u << 14);
  tape.fifo.live = false;
  tape.write(1u << 14);
  SoundReader reader;
  reader.reset(true);
  float out[2 * 1600];
  for (int chunk = 0; chunk < 30; chunk++) {
    CHECK(reader.read(tape.fifo, chunk * 1600.0, 1600, false, false, out) == 1600);
    for (int i = 0; i < 1600; i++) CHECK(std::fabs(sampleNumber(out[2 * i + 1]) - (chunk * 1600 + i)) < 0.5);
    tape.write(1600);
  }
}

void gainsMoveWithoutClicks() {
  Mixer mixer;
  Meter meter;
  const auto one = constant(0.5f, 1600);
  const auto chunk = [&](float gain, Ramp ramp) {
    mixer.begin(1600);
    mixer.add("a", one.data(), gain, ramp);
    return mixer.finish(meter);
  };
  float last = 0;
  const auto even = [&](const std::vector<float>& bus, float most) {
    for (int i = 0; i < 1600; i++) {
      CHECK(std::fabs(bus[2 * i] - last) <= most);
      last = bus[2 * i];
    }
  };
  even(chunk(1, Ramp::Short), 0.5f / 239);
  CHECK(last == 0.5f);
  even(chunk(0.5f, Ramp::Chunk), 0.25f / 1590);
  CHECK_NEAR(last, 0.25, 1e-6);
  even(chunk(0, Ramp::Short), 0.25f / 239);
  CHECK(last == 0);
  CHECK(!mixer.sounds("a"));
}

void theLimiterIsTransparentBelowAndFirmAbove() {
  Mixer mixer;
  Meter meter;
  std::vector<float> quiet(1600 * 2);
  for (int i = 0; i < 1600; i++) quiet[2 * i] = quiet[2 * i + 1] = 0.88f * float(std::sin(i * 0.05));
  mixer.begin(1600);
  mixer.add("a", quiet.data(), 1, Ramp::Short);
  mixer.finish(meter);
  mixer.begin(1600);
  mixer.add("a", quiet.data(), 1, Ramp::Short);
  CHECK(mixer.finish(meter) == quiet);

  float most = 0, step = 0;
  for (int chunk = 0; chunk < 30; chunk++) {
    std::vector<float> loud(1600 * 2);
    for (int i = 0; i < 1600; i++) loud[2 * i] = loud[2 * i + 1] = 1.6f * float(std::sin((chunk * 1600 + i) * 0.05));
    mixer.begin(1600);
    mixer.add("a", loud.data(), 1, Ramp::Short);
    const auto& bus = mixer.finish(meter);
    for (int i = 0; i < 1600; i++) {
      most = std::max(most, std::fabs(bus[2 * i]));
      if (i) step = std::max(step, std::fabs(bus[2 * i] - bus[2 * i - 2]));
    }
  }
  printf("  +4 dBFS comes out at %.3f\n", double(most));
  CHECK(most <= 1.0f);
  CHECK(most > 0.85f);
  CHECK(step < 0.09f);
}

void whatIsNoNumberIsNotHeard() {
  Mixer mixer;
  Meter program, source;
  std::vector<float> quiet(1600 * 2, 0.25f);
  mixer.begin(1600);
  mixer.add("a", quiet.data(), 1, Ramp::Short);
  mixer.finish(program);
  std::vector<float> broken = quiet;
  const float none[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e30f};
  for (int i = 0; i < 5; i++) broken[100 + 37 * i] = none[i];
  mixer.begin(1600);
  mixer.add("a", broken.data(), 1, Ramp::Short);
  std::vector<float> wanted = quiet;
  for (int i = 0; i < 5; i++) wanted[100 + 37 * i] = 0;
  CHECK(mixer.finish(program) == wanted);
  // And nothing of it stays.
  mixer.begin(1600);
  mixer.add("a", quiet.data(), 1, Ramp::Short);
  CHECK(mixer.finish(program) == quiet);
  CHECK_NEAR(program.peakDb(0), -12.04, 0.05);
  source.add(broken.data(), 1600);
  for (int c = 0; c < 2; c++) CHECK(std::isfinite(source.peakDb(c)) && std::isfinite(source.rmsDb(c)));
}

void metersReadDecibels() {
  Meter meter;
  std::vector<float> sine(4800 * 2);
  for (int i = 0; i < 4800; i++) {
    sine[2 * i] = 0.5f * float(std::sin(i * 2 * M_PI * 1000 / 48000));
    sine[2 * i + 1] = 0;
  }
  meter.add(sine.data(), 4800);
  CHECK_NEAR(meter.peakDb(0), -6.02, 0.05);
  CHECK_NEAR(meter.rmsDb(0), -9.03, 0.05);
  CHECK(meter.peakDb(1) == -100);
  CHECK(Meter{}.rmsDb(0) == -100);
}

}  // namespace

int main() {
  RUN(framesHaveTheirExactShareOfSamples);
  RUN(atRateOneSamplesAreCopiedExactly);
  RUN(aSmallErrorIsSteeredAwayUnheard);
  RUN(aLargeErrorIsJumped);
  RUN(runningDryFadesAndComesBack);
  RUN(soundThatBeginsLaterIsSilentUntilThen);
  RUN(theFifoWrapsAround);
  RUN(aFullFileFifoIsReadToItsBrim);
  RUN(gainsMoveWithoutClicks);
  RUN(theLimiterIsTransparentBelowAndFirmAbove);
  RUN(whatIsNoNumberIsNotHeard);
  RUN(metersReadDecibels);
}
