#include "features/damage.h"

#include <algorithm>
#include <cstdio>

namespace vistter::features {

namespace {

/// Of a file that is broken all over, what is kept; and of that, what a person is told.
constexpr size_t kMostSpans = 4096;
constexpr size_t kMostTold = 4;
/// Sound and picture end a little apart.
constexpr int64_t kTouchingMs = 500;

}  // namespace

const char kRemedy[] = "If there is a whole copy of the file, analyse that one; else look yourself for moments there.";

std::string clockTime(int64_t ms) {
  char text[48];
  snprintf(text, sizeof text, "%d:%02d:%02d", int(ms / 3'600'000), int(ms / 60'000 % 60), int(ms / 1000 % 60));
  return text;
}

void Damage::add(int64_t fromMs, int64_t toMs) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (spans_.size() < kMostSpans) spans_.emplace_back(std::max<int64_t>(0, fromMs), std::max<int64_t>(std::max<int64_t>(0, fromMs), toMs));
}

std::string Damage::places() {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::sort(spans_.begin(), spans_.end());
  std::vector<std::pair<int64_t, int64_t>> merged;
  for (const auto& span : spans_) {
    if (!merged.empty() && span.first <= merged.back().second + kTouchingMs) merged.back().second = std::max(merged.back().second, span.second);
    else merged.push_back(span);
  }
  if (merged.empty()) return "";
  std::string text = std::to_string(merged.size()) + (merged.size() == 1 ? " place (" : " places (");
  for (size_t i = 0; i < std::min(merged.size(), kMostTold); i++) {
    const std::string from = clockTime(merged[i].first), to = clockTime(merged[i].second);
    // The report writes bytes: it has ASCII only.
    text += (i > 0 ? ", " : "") + (from == to ? from : from + " to " + to);
  }
  if (merged.size() > kMostTold) text += " and others";
  return text + ")";
}

}  // namespace vistter::features
