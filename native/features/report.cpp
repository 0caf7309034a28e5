#include "features/report.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdio>

namespace vistter::features {

namespace {

std::string number(int64_t value) { return std::to_string(value); }

/// Names inside media are in whatever encoding; an escape a byte keeps the line valid JSON.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text.substr(0, 400)) {
    const unsigned char u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || u < 0x20 || u >= 0x7f) {
      char escape[8];
      snprintf(escape, sizeof escape, "\\u%04x", u);
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

void append(std::string& line, float value) {
  char text[32] = "null";
  if (std::isfinite(value)) snprintf(text, sizeof text, "%.6g", double(value));
  if (line.back() != '[') line += ',';
  line += text;
}

}  // namespace

void Report::write(const std::string& line) {
  const std::lock_guard<std::mutex> lock(mutex_);
  size_t done = 0;
  while (done < line.size()) {
    const ssize_t wrote = ::write(STDOUT_FILENO, line.data() + done, line.size() - done);
    if (wrote > 0) done += size_t(wrote);
    else if (errno != EINTR) _exit(1);
  }
}

void Report::start(int64_t totalMs) {
  std::string line = "{\"event\":\"start\",\"version\":" + number(kVersion) + ",\"totalMs\":" + (totalMs < 0 ? "null" : number(totalMs)) + ",\"columns\":[";
  for (const char* name : kSoundNames) line += (line.back() == '[' ? "" : ",") + quoted(name);
  for (const char* name : kPictureNames) line += "," + quoted(name);
  write(line + "]}\n");
}

void Report::bin(int64_t bin, const SoundBin& sound, const PictureBin& picture) {
  std::string line = "{\"event\":\"bin\",\"bin\":" + number(bin) + ",\"values\":[";
  for (const float value : sound) append(line, value);
  for (const float value : picture) append(line, value);
  write(line + "]}\n");
}

void Report::shot(int64_t atMs) { write("{\"event\":\"shot\",\"atMs\":" + number(atMs) + "}\n"); }

void Report::silence(int64_t startMs, int64_t endMs) {
  write("{\"event\":\"silence\",\"startMs\":" + number(startMs) + ",\"endMs\":" + number(endMs) + "}\n");
}

void Report::gap(int64_t startMs, int64_t endMs, const char* what) {
  write("{\"event\":\"gap\",\"startMs\":" + number(startMs) + ",\"endMs\":" + number(endMs) + ",\"what\":" + quoted(what) + "}\n");
}

void Report::note(const std::string& text) { write("{\"event\":\"note\",\"text\":" + quoted(text) + "}\n"); }

void Report::progress(int64_t doneMs) { write("{\"event\":\"progress\",\"doneMs\":" + number(doneMs) + "}\n"); }

void Report::end(const Ending& ending) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const int64_t cpuMs = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
  write("{\"event\":\"end\",\"durationMs\":" + number(ending.durationMs) + ",\"peakRssBytes\":" + number(int64_t(usage.ru_maxrss) * 1024) + ",\"cpuMs\":" + number(cpuMs) +
        ",\"bytesRead\":" + number(ending.bytesRead) + "}\n");
}

void Report::error(const std::string& code, const std::string& message) {
  write("{\"event\":\"error\",\"code\":" + quoted(code) + ",\"message\":" + quoted(message) + "}\n");
}

}  // namespace vistter::features
