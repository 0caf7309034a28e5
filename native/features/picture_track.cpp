#include "features/picture_track.h"

namespace vistter::features {

namespace {

/// Of streams that are keyframes throughout not every one is looked at.
constexpr int64_t kClosestUs = 400'000;
constexpr int64_t kClosestMs = 250;
/// Of what lies behind a keyframe no more is decoded: at 30 a second as much as is wanted, and what no other is made from costs nothing.
constexpr int kMostBesides = 3;
/// Of a film whose keyframes are not all looked at one has to do. It takes as long as that many bytes of a keyframe, and its own.
constexpr int kMostBesidesOfThin = 1;
constexpr double kBesideBytes = 25'000;
/// What a quiet stretch leaves for a lively one, bytes.
constexpr double kMostSaved = 2e6;
/// Of packets that wait for one worker: some seven keyframes of 1080p.
constexpr int64_t kMostWaiting = 1 << 20;

}  // namespace

bool PictureTrack::open(const AVStream* stream, int workers, std::string& why) {
  const WorkerSink sink{
      [this](int64_t group, const Thumb& thumb) { arrive(group, Kind::Picture, thumb); },
      [this](int64_t group, const Thumb& thumb) { arrive(group, Kind::Beside, thumb); },
      [this](int64_t group, int64_t atMs) {
        Thumb thumb;
        thumb.atMs = atMs;
        arrive(group, Kind::Damaged, thumb);
      },
      [this](int64_t group) {
        const std::lock_guard<std::mutex> lock(mutex_);
        groups_[group].ended = true;
        release();
      }};
  for (int i = 0; i < workers; i++) {
    workers_.push_back(std::make_unique<PictureWorker>(stream, sink, kMostWaiting));
    why = workers_.back()->fault();
    if (!why.empty()) return false;
  }
  return true;
}

void PictureTrack::take(decoder::PacketPtr packet) {
  const int64_t placeUs = packet->pts;
  const bool isKey = (packet->flags & AV_PKT_FLAG_KEY) != 0;
  endMs_ = std::max(endMs_, (placeUs + packet->duration) / 1000);
  const bool isFirst = isKey && isWanted(placeUs, packet->size);
  if (isFirst) beginGroup();
  if (worker_ == nullptr) return;
  const bool isBeside = !isFirst && !all_;
  if (isBeside) {
    besides_++;
    besideUs_ += packet->duration;
    allowance_ -= double(packet->size) + kBesideBytes;
  }
  worker_->push({std::move(packet), group_, isBeside});
  if (isBeside && (besides_ >= (bytesASecond_ > 0 ? kMostBesidesOfThin : kMostBesides) || besideUs_ >= kBesideUs)) endGroup();
}

/// Of a keyframe.
bool PictureTrack::isWanted(int64_t placeUs, int64_t bytes) {
  if (lastKeyUs_ >= 0 && placeUs > lastKeyUs_) {
    const double seconds = double(placeUs - lastKeyUs_) / 1e6;
    intervalSum_ += seconds;
    intervals_++;
    allowance_ = std::min(allowance_ + seconds * double(bytesASecond_), kMostSaved);
  }
  lastKeyUs_ = placeUs;
  if (all_) return true;
  if (placeUs - lastUsedUs_ < kClosestUs && placeUs >= lastUsedUs_) return false;
  if (bytesASecond_ > 0 && allowance_ < 0) {
    leftOut_++;
    return false;
  }
  allowance_ -= double(bytes);
  lastUsedUs_ = placeUs;
  return true;
}

void PictureTrack::beginGroup() {
  endGroup();
  group_++;
  besides_ = 0;
  besideUs_ = 0;
  const auto least = [](const auto& a, const auto& b) { return a->waitingBytes() < b->waitingBytes(); };
  worker_ = std::min_element(workers_.begin(), workers_.end(), least)->get();
}

void PictureTrack::endGroup() {
  if (worker_ != nullptr) worker_->push({nullptr, group_});
  worker_ = nullptr;
}

void PictureTrack::drain() {
  endGroup();
  for (const auto& worker : workers_) worker->finish();
}

void PictureTrack::finish(int64_t endMs) { bins_.finish(endMs); }

void PictureTrack::arrive(int64_t group, Kind kind, const Thumb& thumb) {
  const std::lock_guard<std::mutex> lock(mutex_);
  groups_[group].pictures.emplace_back(kind, thumb);
  release();
}

/// Hands on what comes next in the file's order.
void PictureTrack::release() {
  for (auto at = groups_.find(nextGroup_); at != groups_.end(); at = groups_.find(nextGroup_)) {
    for (const auto& [kind, thumb] : at->second.pictures) use(kind, thumb);
    at->second.pictures.clear();
    if (!at->second.ended) return;
    groups_.erase(at);
    nextGroup_++;
  }
}

void PictureTrack::use(Kind kind, const Thumb& thumb) {
  switch (kind) {
    case Kind::Picture:
      isLastUsed_ = thumb.atMs - lastPictureMs_ >= kClosestMs;
      if (!isLastUsed_) return;
      lastPictureMs_ = thumb.atMs;
      return bins_.add(thumb);
    case Kind::Beside:
      if (isLastUsed_) bins_.beside(thumb);
      return;
    case Kind::Damaged:
      damaged_++;
      return bins_.damaged(thumb.atMs);
  }
}

}  // namespace vistter::features
