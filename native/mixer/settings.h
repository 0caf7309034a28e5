// What an operator has set at the mixer.
#pragma once

#include <map>
#include <string>

namespace vistter {

/// Of a source, wherever it is heard.
struct SourceSound {
  float gain = 1;       // Multiplied with those of layers.
  int delay = 0;        // Sample frames its sound is held back.
  bool always = false;  // Heard whatever is on program.
};

struct SoundSettings {
  float gain = 1;       // Of the program.
  std::map<std::string, SourceSound> sources;  // Those that are not named have their plain sound.

  SourceSound of(const std::string& id) const {
    const auto found = sources.find(id);
    return found == sources.end() ? SourceSound{} : found->second;
  }
};

}  // namespace vistter
