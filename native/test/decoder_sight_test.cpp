#include "decoder/sight.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "test/check.h"

using namespace vistter::decoder;

namespace {

constexpr int kWidth = 640;
constexpr int kHeight = 360;
constexpr int64_t kFrameUs = 33333;

/// A picture with its own memory, in which a moving square is drawn over a ground.
struct Picture {
  FramePtr frame = makeFrame();
  explicit Picture(AVPixelFormat format = AV_PIX_FMT_YUV420P) {
    frame->format = format;
    frame->width = kWidth;
    frame->height = kHeight;
    CHECK(av_frame_get_buffer(frame.get(), 0) == 0);
  }
  /// `noise` is by how much each point is off at most, as coding makes it.
  Picture& draw(Random& random, int ground, int square, int at, int noise = 0) {
    const bool deep = frame->format == AV_PIX_FMT_YUV420P10LE;
    for (int y = 0; y < kHeight; y++) {
      for (int x = 0; x < kWidth; x++) {
        int value = x >= at && x < at + 40 && y >= 100 && y < 140 ? square : ground;
        if (noise > 0) value += int(random.next() % uint32_t(2 * noise + 1)) - noise;
        uint8_t* line = frame->data[0] + ptrdiff_t(frame->linesize[0]) * y;
        if (deep) reinterpret_cast<uint16_t*>(line)[x] = uint16_t(std::clamp(value, 0, 255) << 2);
        else line[x] = uint8_t(std::clamp(value, 0, 255));
      }
    }
    return *this;
  }
};

int64_t play(PictureSight& sight, int64_t fromUs, int64_t forUs, const std::function<const AVFrame&(int)>& picture) {
  int n = 0;
  int64_t us = fromUs;
  for (; us < fromUs + forUs; us += kFrameUs) sight.look(picture(n++), us);
  return us;
}

void a_picture_that_stands_is_told_in_time_and_one_that_moves_again_at_once() {
  for (const AVPixelFormat format : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_NV12}) {
    Random random(1);
    PictureSight sight;
    Picture picture(format);
    int64_t us = play(sight, 0, 5000000, [&](int n) -> const AVFrame& { return *picture.draw(random, 90, 200, n % 500, 5).frame; });
    CHECK(!sight.still());
    CHECK(!sight.black());
    const int64_t stoodUs = us;
    while (!sight.still()) {
      sight.look(*picture.draw(random, 90, 200, 300, 5).frame, us);
      us += kFrameUs;
      CHECK(us - stoodUs < 2700000);
    }
    CHECK(us - stoodUs >= PictureSight::kStandsUs - PictureSight::kLookEveryUs);
    us = play(sight, us, 5000000, [&](int) -> const AVFrame& { return *picture.draw(random, 90, 200, 300, 5).frame; });
    CHECK(sight.still());
    CHECK(!sight.black());
    play(sight, us, PictureSight::kLookEveryUs + 2 * kFrameUs, [&](int) -> const AVFrame& { return *picture.draw(random, 90, 200, 100, 5).frame; });
    CHECK(!sight.still());
  }
}

void black_is_black_whatever_noise_it_has_and_not_with_something_in_it() {
  Random random(2);
  PictureSight sight;
  Picture picture;
  int64_t us = play(sight, 0, 2700000, [&](int) -> const AVFrame& { return *picture.draw(random, 18, 18, 0, 8).frame; });
  CHECK(sight.black());
  us = play(sight, us, 300000, [&](int n) -> const AVFrame& { return *picture.draw(random, 18, 180, 10 * n, 8).frame; });
  CHECK(!sight.black());
  play(sight, us, 1500000, [&](int) -> const AVFrame& { return *picture.draw(random, 18, 18, 0, 8).frame; });
  CHECK(!sight.black());
}

void who_was_away_or_has_another_shape_begins_anew() {
  Random random(3);
  PictureSight sight;
  Picture picture;
  const auto black = [&](int) -> const AVFrame& { return *picture.draw(random, 16, 16, 0).frame; };
  int64_t us = play(sight, 0, 2700000, black);
  CHECK(sight.still() && sight.black());
  for (const int64_t leapUs : {int64_t(3600000000), int64_t(-3600000000)}) {
    us = play(sight, us + leapUs, 1500000, black);
    CHECK(!sight.still() && !sight.black());
    us = play(sight, us, 1200000, black);
    CHECK(sight.still() && sight.black());
  }
  picture.frame->width = 320;
  sight.look(*picture.frame, us + kFrameUs);
  CHECK(!sight.still() && !sight.black());
}

void silence_is_nothing_at_all() {
  SoundSight sight;
  std::vector<float> nothing(9600, 0.0f);
  std::vector<float> room(9600, 0.0f);
  for (size_t i = 0; i < room.size(); i++) room[i] = (i % 2 == 0 ? 1.0f : -1.0f) * 0.0006f;  // -64 dBFS
  for (int i = 0; i < 17; i++) sight.hear(nothing.data(), 4800);
  CHECK(!sight.silent());
  sight.hear(nothing.data(), 4800);
  CHECK(sight.silent());
  sight.hear(room.data(), 4800);
  CHECK(!sight.silent());
  for (int i = 0; i < 100; i++) sight.hear(room.data(), 4800);
  CHECK(!sight.silent());
}

}  // namespace

int main() {
  RUN(a_picture_that_stands_is_told_in_time_and_one_that_moves_again_at_once);
  RUN(black_is_black_whatever_noise_it_has_and_not_with_something_in_it);
  RUN(who_was_away_or_has_another_shape_begins_anew);
  RUN(silence_is_nothing_at_all);
}
