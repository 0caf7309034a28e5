#include <cmath>
#include <map>
#include <vector>

#include "features/sound_analyzer.h"
#include "test/check.h"

using namespace vistter::features;

namespace {

struct Heard {
  std::map<int64_t, SoundBin> bins;
  std::vector<std::pair<int64_t, int64_t>> silences;
};

SoundSink into(Heard& heard) {
  return {[&heard](int64_t bin, const SoundBin& values) { heard.bins[bin] = values; },
          [&heard](int64_t from, int64_t to) { heard.silences.emplace_back(from, to); }};
}

using Signal = double (*)(int64_t sample);

/// In pieces of odd sizes, as decoders give them.
void play(SoundAnalyzer& analyzer, double seconds, Signal signal) {
  int64_t left = int64_t(seconds * kRate);
  int size = 1;
  while (left > 0) {
    size = size * 7 % 1531;
    const int n = int(std::min<int64_t>(left, size));
    std::vector<float> samples;
    for (int i = 0; i < n; i++) samples.push_back(float(signal(analyzer.position() + i)));
    const float* channel = samples.data();
    analyzer.push(&channel, n);
    left -= n;
  }
}

Heard hear(double seconds, Signal signal) {
  Heard heard;
  SoundAnalyzer analyzer(into(heard));
  analyzer.channels({ChannelWeight()});
  play(analyzer, seconds, signal);
  analyzer.finish();
  return heard;
}

double noiseAt(int64_t n) {
  uint64_t x = uint64_t(n) * 0x9e3779b97f4a7c15ull;
  x ^= x >> 31;
  x *= 0xbf58476d1ce4e5b9ull;
  x ^= x >> 27;
  return double(x >> 11) / double(1ull << 52) - 1.0;
}

double tone(int64_t n) { return 0.5 * std::sin(2 * M_PI * 1000.0 * double(n) / kRate); }

void aToneIsWhatTheTextbookSays() {
  const Heard heard = hear(6, tone);
  CHECK(heard.bins.size() == 6);
  const SoundBin& bin = heard.bins.at(4);
  CHECK_NEAR(bin[RmsMean], 0.5 / std::sqrt(2.0), 1e-3);
  CHECK(bin[RmsStd] < 1e-3);
  CHECK_NEAR(bin[ZeroCrossings], 2000.0 / kRate, 2e-3);
  CHECK_NEAR(bin[CentroidHz], 1000, 10);
  CHECK_NEAR(bin[RolloffHz], 1000, 2 * kBandHz);
  CHECK(bin[Flatness] < 1e-3 && bin[Flux] < 0.01);
  // EBU Tech 3341: a tone of 1 kHz reads 3.01 LU above its mean square, less 0.691 and the shelf's 0.7 dB there: -9.03 dBFS gives -9.0 LUFS within 0.1.
  CHECK_NEAR(bin[LoudnessMomentary], -9.03, 0.1);
  CHECK_NEAR(bin[LoudnessShortTerm], -9.03, 0.1);
  CHECK(bin[LoudnessVariance] < 1e-3);
  CHECK(bin[Silence] == 0 && bin[Onsets] == 0 && bin[Voice] == 0);
}

void noiseIsFlatAndHigh() {
  const SoundBin bin = hear(4, [](int64_t n) { return 0.2 * noiseAt(n); }).bins.at(2);
  CHECK_NEAR(bin[CentroidHz], 4000, 200);
  CHECK_NEAR(bin[RolloffHz], 0.85 * 8000, 200);
  // Of the power of noise: e to the minus Euler's constant.
  CHECK_NEAR(bin[Flatness], 0.56, 0.03);
  CHECK_NEAR(bin[ZeroCrossings], 0.5, 0.02);
  CHECK(bin[Voice] < 0.05 && bin[BeatStrength] < 0.4);
  // Half of the power lies above 4 kHz: frames times the window's energy times the length of the half spectrum.
  const double variance = 0.2 * 0.2 / 3 * 32768 * 32768;
  CHECK_NEAR(bin[HfEnergy] / (62.5 * 192 * 128 * variance), 1, 0.1);
}

void clicksHaveATempo() {
  const auto clicks = [](double bpm) {
    Heard heard;
    SoundAnalyzer analyzer(into(heard));
    analyzer.channels({ChannelWeight()});
    std::vector<float> samples;
    const double every = kRate * 60 / bpm;
    for (int64_t n = 0; n < 14 * kRate; n++) {
      const double since = std::fmod(double(n), every);
      samples.push_back(float(0.5 * noiseAt(n) * std::exp(-since / 400) + 0.001 * noiseAt(n + 7)));
    }
    const float* channel = samples.data();
    analyzer.push(&channel, int(samples.size()));
    analyzer.finish();
    return heard;
  };
  for (const double bpm : {75.0, 100.0, 120.0, 140.0}) {
    const Heard heard = clicks(bpm);
    const SoundBin& bin = heard.bins.at(12);
    CHECK_NEAR(bin[TempoBpm], bpm, 3);
    CHECK(bin[BeatStrength] > 0.5);
    double onsets = 0;
    for (int64_t b = 2; b < 12; b++) onsets += heard.bins.at(b)[Onsets];
    CHECK_NEAR(onsets, bpm / 6, 1.5);
  }
}

void silenceIsToldToTheHop() {
  // From 1.5 s to 2.5 s, and from 4 s for a fifth of a second, which is too short.
  const Heard heard = hear(6, [](int64_t n) {
    const double at = double(n) / kRate;
    const bool isSilent = (at >= 1.5 && at < 2.5) || (at >= 4 && at < 4.2);
    return isSilent ? 0.0005 * noiseAt(n) : 0.1 * noiseAt(n);
  });
  CHECK(heard.silences.size() == 1);
  CHECK_NEAR(heard.silences[0].first, 1500, 17);
  CHECK_NEAR(heard.silences[0].second, 2500, 17);
  CHECK_NEAR(heard.bins.at(1)[Silence], 0.5, 0.02);
  CHECK_NEAR(heard.bins.at(2)[Silence], 0.5, 0.02);
  CHECK(heard.bins.at(3)[Silence] == 0);
}

void digitalSilenceIsFinite() {
  const Heard heard = hear(3, [](int64_t) { return 0.0; });
  const SoundBin& bin = heard.bins.at(1);
  for (int i = 0; i < SoundColumns; i++) CHECK(std::isfinite(bin[size_t(i)]) || i == TempoBpm);
  CHECK(bin[LoudnessMomentary] == kQuietestLufs && bin[Silence] == 1 && bin[CentroidHz] == 0);
  CHECK(heard.silences.size() == 1);
}

void whatIsNoNumberStaysWhereItIs() {
  const Heard heard = hear(4, [](int64_t n) { return n == 20000 ? NAN : n == 20500 ? 1e30 : tone(n); });
  CHECK_NEAR(heard.bins.at(3)[RmsMean], 0.5 / std::sqrt(2.0), 1e-3);
  CHECK_NEAR(heard.bins.at(3)[LoudnessMomentary], -9.03, 0.1);
}

void whatIsSkippedIsUnknown() {
  Heard heard;
  SoundAnalyzer analyzer(into(heard));
  analyzer.channels({ChannelWeight()});
  play(analyzer, 2, tone);
  analyzer.skipTo(int64_t(5.1 * kRate));
  play(analyzer, 2, tone);
  analyzer.finish();
  CHECK(heard.bins.count(1) == 1 && heard.bins.count(2) == 0 && heard.bins.count(4) == 0);
  // From 5.2 s on, and short of 8 s.
  CHECK(heard.bins.count(5) == 1 && heard.bins.count(6) == 1);
  CHECK_NEAR(heard.bins.at(6)[RmsMean], 0.5 / std::sqrt(2.0), 1e-3);
}

void channelsCountAsTheStandardSays() {
  // The same tone on both of two channels is 3 LU louder than on one; a low-frequency channel is not heard.
  const auto loudness = [](const std::vector<ChannelWeight>& weights) {
    Heard heard;
    SoundAnalyzer analyzer(into(heard));
    analyzer.channels(weights);
    std::vector<float> samples;
    for (int64_t n = 0; n < 4 * kRate; n++) samples.push_back(float(tone(n)));
    const std::vector<const float*> planes(weights.size(), samples.data());
    analyzer.push(planes.data(), int(samples.size()));
    analyzer.finish();
    return heard.bins.at(3);
  };
  const SoundBin one = loudness({{1, 1}});
  const SoundBin two = loudness({{1, 1}, {1, 1}});
  const SoundBin withLow = loudness({{1, 1}, {0, 0}});
  CHECK_NEAR(two[LoudnessShortTerm] - one[LoudnessShortTerm], 3.01, 0.01);
  CHECK_NEAR(withLow[LoudnessShortTerm], one[LoudnessShortTerm], 1e-3);
  CHECK_NEAR(two[RmsMean], one[RmsMean], 1e-4);
}

}  // namespace

int main() {
  RUN(aToneIsWhatTheTextbookSays);
  RUN(noiseIsFlatAndHigh);
  RUN(clicksHaveATempo);
  RUN(silenceIsToldToTheHop);
  RUN(digitalSilenceIsFinite);
  RUN(whatIsNoNumberStaysWhereItIs);
  RUN(whatIsSkippedIsUnknown);
  RUN(channelsCountAsTheStandardSays);
  return 0;
}
