// The command line:
//   vistter-decoder camera --socket PATH
//   vistter-decoder file --path PATH [--loop] [--in-us N] [--out-us N] [--from-us N] [--sound-only] [--allow-http]
//   vistter-decoder image --path PATH
//   vistter-decoder test [--tone] [--fps N]
//   vistter-decoder color --color RRGGBB
// The ring is file descriptor 3. Lines on stdin: `seek US`, `quit`; its end is `quit` too.
#pragma once

#include <cstdint>
#include <string>

namespace vistter::decoder {

struct Options {
  enum class Kind { Camera, File, Image, Test, Color };
  Kind kind = Kind::Test;
  std::string path;  // Of the socket, file or image.
  bool loop = false;
  int64_t inUs = 0;
  int64_t outUs = -1;
  int64_t fromUs = 0;
  bool soundOnly = false;
  bool allowHttp = false;
  bool tone = false;
  int fps = 30;
  uint32_t color = 0;
};

/// False with `why` set when the arguments make no sense; an unknown one is never passed over.
bool parseOptions(int argc, char** argv, Options& out, std::string& why);

}  // namespace vistter::decoder
