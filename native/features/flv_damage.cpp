#include "features/flv_damage.h"

#include <vector>

namespace vistter::features {

namespace {

/// Type, size, time, stream; the size of all that stands once more behind the tag.
constexpr int kHeadBytes = 11;
constexpr int kLinkBytes = 4;
constexpr int kWindowBytes = 1 << 20;

uint32_t bigEndian(const uint8_t* bytes, int count) {
  uint32_t value = 0;
  for (int i = 0; i < count; i++) value = value << 8 | bytes[i];
  return value;
}

bool isHead(const uint8_t* head) {
  const bool isKnown = head[0] == 8 || head[0] == 9 || head[0] == 18;
  return isKnown && head[8] == 0 && head[9] == 0 && head[10] == 0;
}

/// Behind the tag with this head at `at`, by both its sizes; negative when they differ: it is none, or a broken one.
int64_t tagEnd(const ByteSource& source, int64_t at, const uint8_t* head) {
  if (!isHead(head)) return -1;
  const uint32_t size = kHeadBytes + bigEndian(head + 1, 3);
  uint8_t link[kLinkBytes];
  if (!source.peek(at + size, link, kLinkBytes) || bigEndian(link, kLinkBytes) != size) return -1;
  return at + size + kLinkBytes;
}

}  // namespace

int64_t flvTagBehindDamage(const ByteSource& source, int64_t from) {
  uint8_t head[kHeadBytes];
  int64_t at = from;
  while (source.peek(at, head, kHeadBytes)) {
    const int64_t end = tagEnd(source, at, head);
    if (end < 0) break;
    at = end;
  }
  std::vector<uint8_t> window(kWindowBytes);
  for (int64_t start = at + 1; source.peek(start, head, kHeadBytes); start += kWindowBytes - kHeadBytes + 1) {
    const int got = source.peekSome(start, window.data(), kWindowBytes);
    for (int i = 0; i + kHeadBytes <= got; i++) {
      if (tagEnd(source, start + i, window.data() + i) > 0) return start + i;
    }
  }
  return -1;
}

}  // namespace vistter::features
