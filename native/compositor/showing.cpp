#include "compositor/showing.h"

#include <algorithm>

namespace vistter {

void Showing::take(Take take) {
  later_.clear();
  begin(std::move(take), -1);
}

void Showing::begin(Take take, int64_t start) {
  if (byHand_) to_ = std::move(from_);
  byHand_ = false;
  const bool somewhere = fromNothing_ ? to_.scene || take.scene : to_.scene != nullptr;
  // One that still runs is completed first: its end is where the new one begins.
  moving_ = somewhere && take.transition.kind != TransitionKind::Cut && take.transition.frames > 0;
  from_ = moving_ ? std::move(to_) : Side();
  to_ = {std::move(take.scene), take.fills, nullptr};
  transition_ = take.transition;
  start_ = start;
  for (std::string& id : take.films) films_.push_back(std::move(id));
}

void Showing::takeAt(int64_t frame, Take take, bool exact) {
  later_.erase(std::remove_if(later_.begin(), later_.end(), [&](const Later& later) { return later.frame >= frame; }), later_.end());
  later_.push_back({frame, std::move(take), exact});
}

void Showing::update(Take take) {
  Side& side = byHand_ ? from_ : to_;
  side = {std::move(take.scene), side.fills, nullptr};
  for (std::string& id : take.films) films_.push_back(std::move(id));
}

void Showing::bar(double position, Take take) {
  if (!byHand_) {
    if (!take.scene || position <= 0) return;
    from_ = std::move(to_);
    moving_ = byHand_ = true;
  }
  if (take.scene) {
    to_ = {std::move(take.scene), take.fills, nullptr};
    transition_ = take.transition;
  }
  for (std::string& id : take.films) films_.push_back(std::move(id));
  position_ = position;
  if (position > 0 && position < 1) return;
  if (position <= 0) to_ = std::move(from_);
  from_ = {};
  moving_ = byHand_ = false;
}

void Showing::follow(int64_t n, Plans& plans) {
  for (size_t i = 0; i < later_.size();) {
    if (later_[i].frame > n) {
      i++;
      continue;
    }
    Later later = std::move(later_[i]);
    later_.erase(later_.begin() + long(i));
    begin(std::move(later.take), later.exact ? later.frame : -1);
  }
  become(to_, n, plans);
  become(from_, n, plans);
  if (moving_ && start_ < 0) start_ = n;
}

void Showing::become(Side& side, int64_t n, Plans& plans) {
  if (!side.scene) return;
  const auto found = plans.find(side.scene->id);
  if (found == plans.end()) return;
  Plan& plan = found->second;
  while (!plan.empty() && plan.front().frame <= n) {
    side.scene = std::move(plan.front().scene);
    side.frozen = nullptr;
    plan.pop_front();
  }
}

double Showing::progress(int64_t n) const { return byHand_ ? position_ : std::min(1.0, transition_.progress(int(n - start_))); }

void Showing::drawn(int64_t n) {
  if (!moving_ || mixes(n)) return;
  moving_ = false;
  from_ = {};
}

}  // namespace vistter
