// The picture of a recording: which packets are decoded, by whom, and the pictures back in order.
//
// As long as keyframes come often enough, they alone are decoded, each with the next few pictures: what moves within a tenth of a second
// tells action from a room in which people walk about, which two pictures that lie seconds apart do not. Where keyframes lie more than 5 s
// apart on average, all is decoded that others are made from, and a picture a second is kept, likewise with one a moment later.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "features/picture_bins.h"
#include "features/picture_worker.h"

namespace vistter::features {

constexpr double kLongestKeyframeSeconds = 5;

class PictureTrack {
 public:
  explicit PictureTrack(PictureSink sink) : bins_(std::move(sink)) {}

  /// With so many threads. False with `why` when there is no decoder for it.
  bool open(const AVStream* stream, int workers, std::string& why);
  /// The packet's `pts` is its place from the recording's start, µs.
  void take(decoder::PacketPtr packet);
  /// Waits until all is decoded.
  void drain();
  /// After `drain`: writes what is left, up to `endMs`.
  void finish(int64_t endMs);

  /// Of keyframes no more than so many bytes a second are decoded; the same ones each time.
  void thin(int64_t bytesASecond) { bytesASecond_ = bytesASecond; }
  int64_t looked() const { return std::max<int64_t>(1, group_ + 1); }
  int64_t leftOut() const { return leftOut_; }

  /// Whether what comes next in the file's order is of use, keyframe or not.
  bool wantsNext() const { return worker_ != nullptr; }
  bool decodesAll() const { return all_; }
  /// From now on everything is decoded, from the next keyframe on.
  void decodeAll() { all_ = true; }
  /// Mean time between the keyframes seen so far, s; 0 before there were three.
  double meanSeconds() const { return intervals_ > 1 ? intervalSum_ / intervals_ : 0; }
  /// Where the last keyframe lay, µs; negative before there was one.
  int64_t lastKeyframeUs() const { return lastKeyUs_; }
  int64_t endMs() const { return endMs_; }
  int64_t damagedPictures() const { return damaged_; }

 private:
  enum class Kind { Picture, Beside, Damaged };
  struct Group {
    std::deque<std::pair<Kind, Thumb>> pictures;
    bool ended = false;
  };
  bool isWanted(int64_t placeUs, int64_t bytes);
  void beginGroup();
  void endGroup();
  void arrive(int64_t group, Kind kind, const Thumb& thumb);
  void use(Kind kind, const Thumb& thumb);
  void release();

  PictureBins bins_;
  std::vector<std::unique_ptr<PictureWorker>> workers_;
  bool all_ = false;
  PictureWorker* worker_ = nullptr;
  int64_t group_ = -1;
  /// Behind the group's keyframe.
  int besides_ = 0;
  int64_t besideUs_ = 0;
  int64_t lastKeyUs_ = -1;
  int64_t lastUsedUs_ = INT64_MIN / 2;
  int64_t bytesASecond_ = 0;
  /// What may be spent by now, bytes.
  double allowance_ = 0;
  int64_t leftOut_ = 0;
  double intervalSum_ = 0;
  int intervals_ = 0;
  int64_t endMs_ = 0;

  std::mutex mutex_;
  std::map<int64_t, Group> groups_;
  int64_t nextGroup_ = 0;
  int64_t lastPictureMs_ = INT64_MIN / 2;
  bool isLastUsed_ = false;
  int64_t damaged_ = 0;
};

}  // namespace vistter::features
