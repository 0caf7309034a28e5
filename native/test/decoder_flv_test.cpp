#include <cstring>
#include <string>
#include <vector>

#include "decoder/flv_reader.h"
#include "decoder/flv_tags.h"
#include "test/check.h"

using namespace vistter;
using namespace vistter::decoder;
using Bytes = std::vector<uint8_t>;

namespace {

Bytes header() { return {'F', 'L', 'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0}; }

void appendTag(Bytes& to, uint8_t type, uint32_t timestampMs, const Bytes& body) {
  const uint32_t n = uint32_t(body.size());
  const Bytes head = {type, uint8_t(n >> 16), uint8_t(n >> 8), uint8_t(n), uint8_t(timestampMs >> 16), uint8_t(timestampMs >> 8),
                      uint8_t(timestampMs), uint8_t(timestampMs >> 24), 0, 0, 0};
  to.insert(to.end(), head.begin(), head.end());
  to.insert(to.end(), body.begin(), body.end());
  const uint32_t back = n + 11;
  for (const int shift : {24, 16, 8, 0}) to.push_back(uint8_t(back >> shift));
}

struct Seen {
  FlvTagType type;
  uint32_t timestampMs;
  Bytes body;
};

struct Collector {
  std::vector<Seen> tags;
  FlvReader reader{[this](const FlvTag& tag) { tags.push_back({tag.type, tag.timestampMs, Bytes(tag.data, tag.data + tag.size)}); }};
};

Bytes sampleStream() {
  Bytes stream = header();
  appendTag(stream, 18, 0, {2, 0, 1, 'x'});
  appendTag(stream, 9, 40, Bytes(300, 0x17));
  appendTag(stream, 8, 0xfffffff0u, {0xaf, 1, 9});
  appendTag(stream, 8, 7, {});
  return stream;
}

void tagsComeOutWholeHoweverTheBytesAreTorn() {
  const Bytes stream = sampleStream();
  for (const size_t step : {size_t(1), size_t(2), size_t(7), size_t(13), size_t(64), stream.size()}) {
    Collector c;
    for (size_t at = 0; at < stream.size(); at += step) CHECK(c.reader.feed(stream.data() + at, std::min(step, stream.size() - at)));
    CHECK(c.tags.size() == 4);
    CHECK(c.tags[1].type == FlvTagType::Video && c.tags[1].timestampMs == 40 && c.tags[1].body.size() == 300);
    CHECK(c.tags[2].timestampMs == 0xfffffff0u && c.tags[2].body == Bytes({0xaf, 1, 9}));
    CHECK(c.tags[3].body.empty());
  }
}

void whatIsNotFlvEndsTheStream() {
  const auto refused = [](const Bytes& stream) {
    Collector c;
    const bool refused = !c.reader.feed(stream.data(), stream.size());
    return refused && !c.reader.fault().empty() && !c.reader.feed(stream.data(), 1);
  };
  Bytes wrong = sampleStream();
  wrong[0] = 'G';
  CHECK(refused(wrong));
  wrong = sampleStream();
  wrong[5] = 0x7f;  // A header of 2 GB.
  CHECK(refused(wrong));
  wrong = header();
  wrong.insert(wrong.end(), {9, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0});  // A tag of 16 MiB.
  CHECK(refused(wrong));
  wrong = header();
  wrong.insert(wrong.end(), {5, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0});  // No such type.
  CHECK(refused(wrong));
  wrong = header();
  wrong.insert(wrong.end(), {0x29, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0});  // Encrypted.
  CHECK(refused(wrong));
  wrong = sampleStream();
  wrong[13 + 11 + 4 + 3]++;  // The length's repetition.
  CHECK(refused(wrong));
}

void aResetReaderBeginsAnew() {
  Collector c;
  const Bytes nonsense(64, 0x55);
  CHECK(!c.reader.feed(nonsense.data(), nonsense.size()));
  c.reader.reset();
  const Bytes stream = sampleStream();
  CHECK(c.reader.feed(stream.data(), stream.size()));
  CHECK(c.tags.size() == 4);
}

void noBytesMakeItMisbehave() {
  Random random(20261120);
  const Bytes good = sampleStream();
  for (int round = 0; round < 20000; round++) {
    Bytes stream = round % 4 == 0 ? Bytes(random.below(200)) : good;
    if (round % 4 == 0) {
      for (uint8_t& b : stream) b = uint8_t(random.next());
    }
    for (uint32_t k = random.below(6); k > 0 && !stream.empty(); k--) stream[random.below(uint32_t(stream.size()))] = uint8_t(random.next());
    if (random.below(3) == 0) stream.resize(random.below(uint32_t(stream.size()) + 1));
    Collector c;
    for (size_t at = 0; at < stream.size();) {
      const size_t step = std::min<size_t>(1 + random.below(40), stream.size() - at);
      // A copy of its own, so that a read past its end is seen by the sanitizer.
      const Bytes piece(stream.begin() + ptrdiff_t(at), stream.begin() + ptrdiff_t(at + step));
      if (!c.reader.feed(piece.data(), piece.size())) break;
      at += step;
    }
    for (const Seen& tag : c.tags) {
      const Bytes body = tag.body;
      FlvVideo video;
      FlvAudio audio;
      if (parseFlvVideo(body.data(), body.size(), video) && video.size > 0) CHECK(video.data + video.size <= body.data() + body.size());
      if (parseFlvAudio(body.data(), body.size(), audio) && audio.size > 0) CHECK(audio.data + audio.size <= body.data() + body.size());
      flvMetadataFps(body.data(), body.size());
    }
  }
}

void noTagBodyMakesItMisbehave() {
  Random random(7);
  for (int round = 0; round < 200000; round++) {
    Bytes body(random.below(24));
    for (uint8_t& b : body) b = uint8_t(random.next());
    // Most of the interest lies in the extended headers.
    if (!body.empty() && round % 2 == 0) body[0] |= 0x80;
    if (!body.empty() && round % 4 == 1) body[0] = uint8_t(0x90 | (body[0] & 15));
    FlvVideo video;
    FlvAudio audio;
    if (parseFlvVideo(body.data(), body.size(), video) && video.size > 0) CHECK(video.data + video.size == body.data() + body.size() || video.size < body.size());
    if (parseFlvAudio(body.data(), body.size(), audio) && audio.size > 0) CHECK(audio.size <= body.size());
  }
}

FlvVideo video(const Bytes& body) {
  static Bytes kept;
  kept = body;
  FlvVideo out;
  CHECK(parseFlvVideo(kept.data(), kept.size(), out));
  return out;
}

FlvAudio audio(const Bytes& body) {
  static Bytes kept;
  kept = body;
  FlvAudio out;
  CHECK(parseFlvAudio(kept.data(), kept.size(), out));
  return out;
}

void classicVideo() {
  FlvVideo v = video({0x17, 0, 0, 0, 0, 1, 2, 3});
  CHECK(v.packet == FlvPacket::Sequence && v.codec == MediaCodec::H264 && v.keyframe && v.size == 3);
  v = video({0x27, 1, 0xff, 0xff, 0xd8, 9});
  CHECK(v.packet == FlvPacket::Frames && !v.keyframe && v.compositionMs == -40 && v.size == 1 && v.data[0] == 9);
  CHECK(video({0x37, 1, 0, 0, 80, 9}).disposable);
  CHECK(video({0x17, 2, 0, 0, 0}).packet == FlvPacket::Ignore);
  CHECK(video({0x57, 0}).packet == FlvPacket::Ignore);
  CHECK(video({0x12, 0, 0}).codec == MediaCodec::Unknown);
  FlvVideo torn;
  const Bytes shortBody = {0x17, 1, 0};
  CHECK(!parseFlvVideo(shortBody.data(), shortBody.size(), torn));
  CHECK(!parseFlvVideo(nullptr, 0, torn));
}

void enhancedVideo() {
  FlvVideo v = video({0x90, 'h', 'v', 'c', '1', 7, 8});
  CHECK(v.packet == FlvPacket::Sequence && v.codec == MediaCodec::Hevc && v.size == 2);
  v = video({0xa1, 'h', 'v', 'c', '1', 0, 0, 66, 5});
  CHECK(v.packet == FlvPacket::Frames && v.compositionMs == 66 && v.size == 1 && !v.keyframe);
  v = video({0x93, 'h', 'v', 'c', '1', 5, 6});
  CHECK(v.packet == FlvPacket::Frames && v.compositionMs == 0 && v.size == 2 && v.keyframe);
  v = video({0x91, 'a', 'v', '0', '1', 5, 6, 7});
  CHECK(v.codec == MediaCodec::Av1 && v.size == 3);
  CHECK(video({0x91, 'v', 'p', '0', '9', 5}).codec == MediaCodec::Vp9);
  CHECK(video({0x94, 'h', 'v', 'c', '1', 5}).packet == FlvPacket::Ignore);
  CHECK(video({0x91, 'x', 'x', 'x', 'x', 5}).codec == MediaCodec::Unknown);
  // ModEx with a nanosecond offset before coded frames.
  v = video({0x97, 2, 1, 2, 3, 0x01, 'h', 'v', 'c', '1', 0, 0, 10, 4});
  CHECK(v.packet == FlvPacket::Frames && v.compositionMs == 10 && v.size == 1);
  // Track 0 behind track 1 of a multitrack body.
  v = video({0x96, 0x13, 'h', 'v', 'c', '1', 1, 0, 0, 2, 1, 1, 0, 0, 0, 3, 4, 5, 6});
  CHECK(v.packet == FlvPacket::Frames && v.size == 3 && v.data[0] == 4);
}

void soundOfEachKind() {
  FlvAudio a = audio({0xaf, 0, 0x11, 0x90});
  CHECK(a.packet == FlvPacket::Sequence && a.codec == MediaCodec::Aac && a.size == 2);
  CHECK(audio({0xaf, 1, 1}).packet == FlvPacket::Frames);
  a = audio({0x2e, 1, 2});
  CHECK(a.codec == MediaCodec::Mp3 && a.channels == 1 && a.sampleRate == 44100);
  CHECK(audio({0x90, 'O', 'p', 'u', 's', 1}).packet == FlvPacket::Sequence);
  a = audio({0x91, 'O', 'p', 'u', 's', 1, 2});
  CHECK(a.codec == MediaCodec::Opus && a.packet == FlvPacket::Frames && a.size == 2);
  CHECK(audio({0x72, 1}).codec == MediaCodec::Alaw);
  CHECK(audio({0xb2, 1}).codec == MediaCodec::Unknown);
}

void theDeclaredFrameRateIsFound() {
  Bytes meta = {2, 0, 10};
  for (const char c : std::string("onMetaData")) meta.push_back(uint8_t(c));
  meta.insert(meta.end(), {8, 0, 0, 0, 1, 0, 9});
  for (const char c : std::string("framerate")) meta.push_back(uint8_t(c));
  CHECK(flvMetadataFps(meta.data(), meta.size()) == 0);
  meta.insert(meta.end(), {0, 0x40, 0x3e, 0, 0, 0, 0, 0, 0});
  CHECK(flvMetadataFps(meta.data(), meta.size()) == 30);
  meta[meta.size() - 8] = 0x7f;
  CHECK(flvMetadataFps(meta.data(), meta.size()) == 0);
}

}  // namespace

int main() {
  RUN(tagsComeOutWholeHoweverTheBytesAreTorn);
  RUN(whatIsNotFlvEndsTheStream);
  RUN(aResetReaderBeginsAnew);
  RUN(noBytesMakeItMisbehave);
  RUN(noTagBodyMakesItMisbehave);
  RUN(classicVideo);
  RUN(enhancedVideo);
  RUN(soundOfEachKind);
  RUN(theDeclaredFrameRateIsFound);
  return 0;
}
