#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "decoder/events.h"
#include "test/check.h"

using namespace vistter::decoder;

namespace {

/// Standard output is another descriptor for a while.
class Redirected {
 public:
  explicit Redirected(int to) : saved_((fflush(stdout), dup(STDOUT_FILENO))) { dup2(to, STDOUT_FILENO); }
  ~Redirected() {
    dup2(saved_, STDOUT_FILENO);
    close(saved_);
  }

 private:
  const int saved_;
};

std::string readAll(int fd) {
  std::string all;
  char buffer[4096];
  for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) > 0;) all.append(buffer, size_t(got));
  return all;
}

/// Sends to a reader that stands still, then reads what came: each event came or was counted, and nobody waited.
void nobodyReads(int writeEnd, int readEnd) {
  const uint64_t before = eventsDropped();
  const uint64_t events = 20000;
  {
    Redirected out(writeEnd);
    for (uint64_t i = 0; i < events; i++) Event("stats").add("filler", std::string(200, 'x')).send();
  }
  close(writeEnd);
  const std::string heard = readAll(readEnd);
  close(readEnd);
  uint64_t lines = 0;
  for (size_t at = 0; (at = heard.find("\"}\n", at)) != std::string::npos; at++) lines++;
  const uint64_t dropped = eventsDropped() - before;
  CHECK(lines > 0 && dropped > 0);
  CHECK(lines + dropped == events);
}

void ofASocketThatNobodyReadsWhatDoesNotFitIsCounted() {
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  nobodyReads(ends[0], ends[1]);
}

void ofAPipeToo() {
  int ends[2];
  CHECK(pipe(ends) == 0);
  nobodyReads(ends[1], ends[0]);
}

void whatIsReadIsNotCounted() {
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  const uint64_t before = eventsDropped();
  {
    Redirected out(ends[0]);
    Event("running").send();
  }
  close(ends[0]);
  CHECK(readAll(ends[1]) == "{\"event\":\"running\"}\n");
  close(ends[1]);
  CHECK(eventsDropped() == before);
}

}  // namespace

int main() {
  RUN(ofASocketThatNobodyReadsWhatDoesNotFitIsCounted);
  RUN(ofAPipeToo);
  RUN(whatIsReadIsNotCounted);
  return 0;
}
