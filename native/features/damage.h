// Which stretches of a recording could not be used, and how a person is told of them.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace vistter::features {

/// Safe from any thread.
class Damage {
 public:
  /// ms; `from` may be `to`, where what is missing is too short to tell.
  void add(int64_t fromMs, int64_t toMs);
  /// "2 places (0:00:24 to 0:00:30, 0:12:05)"; those that touch are one. Empty: there are none.
  std::string places();

 private:
  std::mutex mutex_;
  std::vector<std::pair<int64_t, int64_t>> spans_;
};

/// H:MM:SS.
std::string clockTime(int64_t ms);

/// What a person can do about what was skipped; a sentence.
extern const char kRemedy[];

}  // namespace vistter::features
