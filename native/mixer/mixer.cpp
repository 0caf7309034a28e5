#include "mixer/mixer.h"

#include <algorithm>
#include <cmath>

namespace vistter {
namespace {

constexpr int kShortRamp = 240;       // 5 ms.
constexpr float kThreshold = 0.891f;  // -1 dBFS.
constexpr int kAttack = 96;           // 2 ms.
constexpr float kRelease = 1.0f / (0.12f * 48000);
constexpr float kNoSound = 1000;  // 60 dB over full scale: what is larger is no sound.

/// From -100 to 200; of what is no number, -100.
double decibels(double linear) { return linear > 1e-5 ? 20 * std::log10(std::min(linear, 1e10)) : -100.0; }

}  // namespace

void Meter::add(const float* samples, int frames) {
  for (int c = 0; c < 2; c++) {
    float top = 0, sum = 0;
    for (int i = 0; i < frames; i++) {
      const float s = samples[2 * i + c];
      top = std::max(top, std::fabs(s));
      sum += s * s;
    }
    peak[c] = std::max(peak[c], top);
    power[c] += double(sum);
  }
  count += uint64_t(frames);
}

void Meter::add(const Meter& other) {
  for (int c = 0; c < 2; c++) {
    peak[c] = std::max(peak[c], other.peak[c]);
    power[c] += other.power[c];
  }
  count += other.count;
}

double Meter::peakDb(int channel) const { return decibels(peak[channel]); }
double Meter::rmsDb(int channel) const { return count == 0 ? -100 : decibels(std::sqrt(power[channel] / double(count))); }

void Limiter::run(float* samples, int frames) {
  float top = 0;
  for (int i = 0; i < 2 * frames; i++) {
    // A damaged stream, or a file, can hold what is no number: the encoder ends at the first.
    if (!(std::fabs(samples[i]) <= kNoSound)) samples[i] = 0;
    top = std::max(top, std::fabs(samples[i]));
  }
  if (top <= kThreshold && gain_ >= 1) return;

  curve_.resize(size_t(frames));
  for (int i = 0; i < frames; i++) {
    const float peak = std::max(std::fabs(samples[2 * i]), std::fabs(samples[2 * i + 1]));
    curve_[i] = peak > kThreshold ? kThreshold / peak : 1.0f;
  }
  // Backwards: be down before the peak. Forwards: come up slowly after it.
  for (int i = frames - 2; i >= 0; i--) curve_[i] = std::min(curve_[i], curve_[i + 1] + (1 - curve_[i + 1]) / kAttack);
  float gain = gain_;
  for (int i = 0; i < frames; i++) {
    // From where the last chunk ended, down at the attack's pace at most: a step would click.
    const float floor = gain - 1.0f / kAttack;
    gain = std::max(std::min(curve_[i], gain + (1 - gain) * kRelease + 1e-7f), std::max(floor, 0.0f));
    for (int c = 0; c < 2; c++) {
      float& s = samples[2 * i + c];
      s *= gain;
      const float size = std::fabs(s);
      if (size > kThreshold) {
        const float bent = kThreshold + (1 - kThreshold) * std::tanh((size - kThreshold) / (1 - kThreshold));
        s = s < 0 ? -bent : bent;
      }
    }
  }
  gain_ = gain > 0.9999f ? 1 : gain;
}

void Mixer::begin(int frames) {
  frames_ = frames;
  bus_.assign(size_t(frames) * 2, 0.0f);
}

bool Mixer::sounds(const std::string& id) const {
  const auto found = gains_.find(id);
  return found != gains_.end() && found->second > 0;
}

void Mixer::add(const std::string& id, const float* samples, float gain, Ramp ramp) {
  float& last = gains_.try_emplace(id, 0.0f).first->second;
  float* out = bus_.data();
  if (last == gain) {
    if (gain == 1) {
      for (int i = 0; i < 2 * frames_; i++) out[i] += samples[i];
    } else if (gain != 0) {
      for (int i = 0; i < 2 * frames_; i++) out[i] += samples[i] * gain;
    }
  } else {
    const int length = ramp == Ramp::Chunk ? frames_ : std::min(kShortRamp, frames_);
    const float step = (gain - last) / float(length);
    for (int i = 0; i < length; i++) {
      const float g = last + step * float(i + 1);
      out[2 * i] += samples[2 * i] * g;
      out[2 * i + 1] += samples[2 * i + 1] * g;
    }
    if (gain != 0) {
      for (int i = 2 * length; i < 2 * frames_; i++) out[i] += samples[i] * gain;
    }
  }
  last = gain;
  if (gain == 0) gains_.erase(id);
}

const std::vector<float>& Mixer::finish(Meter& meter) {
  if (gain_ != 1 || wantedGain_ != 1) {
    const float step = (wantedGain_ - gain_) / float(std::max(1, frames_));
    for (int i = 0; i < frames_; i++) {
      const float gain = i == frames_ - 1 ? wantedGain_ : gain_ + step * float(i + 1);
      bus_[size_t(2 * i)] *= gain;
      bus_[size_t(2 * i) + 1] *= gain;
    }
    gain_ = wantedGain_;
  }
  limiter_.run(bus_.data(), frames_);
  meter.add(bus_.data(), frames_);
  return bus_;
}

}  // namespace vistter
