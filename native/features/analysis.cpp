#include "features/analysis.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

namespace vistter::features {

using decoder::kMicroseconds;
using decoder::PacketPtr;

namespace {

using Steady = std::chrono::steady_clock;

/// Some ten seconds of sound at 160 kb/s.
constexpr int64_t kMostSoundWaiting = 256 << 10;
constexpr size_t kSoundBatch = 12;
constexpr auto kProgressEvery = std::chrono::milliseconds(500);
constexpr int64_t kLeapUs = 15'000'000;
constexpr int64_t kFarthestLeapUs = int64_t(3600) * 1'000'000;
/// A file in which no keyframe came for so long is read again from the last one.
constexpr int64_t kPatienceUs = 12'000'000;
constexpr int64_t kStickingOutMs = 100;
/// A file that ends so much before what it says has lost its end.
constexpr int64_t kLostEndMs = 2'000;

/// Decoding a keyframe takes as long as it has bytes (75 ns each, measured on 1080p of H.264). Of a film this long so many a second
/// are decoded that 8 hours take two cores little more than a minute.
constexpr int64_t kLongMs = 3 * 3'600'000;
constexpr int64_t kBytesASecond = 40'000;

}  // namespace

Analysis::Analysis(Input& input, Report& report, bool isLive) : input_(input), report_(report), isLive_(isLive), soundQueue_(kMostSoundWaiting, kSoundBatch) {}

bool Analysis::run() {
  report_.start(input_.totalMs());
  openSound();
  openPicture();
  if (sound_ == nullptr && picture_ == nullptr) {
    report_.error("MEDIA_BROKEN", "Neither the sound nor the picture of the file can be decoded. Try another copy of it, or convert it with FFmpeg.");
    return false;
  }
  board_ = std::make_unique<BinBoard>(report_, sound_ != nullptr, picture_ != nullptr);
  std::thread soundThread([this] {
    Parcel parcel;
    while (soundQueue_.pop(parcel)) sound_->take(*parcel.packet);
    if (sound_ != nullptr) sound_->finish();
  });
  readAll();
  soundQueue_.close();
  soundThread.join();
  if (picture_ != nullptr) picture_->drain();
  return finish();
}

void Analysis::openSound() {
  if (input_.audio() == nullptr) return;
  sound_ = std::make_unique<SoundTrack>(
      SoundSink{[this](int64_t bin, const SoundBin& values) { board_->sound(bin, values); }, [this](int64_t from, int64_t to) { report_.silence(from, to); }},
      [this](int64_t from, int64_t to) { gap(from, to, "sound"); });
  std::string why;
  if (sound_->open(input_.audio(), why)) return;
  report_.note(why);
  sound_.reset();
}

void Analysis::openPicture() {
  if (input_.video() == nullptr) return;
  picture_ = std::make_unique<PictureTrack>(PictureSink{[this](int64_t bin, const PictureBin& values) { board_->picture(bin, values); },
                                                        [this](int64_t at) { report_.shot(at); },
                                                        [this](int64_t from, int64_t to) { gap(from, to, "picture"); }});
  std::string why;
  // Two share what the sound leaves of two cores; live there is time enough.
  if (!picture_->open(input_.video(), isLive_ ? 1 : 2, why)) {
    report_.note(why);
    picture_.reset();
    return;
  }
  if (!isLive_ && input_.totalMs() > kLongMs) picture_->thin(kBytesASecond);
  const double seconds = input_.keyframeSeconds();
  if (seconds > kLongestKeyframeSeconds) decodeAll(seconds);
  else if (seconds > 0) input_.readKeyframesOnly();
}

void Analysis::decodeAll(double seconds) {
  picture_->decodeAll();
  char text[200];
  snprintf(text, sizeof text, "Keyframes lie %.1f s apart on average, so everything was decoded and one picture a second used, which takes longer.", seconds);
  report_.note(text);
}

void Analysis::readAll() {
  Steady::time_point said = Steady::now();
  for (;;) {
    PacketPtr packet = decoder::makePacket();
    const Input::Next next = input_.read(packet.get());
    if (next == Input::Next::End) return;
    if (next == Input::Next::Damaged) {
      lose();
      continue;
    }
    take(std::move(packet));
    const Steady::time_point now = Steady::now();
    if (now - said < kProgressEvery) continue;
    said = now;
    report_.progress(std::max<int64_t>(0, std::max(nextUs_[0], nextUs_[1]) / 1000));
  }
}

void Analysis::take(PacketPtr packet) {
  const bool isPicture = input_.video() != nullptr && packet->stream_index == input_.video()->index;
  const AVStream* stream = isPicture ? input_.video() : input_.audio();
  const int64_t stamp = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
  packet->pts = stamp != AV_NOPTS_VALUE ? input_.placeUs(stream, stamp) : nextUs_[isPicture];
  packet->dts = AV_NOPTS_VALUE;
  packet->duration = std::clamp<int64_t>(av_rescale_q(packet->duration, stream->time_base, kMicroseconds), 0, kLeapUs);
  if (!isPlausible(packet->pts)) {
    lose();
    return;
  }
  if (lostUs_ >= 0) damage_.add(lostUs_ / 1000, packet->pts / 1000);
  lostUs_ = -1;
  nextUs_[isPicture] = packet->pts + packet->duration;
  if (isPicture) {
    takePicture(std::move(packet));
  } else if (sound_ != nullptr && packet->pts >= soundFromUs_) {
    soundQueue_.push({std::move(packet), 0});
  }
}

/// A packet that leaps ahead is followed by others there, or its timestamp is broken and would make hours of nothing.
bool Analysis::isPlausible(int64_t placeUs) {
  const int64_t furthestUs = std::max(nextUs_[0], nextUs_[1]);
  if (placeUs <= furthestUs + kLeapUs) return true;
  const bool isConfirmed = leapUs_ >= 0 && std::abs(placeUs - leapUs_) < kLeapUs && placeUs <= std::max(furthestUs, input_.totalMs() * 1000) + kFarthestLeapUs;
  leapUs_ = isConfirmed ? -1 : placeUs;
  return isConfirmed;
}

void Analysis::takePicture(PacketPtr packet) {
  if (picture_ == nullptr) return;
  const int64_t placeUs = packet->pts;
  picture_->take(std::move(packet));
  if (input_.readsKeyframesOnly()) input_.readNextToo(picture_->wantsNext());
  if (!picture_->decodesAll() && !input_.readsKeyframesOnly()) checkKeyframes(placeUs);
}

/// For what has no index that would have told before.
void Analysis::checkKeyframes(int64_t placeUs) {
  if (picture_->meanSeconds() > kLongestKeyframeSeconds) {
    decodeAll(picture_->meanSeconds());
    return;
  }
  const int64_t sinceUs = placeUs - picture_->lastKeyframeUs();
  if (isLive_ || wentBack_ || picture_->lastKeyframeUs() < 0 || sinceUs < kPatienceUs) return;
  wentBack_ = true;
  const int64_t soundEndUs = nextUs_[0];
  if (!input_.seekBack(picture_->lastKeyframeUs())) return;
  soundFromUs_ = soundEndUs;
  decodeAll(double(sinceUs) / 1e6);
}

void Analysis::lose() {
  unreadable_++;
  if (lostUs_ < 0) lostUs_ = std::max(nextUs_[0], nextUs_[1]);
}

void Analysis::gap(int64_t fromMs, int64_t toMs, const char* what) {
  report_.gap(fromMs, toMs, what);
  damage_.add(fromMs, toMs);
}

void Analysis::tellDamage() {
  const bool isDamaged = unreadable_ > 0 || (sound_ != nullptr && sound_->damagedPackets() > 0) || (picture_ != nullptr && picture_->damagedPictures() > 0);
  if (lostUs_ >= 0) damage_.add(lostUs_ / 1000, lostUs_ / 1000);
  const std::string places = damage_.places();
  if (isDamaged) report_.note("The file is damaged" + (places.empty() ? "" : " in " + places) + ": that was skipped, and the rest was used. " + kRemedy);
  else if (!places.empty()) report_.note("There is no sound in " + places + ": it was not recorded, or the file is damaged there. " + kRemedy);
}

bool Analysis::finish() {
  const int64_t soundEndMs = sound_ != nullptr && sound_->hasAny() ? sound_->endMs() : 0;
  int64_t pictureEndMs = picture_ != nullptr ? picture_->endMs() : 0;
  // Of the pictures behind the last keyframe nothing was read.
  if (pictureEndMs > 0 && input_.readsKeyframesOnly()) pictureEndMs = std::max(pictureEndMs, input_.indexedEndMs());
  const int64_t totalMs = input_.totalMs();
  const int64_t durationMs = std::min(std::max(soundEndMs, pictureEndMs), kMostBins * kBinMs);
  if (durationMs <= 0) {
    report_.error("MEDIA_BROKEN", "The file was opened, but nothing in it can be read. Try another copy of it.");
    return false;
  }
  // What the last packets stick out by is no second of its own.
  const int64_t bins = std::max<int64_t>(1, (durationMs - kStickingOutMs + kBinMs - 1) / kBinMs);
  if (picture_ != nullptr) picture_->finish(std::min(durationMs, bins * kBinMs));
  board_->finish(bins);
  if (totalMs > durationMs + kLostEndMs) {
    report_.gap(durationMs, totalMs, "both");
    report_.note("The file says that it is " + clockTime(totalMs) + " long, but nothing could be read after " + clockTime(durationMs) + ". " + kRemedy);
  }
  if (picture_ != nullptr && picture_->leftOut() > 0 && durationMs > 0) {
    char text[200];
    snprintf(text, sizeof text, "The film is long and its keyframes are large, so one every %.1f s was looked at.", double(durationMs) / 1e3 / double(picture_->looked()));
    report_.note(text);
  }
  tellDamage();
  report_.end({durationMs, input_.bytesRead()});
  return true;
}

}  // namespace vistter::features
