// What is found, as lines of JSON on stdout. Unlike the decoder's events none may be lost: a reader that is slow is waited for, one that
// is gone ends the program.
//
//   {"event":"start","version":1,"totalMs":N|null,"columns":["rmsMean",…]}
//   {"event":"bin","bin":N,"values":[…]}   in order and without holes; null is unknown
//   {"event":"shot","atMs":N}  {"event":"silence","startMs":N,"endMs":N}  {"event":"gap","startMs":N,"endMs":N,"what":"sound|picture|both"}
//   {"event":"note","text":"…"}  {"event":"progress","doneMs":N}
//   {"event":"end","durationMs":N,"peakRssBytes":N,"cpuMs":N,"bytesRead":N}
//   {"event":"error","code":"…","message":"…"}   nothing follows
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "features/columns.h"

namespace vistter::features {

struct Ending {
  int64_t durationMs = 0;
  int64_t bytesRead = 0;
};

/// Safe from any thread.
class Report {
 public:
  /// `totalMs` is negative where it is not known.
  void start(int64_t totalMs);
  void bin(int64_t bin, const SoundBin& sound, const PictureBin& picture);
  void shot(int64_t atMs);
  void silence(int64_t startMs, int64_t endMs);
  void gap(int64_t startMs, int64_t endMs, const char* what);
  void note(const std::string& text);
  void progress(int64_t doneMs);
  void end(const Ending& ending);
  void error(const std::string& code, const std::string& message);

 private:
  void write(const std::string& line);
  std::mutex mutex_;
};

}  // namespace vistter::features
