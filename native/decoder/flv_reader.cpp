#include "decoder/flv_reader.h"

#include <algorithm>

namespace vistter::decoder {

namespace {
constexpr size_t kHeaderBytes = 9;
constexpr size_t kTagHeaderBytes = 11;
constexpr uint32_t kMaxHeaderBytes = 1024;

uint32_t be24(const uint8_t* p) { return uint32_t(p[0]) << 16 | uint32_t(p[1]) << 8 | p[2]; }
uint32_t be32(const uint8_t* p) { return uint32_t(p[0]) << 24 | be24(p + 1); }
}  // namespace

void FlvReader::reset() {
  pending_.clear();
  pending_.shrink_to_fit();
  fault_.clear();
  part_ = Part::Header;
  skip_ = 0;
  lastTagBytes_ = 0;
}

bool FlvReader::fail(const char* why) {
  fault_ = why;
  return false;
}

bool FlvReader::feed(const uint8_t* data, size_t size) {
  if (!fault_.empty()) return false;
  if (pending_.empty()) {
    // Whole tags are parsed where they lie; only a torn one is kept.
    const size_t used = parse(data, size);
    if (!fault_.empty()) return false;
    pending_.assign(data + used, data + size);
    return true;
  }
  pending_.insert(pending_.end(), data, data + size);
  const size_t used = parse(pending_.data(), pending_.size());
  if (!fault_.empty()) return false;
  pending_.erase(pending_.begin(), pending_.begin() + ptrdiff_t(used));
  return true;
}

size_t FlvReader::parse(const uint8_t* data, size_t size) {
  size_t at = 0;
  for (;;) {
    const uint8_t* p = data + at;
    const size_t left = size - at;
    switch (part_) {
      case Part::Header: {
        if (left < kHeaderBytes) return at;
        const uint32_t headerBytes = be32(p + 5);
        if (p[0] != 'F' || p[1] != 'L' || p[2] != 'V' || p[3] != 1) return fail("It does not begin as FLV does."), at;
        if (headerBytes < kHeaderBytes || headerBytes > kMaxHeaderBytes) return fail("The FLV header has an impossible length."), at;
        at += kHeaderBytes;
        skip_ = headerBytes - kHeaderBytes;
        lastTagBytes_ = 0;
        part_ = Part::Skip;
        break;
      }
      case Part::Skip: {
        const size_t step = std::min(skip_, left);
        at += step;
        skip_ -= step;
        if (skip_ > 0) return at;
        part_ = Part::BackPointer;
        break;
      }
      case Part::BackPointer: {
        if (left < 4) return at;
        const uint32_t back = be32(p);
        // Some writers leave it zero; any other mismatch means that we are not where we think.
        if (back != lastTagBytes_ && back != 0) return fail("A tag's length and its repetition differ."), at;
        at += 4;
        part_ = Part::Tag;
        break;
      }
      case Part::Tag: {
        if (left < kTagHeaderBytes) return at;
        const uint8_t type = p[0] & 0x1f;
        const size_t body = be24(p + 1);
        if ((p[0] & 0xc0) != 0) return fail("A tag has reserved bits set."), at;
        if ((p[0] & 0x20) != 0) return fail("A tag is encrypted."), at;
        if (body > kMaxTagBytes) return fail("A tag is larger than 10 MiB."), at;
        if (type != 8 && type != 9 && type != 18) return fail("A tag has an unknown type."), at;
        if (left < kTagHeaderBytes + body) return at;
        const uint32_t timestampMs = be24(p + 4) | uint32_t(p[7]) << 24;
        onTag_(FlvTag{FlvTagType(type), timestampMs, p + kTagHeaderBytes, body});
        lastTagBytes_ = uint32_t(kTagHeaderBytes + body);
        at += lastTagBytes_;
        part_ = Part::BackPointer;
        break;
      }
    }
  }
}

}  // namespace vistter::decoder
