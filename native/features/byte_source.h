// Where libav reads from: a file, as long as it was when it was opened, or what comes on stdin.
//
// Of an indexed file most bytes are never needed: those of the pictures between keyframes. libav would read through all of them, since
// it takes any step of less than 32 kB for reading on; `leap` has it ask for each step instead, which costs nothing here. Where the bytes
// are not in memory yet, each of a million small reads would wait for the disk; so it is asked for all of them ahead, in large pieces.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

extern "C" {
#include <libavformat/avio.h>
}

namespace vistter::features {

class ByteSource {
 public:
  ~ByteSource();
  /// A negative errno when it cannot be opened or is no regular file.
  static std::unique_ptr<ByteSource> ofFile(const std::string& path, int& error);
  static std::unique_ptr<ByteSource> ofStdin();

  AVIOContext* io() { return io_; }
  /// `dense`: what is needed lies so close together that the disk reads all of it sooner than the pieces.
  void leap(bool dense);
  /// Of a file, without moving on in it: how many bytes there are, at most `size`.
  int peekSome(int64_t at, uint8_t* to, int size) const;
  /// False where there are fewer.
  bool peek(int64_t at, uint8_t* to, int size) const { return peekSome(at, to, size) == size; }
  int64_t bytesRead() const { return bytesRead_; }
  /// Of the file, or -1.
  int64_t size() const { return size_; }

 private:
  ByteSource(int fd, int64_t size);
  static int readFrom(void* self, uint8_t* to, int size);
  static int64_t seekIn(void* self, int64_t offset, int whence);
  int read(uint8_t* to, int size);
  int64_t seek(int64_t offset, int whence);
  void askAhead();

  const int fd_;
  const int64_t size_;
  int64_t position_ = 0;
  bool isDense_ = false;
  /// Up to where the disk was asked.
  int64_t asked_ = 0;
  std::atomic<int64_t> bytesRead_{0};
  AVIOContext* io_ = nullptr;
};

}  // namespace vistter::features
