// The render state's sound: who is heard in a frame, and how loud.
#include "compositor/render_state.h"

#include <algorithm>
#include <cmath>

namespace vistter {
namespace {

constexpr double kHalfPi = 1.57079632679489662;

}  // namespace

/// The source that is heard for an id; null when nothing is.
const std::string* RenderState::soundOf(const std::string& first) {
  const std::string* id = &first;
  for (int hop = 0; hop < kMostFallbacks && !id->empty(); hop++) {
    const auto source = sources.find(*id);
    if (source == sources.end()) return nullptr;
    if (hop > 0) source->second->standIn();
    if (!source->second->soundGone()) return &source->first;
    id = &source->second->options.fallbackId;
  }
  return nullptr;
}

void RenderState::gainsOf(const std::vector<Node>& nodes, Gains& into) {
  const auto add = [&](const std::string& id, const Gain& gain) {
    // In several layers of a scene it is still heard once.
    Gain& now = into[id];
    now = {std::max(now.value, gain.value), now.moving || gain.moving};
  };
  for (const Node& node : nodes) {
    if (node.mix) {
      Gains from, to, mixed;
      gainsOf(node.mix->from, from);
      gainsOf(node.mix->to, to);
      mixGains(from, to, node.mix->progress(), mixed);
      for (const auto& [id, gain] : mixed) add(id, gain);
      continue;
    }
    if (node.layer.gain <= 0) continue;
    if (const std::string* id = soundOf(node.layer.sourceId)) add(*id, {node.layer.gain, false});
  }
}

/// Heard on both sides, it goes straight from one to the other; else both halves together keep their power.
void RenderState::mixGains(const Gains& from, const Gains& to, double progress, Gains& into) {
  for (const auto& [id, gain] : to) {
    const auto before = from.find(id);
    const double now = before == from.end() ? gain.value * std::sin(progress * kHalfPi)
                                            : before->second.value + (gain.value - before->second.value) * progress;
    into[id] = {float(now), true};
  }
  for (const auto& [id, gain] : from) {
    if (to.count(id) == 0) into[id] = {progress >= 1 ? 0.0f : float(gain.value * std::cos(progress * kHalfPi)), true};
  }
}

/// A picture that stands is silent.
void RenderState::gainsOf(const Showing::Side& side, Gains& into) {
  if (side.scene && !side.frozen) gainsOf(side.scene->nodes, into);
}

/// As far as it is faded to black.
void RenderState::darken(Gains& gains) const {
  if (black_ <= 0 && !blackMoves_) return;
  for (auto& [id, gain] : gains) gain = {gain.value * float(1 - black_), gain.moving || blackMoves_};
}

/// What is heard with one side of the cover.
void RenderState::coverGains(const Showing::Side& side, const Gains& program, Gains& into) {
  if (!side.scene || !side.fills) into = program;
  if (side.scene) gainsOf(side.scene->nodes, into);
  if (!side.scene || !side.scene->overBlack) darken(into);
}

/// Sources that are heard whatever is on program. What fills the frame over that silences them too, as an emergency does.
void RenderState::addAlways(Gains& into) const {
  for (const auto& [id, source] : sources) {
    if (!source->mixed().always || source->options.mixedAs() != id) continue;
    Gain& now = into[id];
    now.value = std::max(now.value, 1.0f);
  }
}

/// Who is heard in frame `n`, and how loud by its end.
void RenderState::planSound(int64_t n) {
  voices_.clear();
  Gains gains;
  const auto towards = [&](const Showing& showing, Gains& from) {
    Gains to;
    to.swap(gains);
    mixGains(from, to, showing.progress(n), gains);
  };
  gainsOf(program_.to(), gains);
  if (program_.moving()) {
    Gains from;
    gainsOf(program_.from(), from);
    towards(program_, from);
  }
  addAlways(gains);
  if (cover_.empty()) {
    darken(gains);
  } else {
    Gains program, from;
    program.swap(gains);
    coverGains(cover_.to(), program, gains);
    if (cover_.moving()) {
      coverGains(cover_.from(), program, from);
      towards(cover_, from);
    }
  }
  mixer_.setGain(sound_->gain);
  for (const auto& [id, gain] : gains) {
    const auto source = sources.find(id);
    const float fader = source == sources.end() ? 1.0f : source->second->mixed().gain;
    // What sounds already goes on in one line; what is cut in begins at once.
    voices_.push_back({id, gain.value * fader, gain.moving || mixer_.sounds(id) ? Ramp::Chunk : Ramp::Short});
  }
}

/// The sound of frame `n`, by the voices that were planned when it was rendered.
SoundChunk RenderState::mixSound(int64_t n) {
  const int count = clock_.samplesOf(n);
  mixer_.begin(count);
  for (const auto& monitor : monitors) monitor->begin(count);
  for (auto& [id, source] : sources) {
    // Read in any case: time passes for those that are not heard, and their meters are looked at.
    const bool some = source->readSound(count, samples_.data());
    if (some) {
      for (const auto& monitor : monitors) {
        if (monitor->hears(source->options.mixedAs())) monitor->add(samples_.data());
      }
    }
    const auto voice = std::find_if(voices_.begin(), voices_.end(), [&](const Voice& v) { return v.id == id; });
    if (voice != voices_.end()) mixer_.add(id, samples_.data(), voice->gain, voice->ramp);
    else if (some || mixer_.sounds(id)) mixer_.add(id, samples_.data(), 0, Ramp::Short);
  }
  const std::vector<float>& bus = mixer_.finish(meter_);
  for (const auto& monitor : monitors) {
    if (monitor->hearsProgram()) monitor->push(bus.data(), count);
    else monitor->finish();
  }
  return feeds.empty() ? nullptr : std::make_shared<const std::vector<float>>(bus);
}

}  // namespace vistter
