#include "decoder/options.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace vistter::decoder {

namespace {

bool parseNumber(const char* text, int base, int64_t low, int64_t high, int64_t& out) {
  if (*text == '\0' || strchr(" +-", *text) != nullptr) return false;
  char* end = nullptr;
  errno = 0;
  const long long value = strtoll(text, &end, base);
  if (errno != 0 || *end != '\0' || value < low || value > high) return false;
  out = value;
  return true;
}

constexpr int64_t kFarUs = int64_t(1) << 52;

}  // namespace

bool parseOptions(int argc, char** argv, Options& out, std::string& why) {
  using Kind = Options::Kind;
  const std::string kind = argc > 1 ? argv[1] : "";
  if (kind == "camera") out.kind = Kind::Camera;
  else if (kind == "file") out.kind = Kind::File;
  else if (kind == "image") out.kind = Kind::Image;
  else if (kind == "test") out.kind = Kind::Test;
  else if (kind == "color") out.kind = Kind::Color;
  else return why = "The first argument must be camera, file, image, test or color.", false;

  bool colored = false;
  for (int i = 2; i < argc; i++) {
    const std::string name = argv[i];
    const auto is = [&](Kind of, const char* flag) { return out.kind == of && name == flag; };
    if (is(Kind::File, "--loop")) { out.loop = true; continue; }
    if (is(Kind::File, "--sound-only")) { out.soundOnly = true; continue; }
    if (is(Kind::File, "--allow-http")) { out.allowHttp = true; continue; }
    if (is(Kind::Test, "--tone")) { out.tone = true; continue; }
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    int64_t number = 0;
    bool good = value != nullptr;
    if (is(Kind::Camera, "--socket") || is(Kind::File, "--path") || is(Kind::Image, "--path")) {
      if (good) out.path = value;
    } else if (is(Kind::File, "--in-us")) {
      good = good && parseNumber(value, 10, 0, kFarUs, out.inUs);
    } else if (is(Kind::File, "--out-us")) {
      good = good && parseNumber(value, 10, 1, kFarUs, out.outUs);
    } else if (is(Kind::File, "--from-us")) {
      good = good && parseNumber(value, 10, 0, kFarUs, out.fromUs);
    } else if (is(Kind::Test, "--fps")) {
      good = good && parseNumber(value, 10, 1, 240, number);
      out.fps = int(number);
    } else if (is(Kind::Color, "--color")) {
      good = good && strlen(value) == 6 && parseNumber(value, 16, 0, 0xffffff, number);
      out.color = uint32_t(number);
      colored = true;
    } else {
      return why = "Unknown argument: " + name, false;
    }
    if (!good) return why = "Bad or missing value of " + name, false;
    i++;
  }
  const bool needsPath = out.kind == Kind::Camera || out.kind == Kind::File || out.kind == Kind::Image;
  if (needsPath && out.path.empty()) return why = out.kind == Kind::Camera ? "--socket is missing." : "--path is missing.", false;
  if (out.kind == Kind::Color && !colored) return why = "--color is missing.", false;
  if (out.outUs >= 0 && out.outUs <= out.inUs) return why = "--out-us must lie behind --in-us.", false;
  return true;
}

}  // namespace vistter::decoder
