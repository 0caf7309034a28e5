// Events to the engine: one JSON object a line on stdout. A reader that has stopped never stops us: a line that does not
// fit into the pipe at once is dropped and counted (`eventsDropped` of the next `stats`): pictures and sound are in the ring.
#pragma once

#include <cstdint>
#include <string>

namespace vistter::decoder {

class Event {
 public:
  explicit Event(const char* name);
  Event& add(const char* key, int64_t value);
  Event& add(const char* key, int value) { return add(key, int64_t(value)); }
  Event& add(const char* key, uint64_t value) { return add(key, int64_t(value)); }
  Event& add(const char* key, uint32_t value) { return add(key, int64_t(value)); }
  Event& add(const char* key, double value);
  Event& add(const char* key, const std::string& value);
  Event& add(const char* key, const char* value) { return add(key, std::string(value)); }
  /// Writes the line. Safe from any thread.
  void send();

 private:
  void key(const char* key);
  std::string line_;
};

/// Events that the reader never got whole, since the start. Safe from any thread.
uint64_t eventsDropped();

/// Sends `error` with a code (SHOUTING_SNAKE) and a sentence a person can read. The same code is sent at most once in 5 s.
void sendError(const std::string& code, const std::string& message);

}  // namespace vistter::decoder
