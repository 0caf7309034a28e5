#include "features/byte_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

extern "C" {
#include <libavutil/error.h>
#include <libavutil/mem.h>
}

namespace vistter::features {

namespace {

constexpr int kBufferBytes = 256 * 1024;
constexpr int64_t kAheadBytes = 24 << 20;
constexpr int64_t kPieceBytes = 4 << 20;

}  // namespace

std::unique_ptr<ByteSource> ByteSource::ofFile(const std::string& path, int& error) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info {};
  if (fd < 0 || fstat(fd, &info) != 0) {
    error = AVERROR(errno);
    if (fd >= 0) close(fd);
    return nullptr;
  }
  // A fifo or device would block for ever, or be something else each time.
  if (!S_ISREG(info.st_mode)) {
    error = AVERROR(EINVAL);
    close(fd);
    return nullptr;
  }
  return std::unique_ptr<ByteSource>(new ByteSource(fd, info.st_size));
}

std::unique_ptr<ByteSource> ByteSource::ofStdin() { return std::unique_ptr<ByteSource>(new ByteSource(STDIN_FILENO, -1)); }

ByteSource::ByteSource(int fd, int64_t size) : fd_(fd), size_(size) {
  io_ = avio_alloc_context(static_cast<uint8_t*>(av_malloc(kBufferBytes)), kBufferBytes, 0, this, readFrom, nullptr, size < 0 ? nullptr : seekIn);
}

ByteSource::~ByteSource() {
  if (io_ != nullptr) av_freep(&io_->buffer);
  avio_context_free(&io_);
  if (fd_ != STDIN_FILENO) close(fd_);
}

int ByteSource::readFrom(void* self, uint8_t* to, int size) { return static_cast<ByteSource*>(self)->read(to, size); }

int64_t ByteSource::seekIn(void* self, int64_t offset, int whence) { return static_cast<ByteSource*>(self)->seek(offset, whence); }

void ByteSource::leap(bool dense) {
  io_->direct = 1;
  isDense_ = dense;
  // The kernel's own reading ahead takes steps for random access.
  posix_fadvise(fd_, 0, 0, POSIX_FADV_RANDOM);
}

void ByteSource::askAhead() {
  asked_ = asked_ < position_ ? position_ : asked_;
  while (asked_ < position_ + kAheadBytes && asked_ < size_) {
    posix_fadvise(fd_, asked_, kPieceBytes, POSIX_FADV_WILLNEED);
    asked_ += kPieceBytes;
  }
}

int ByteSource::read(uint8_t* to, int size) {
  // What is written behind it meanwhile belongs to no index that was read.
  if (size_ >= 0) {
    if (position_ >= size_) return AVERROR_EOF;
    size = int(std::min<int64_t>(size, size_ - position_));
  }
  if (isDense_ && asked_ < position_ + kAheadBytes) askAhead();
  for (;;) {
    const ssize_t got = size_ < 0 ? ::read(fd_, to, size_t(size)) : ::pread(fd_, to, size_t(size), position_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) {
      pollfd ready{fd_, POLLIN, 0};
      poll(&ready, 1, -1);
      continue;
    }
    if (got < 0) return AVERROR(errno);
    if (got == 0) return AVERROR_EOF;
    position_ += got;
    bytesRead_ += got;
    return int(got);
  }
}

int ByteSource::peekSome(int64_t at, uint8_t* to, int size) const {
  size = int(std::clamp<int64_t>(size_ - at, 0, size));
  int done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd_, to + done, size_t(size - done), at + done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += int(got);
  }
  return done;
}

int64_t ByteSource::seek(int64_t offset, int whence) {
  if ((whence & AVSEEK_SIZE) != 0) return size_;
  switch (whence & ~AVSEEK_FORCE) {
    case SEEK_SET: break;
    case SEEK_CUR: offset += position_; break;
    case SEEK_END: offset += size_; break;
    default: return AVERROR(EINVAL);
  }
  if (offset < 0) return AVERROR(EINVAL);
  return position_ = offset;
}

}  // namespace vistter::features
