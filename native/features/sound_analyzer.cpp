#include "features/sound_analyzer.h"

#include <algorithm>
#include <cmath>

namespace vistter::features {

namespace {

/// -50 dBFS.
constexpr float kSilentRms = 0.0031622777f;
constexpr int64_t kShortestSilence = kRate * 3 / 10;
/// A bin of which less than an eighth of a second is there is unknown.
constexpr int kLeastFrames = 8;
constexpr float kHighHz = 4000;
constexpr double kInt16 = 32768.0 * 32768.0;

double deviation(double sum, double squares, int n) {
  const double mean = sum / n;
  return std::sqrt(std::max(0.0, squares / n - mean * mean));
}

int64_t toMs(int64_t sample) { return sample * 1000 / kRate; }

}  // namespace

void SoundAnalyzer::channels(const std::vector<ChannelWeight>& weights) {
  weights_ = weights;
  float sum = 0;
  for (const ChannelWeight& w : weights_) sum += w.mono;
  for (ChannelWeight& w : weights_) w.mono = sum > 0 ? w.mono / sum : 0;
  std::vector<float> loudness;
  for (const ChannelWeight& w : weights_) loudness.push_back(w.loudness);
  loudness_.begin(loudness);
}

void SoundAnalyzer::push(const float* const* samples, int count) {
  for (int at = 0; at < count;) {
    // Up to the next border of a hop or of a step of loudness, whichever comes first.
    const int n = std::min({count - at, kHop - filled_, loudness_.room()});
    mix(samples, at, n);
    const bool isStep = loudness_.push(samples, at, n);
    at += n;
    filled_ += n;
    position_ += n;
    if (filled_ == kHop) hop();
    if (isStep) loudnessStep();
  }
}

void SoundAnalyzer::mix(const float* const* samples, int from, int count) {
  float* to = mono_.data() + kHop + filled_;
  std::fill(to, to + count, 0.0f);
  for (size_t c = 0; c < weights_.size(); c++) {
    const float weight = weights_[c].mono;
    for (int i = 0; i < count; i++) to[i] += weight * samples[c][from + i];
  }
}

void SoundAnalyzer::loudnessStep() {
  // A step belongs to the bin in which it ends, the one at its very end included; the frames are half a hop behind.
  if ((position_ - 1) / kRate > bin_) closeBin();
  const float momentary = loudness_.momentary();
  sums_.steps++;
  sums_.momentary += momentary;
  sums_.momentarySquares += double(momentary) * momentary;
  sums_.shortTerm = loudness_.shortTerm();
}

void SoundAnalyzer::hop() {
  filled_ = 0;
  double energy = 0;
  for (int i = kHop; i < kFrame; i++) {
    // What a damaged stream decodes to need not be a number.
    if (!(std::fabs(mono_[i]) < 1e3f)) mono_[i] = 0;
    energy += double(mono_[i]) * mono_[i];
  }
  const int64_t start = position_ - kHop;
  hopRms_ = float(std::sqrt(energy / kHop));
  if (hasHop_ && (position_ - kHop) / kRate > bin_) closeBin();
  const bool isSilent = hopRms_ < kSilentRms;
  sums_.hops++;
  if (isSilent) {
    sums_.silentHops++;
    if (silentSince_ < 0) silentSince_ = start;
  } else {
    endSilence(start);
  }
  if (hasHop_) frame();
  hasHop_ = true;
  std::copy(mono_.begin() + kHop, mono_.end(), mono_.begin());
}

void SoundAnalyzer::frame() {
  double energy = 0;
  int crossings = 0;
  for (int i = 0; i < kFrame; i++) {
    energy += double(mono_[i]) * mono_[i];
    if (i > 0 && (mono_[i] < 0) != (mono_[i - 1] < 0)) crossings++;
  }
  const double rms = std::sqrt(energy / kFrame);
  spectrum_.take(mono_.data());
  mel_.take(spectrum_.power());
  sums_.frames++;
  sums_.rms += rms;
  sums_.rmsSquares += rms * rms;
  sums_.zeroCrossings += double(crossings) / kFrame;
  sums_.centroid += spectrum_.centroidHz();
  sums_.rolloff += spectrum_.rolloffHz();
  sums_.flatness += spectrum_.flatness();
  sums_.hf += spectrum_.powerBetween(kHighHz, kRate / 2) * kInt16;
  const std::array<float, kMfccs> mfcc = mel_.cepstrum();
  for (int c = 0; c < kMfccs; c++) sums_.mfcc[c] += mfcc[c];
  if (hasBefore_) sums_.flux += spectrum_.riseSince(sharesBefore_);
  sharesBefore_ = spectrum_.shares();
  hasBefore_ = true;
  if (rhythm_.take(mel_.bands())) sums_.onsets++;
  voice_.take(spectrum_, rms < kSilentRms);
}

void SoundAnalyzer::closeBin() {
  const Sums& s = sums_;
  if (s.frames >= kLeastFrames) {
    SoundBin out = unknownSound();
    const int n = s.frames;
    out[RmsMean] = float(s.rms / n);
    out[RmsStd] = float(deviation(s.rms, s.rmsSquares, n));
    if (s.steps > 0) {
      out[LoudnessMomentary] = float(s.momentary / s.steps);
      out[LoudnessShortTerm] = float(s.shortTerm);
      out[LoudnessVariance] = float(std::pow(deviation(s.momentary, s.momentarySquares, s.steps), 2));
    }
    out[ZeroCrossings] = float(s.zeroCrossings / n);
    out[CentroidHz] = float(s.centroid / n);
    out[RolloffHz] = float(s.rolloff / n);
    out[Flatness] = float(s.flatness / n);
    out[Flux] = float(s.flux / n);
    for (int c = 0; c < kMfccs; c++) out[Mfcc0 + c] = float(s.mfcc[c] / n);
    out[HfEnergy] = float(s.hf);
    const Beat beat = rhythm_.beat();
    out[TempoBpm] = beat.tempoBpm;
    out[BeatStrength] = beat.strength;
    out[Onsets] = float(s.onsets);
    out[Silence] = s.hops > 0 ? float(s.silentHops) / float(s.hops) : kUnknown;
    out[Voice] = voice_.share();
    sink_.bin(bin_, out);
  }
  sums_ = Sums();
  bin_++;
}

void SoundAnalyzer::endSilence(int64_t atSample) {
  if (silentSince_ >= 0 && atSample - silentSince_ >= kShortestSilence) sink_.silence(toMs(silentSince_), toMs(atSample));
  silentSince_ = -1;
}

void SoundAnalyzer::skipTo(int64_t sample) {
  // The grid stays that of the file's start, for hops and for steps of loudness: their common one.
  constexpr int64_t kGrid = 6400;
  const int64_t to = (sample + kGrid - 1) / kGrid * kGrid;
  if (to <= position_) return;
  endSilence(position_);
  closeBin();
  position_ = to;
  bin_ = to / kRate;
  filled_ = 0;
  hasHop_ = hasBefore_ = false;
  rhythm_.reset();
  voice_.reset();
  channels(weights_);
}

void SoundAnalyzer::finish() {
  endSilence(position_);
  closeBin();
}

}  // namespace vistter::features
