// slow-line: a TCP line that carries little, from far, for tests. In front of a server on this machine it holds what a router on a long
// and lossy way would: hardly anything. (A proxy on ordinary sockets takes some hundred kilobytes into the kernel's buffers, acknowledged.)
//
//   slow-line UPSTREAM_PORT KBPS LATENCY_MS
//
// Prints the port it listens on, then passes one connection after the other: KBPS of kilobits a second towards the server, what comes
// back as it comes, both LATENCY_MS later. Ends with its stdin.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <vector>

namespace {

constexpr int kHeldBytes = 8 * 1024;
constexpr size_t kPiece = 1460;

int64_t nowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

sockaddr_in at(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// One direction: bytes that were read, each piece with the moment it comes out.
class Way {
 public:
  Way(int from, int to, double bytesPerUs, int64_t latencyUs) : from_(from), to_(to), bytesPerUs_(bytesPerUs), latencyUs_(latencyUs) {}

  /// The line is free for another piece.
  bool takes(int64_t now) const { return now >= freeAt_; }
  /// When something is to be done, as far as that is known; -1: only when bytes come.
  int64_t nextUs(int64_t now) const {
    const int64_t out = pieces_.empty() ? -1 : pieces_.front().atUs;
    if (takes(now)) return out;
    return out < 0 ? freeAt_ : std::min(out, freeAt_);
  }

  /// False at the end of the connection.
  bool take(int64_t now) {
    std::vector<char> bytes(kPiece);
    const ssize_t n = read(from_, bytes.data(), bytes.size());
    if (n <= 0) return false;
    bytes.resize(static_cast<size_t>(n));
    freeAt_ = std::max(freeAt_, now) + (bytesPerUs_ > 0 ? static_cast<int64_t>(static_cast<double>(n) / bytesPerUs_) : 0);
    pieces_.push_back({freeAt_ + latencyUs_, std::move(bytes)});
    return true;
  }

  bool give(int64_t now) {
    while (!pieces_.empty() && pieces_.front().atUs <= now) {
      const auto& bytes = pieces_.front().bytes;
      for (size_t done = 0; done < bytes.size();) {
        const ssize_t n = send(to_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (n <= 0) return false;
        done += static_cast<size_t>(n);
      }
      pieces_.pop_front();
    }
    return true;
  }

 private:
  struct Piece {
    int64_t atUs;
    std::vector<char> bytes;
  };

  int from_, to_;
  double bytesPerUs_;
  int64_t latencyUs_, freeAt_ = 0;
  std::deque<Piece> pieces_;
};

void pass(int client, int server, double bytesPerUs, int64_t latencyUs) {
  Way up(client, server, bytesPerUs, latencyUs), down(server, client, 0, latencyUs);
  for (bool open = true; open;) {
    const int64_t now = nowUs();
    int64_t wait = 1'000'000;
    for (const Way* way : {&up, &down}) {
      if (const int64_t next = way->nextUs(now); next >= 0) wait = std::min(wait, std::max<int64_t>(0, next - now));
    }
    pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {client, static_cast<short>(up.takes(now) ? POLLIN : 0), 0}, {server, POLLIN, 0}};
    poll(fds, 3, static_cast<int>((wait + 999) / 1000));
    if (fds[0].revents) exit(0);
    const int64_t then = nowUs();
    if (fds[1].revents) open = up.take(then);
    if (fds[2].revents) open = down.take(then) && open;
    open = up.give(then) && down.give(then) && open;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: slow-line UPSTREAM_PORT KBPS LATENCY_MS\n");
    return 2;
  }
  const int upstream = atoi(argv[1]);
  const double bytesPerUs = atof(argv[2]) / 8000;
  const int64_t latencyUs = atoll(argv[3]) * 1000;
  signal(SIGPIPE, SIG_IGN);

  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // Before it listens: what it accepts has it from the beginning.
  setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &kHeldBytes, sizeof kHeldBytes);
  sockaddr_in here = at(0);
  socklen_t length = sizeof here;
  if (bind(listener, reinterpret_cast<sockaddr*>(&here), length) || listen(listener, 8) || getsockname(listener, reinterpret_cast<sockaddr*>(&here), &length)) {
    perror("slow-line");
    return 1;
  }
  printf("%d\n", ntohs(here.sin_port));
  fflush(stdout);
  for (;;) {
    pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {listener, POLLIN, 0}};
    poll(fds, 2, -1);
    if (fds[0].revents) return 0;
    const int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in there = at(upstream);
    const int one = 1;
    for (const int fd : {client, server}) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (client >= 0 && connect(server, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0) pass(client, server, bytesPerUs, latencyUs);
    close(server);
    if (client >= 0) close(client);
  }
}
