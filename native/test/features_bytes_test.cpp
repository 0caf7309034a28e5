#include <unistd.h>

#include <string>
#include <vector>

#include "features/byte_source.h"
#include "test/check.h"

extern "C" {
#include <libavutil/error.h>
}

using namespace vistter::features;

namespace {

/// A file without a name.
struct File {
  char path[64] = "/tmp/vistter-bytes-XXXXXX";
  int fd = mkstemp(path);
  ~File() {
    close(fd);
    unlink(path);
  }
  void append(const std::string& bytes) const {
    lseek(fd, 0, SEEK_END);
    CHECK(write(fd, bytes.data(), bytes.size()) == ssize_t(bytes.size()));
  }
};

std::string readAll(ByteSource& source) {
  std::string all;
  std::vector<uint8_t> piece(1000);
  for (int got; (got = avio_read(source.io(), piece.data(), int(piece.size()))) > 0;) all.append(reinterpret_cast<char*>(piece.data()), size_t(got));
  return all;
}

void aFileThatGrowsIsReadAsFarAsItWentAtFirst() {
  const File file;
  file.append(std::string(600'000, 'a'));
  int error = 0;
  const auto source = ByteSource::ofFile(file.path, error);
  CHECK(source != nullptr);
  file.append(std::string(600'000, 'b'));
  CHECK(readAll(*source) == std::string(600'000, 'a'));
  CHECK(source->bytesRead() == 600'000 && avio_size(source->io()) == 600'000);
  uint8_t byte;
  CHECK(source->peek(599'999, &byte, 1) && byte == 'a');
  CHECK(!source->peek(600'000, &byte, 1) && !source->peek(700'000, &byte, 1));
}

void aFileThatWasCutOffMeanwhileEndsThere() {
  const File file;
  file.append(std::string(600'000, 'a'));
  int error = 0;
  const auto source = ByteSource::ofFile(file.path, error);
  CHECK(ftruncate(file.fd, 300'000) == 0);
  CHECK(readAll(*source) == std::string(300'000, 'a'));
}

}  // namespace

int main() {
  RUN(aFileThatGrowsIsReadAsFarAsItWentAtFirst);
  RUN(aFileThatWasCutOffMeanwhileEndsThere);
  return 0;
}
