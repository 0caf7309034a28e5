// Cuts a byte stream into FLV tags. Strict and bounded: what comes may be hostile, so nothing is allocated by a length that
// has not arrived, and anything that is not FLV ends the stream instead of being guessed at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace vistter::decoder {

enum class FlvTagType : uint8_t { Audio = 8, Video = 9, Script = 18 };

struct FlvTag {
  FlvTagType type;
  uint32_t timestampMs;  // As on the wire: 32 bits that wrap.
  const uint8_t* data;   // Valid during the call only.
  size_t size;
};

class FlvReader {
 public:
  /// A frame of a 4K camera at 100 Mb/s is under 2 MiB; the ingest lets at most 10 MiB through.
  static constexpr size_t kMaxTagBytes = 10u << 20;

  explicit FlvReader(std::function<void(const FlvTag&)> onTag) : onTag_(std::move(onTag)) {}

  /// Takes the next bytes and calls back for each whole tag. Returns false for ever after the first broken one.
  bool feed(const uint8_t* data, size_t size);

  /// Why `feed` returned false, for a person.
  const std::string& fault() const { return fault_; }

  /// Starts over, for a new connection.
  void reset();

 private:
  bool fail(const char* why);
  size_t parse(const uint8_t* data, size_t size);

  enum class Part { Header, Skip, BackPointer, Tag };
  std::function<void(const FlvTag&)> onTag_;
  std::vector<uint8_t> pending_;
  std::string fault_;
  Part part_ = Part::Header;
  size_t skip_ = 0;
  uint32_t lastTagBytes_ = 0;
};

}  // namespace vistter::decoder
