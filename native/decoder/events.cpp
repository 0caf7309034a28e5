#include "decoder/events.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <map>
#include <mutex>

#include "ring/producer.h"

namespace vistter::decoder {

namespace {

std::mutex sendMutex;
std::atomic<uint64_t> dropped{0};

// Node hands its children a socketpair as stdout, a shell a pipe or a terminal. None of them may be made non-blocking
// (others share it), so ask first: lines are far shorter than the room that "writable" stands for.
void writeLine(const std::string& line) {
  std::lock_guard<std::mutex> lock(sendMutex);
  ssize_t sent = ::send(STDOUT_FILENO, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno == ENOTSOCK) {
    pollfd out{STDOUT_FILENO, POLLOUT, 0};
    if (poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) != 0) sent = ::write(STDOUT_FILENO, line.data(), line.size());
  }
  if (sent != ssize_t(line.size())) dropped++;
}

void appendQuoted(std::string& to, const std::string& text) {
  to += '"';
  for (const char c : text.substr(0, 400)) {
    const unsigned char u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      to += '\\';
      to += c;
    } else if (u < 0x20 || u >= 0x7f) {
      // Names inside media are in whatever encoding; an escape a byte keeps the line valid JSON.
      char escape[8];
      snprintf(escape, sizeof escape, "\\u%04x", u);
      to += escape;
    } else {
      to += c;
    }
  }
  to += '"';
}

}  // namespace

Event::Event(const char* name) {
  line_ = "{\"event\":";
  appendQuoted(line_, name);
}

void Event::key(const char* key) {
  line_ += ",\"";
  line_ += key;
  line_ += "\":";
}

Event& Event::add(const char* name, int64_t value) {
  key(name);
  line_ += std::to_string(value);
  return *this;
}

Event& Event::add(const char* name, double value) {
  char text[40];
  snprintf(text, sizeof text, "%.3f", std::isfinite(value) ? value : 0.0);
  key(name);
  line_ += text;
  return *this;
}

Event& Event::add(const char* name, const std::string& value) {
  key(name);
  appendQuoted(line_, value);
  return *this;
}

void Event::send() { writeLine(line_ + "}\n"); }

uint64_t eventsDropped() { return dropped; }

void sendError(const std::string& code, const std::string& message) {
  static std::mutex mutex;
  static std::map<std::string, int64_t> lastUs;
  {
    std::lock_guard<std::mutex> lock(mutex);
    const int64_t now = monotonicUs();
    const auto before = lastUs.find(code);
    if (before != lastUs.end() && now - before->second < 5000000) return;
    lastUs[code] = now;
  }
  Event("error").add("code", code).add("message", message).send();
}

}  // namespace vistter::decoder
