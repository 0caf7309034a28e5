// One pass over a recording: reads, hands sound and picture to their threads, and says what came of it.
#pragma once

#include <memory>
#include <string>

#include "features/bin_board.h"
#include "features/damage.h"
#include "features/input.h"
#include "features/packet_queue.h"
#include "features/picture_track.h"
#include "features/report.h"
#include "features/sound_track.h"

namespace vistter::features {

class Analysis {
 public:
  /// `isLive`: it is still being recorded, and there is time.
  Analysis(Input& input, Report& report, bool isLive);
  /// False when nothing could be used; why is reported.
  bool run();

 private:
  void openSound();
  void openPicture();
  void decodeAll(double seconds);
  void readAll();
  void take(decoder::PacketPtr packet);
  bool isPlausible(int64_t placeUs);
  void takePicture(decoder::PacketPtr packet);
  void checkKeyframes(int64_t placeUs);
  void lose();
  void gap(int64_t fromMs, int64_t toMs, const char* what);
  void tellDamage();
  bool finish();

  Input& input_;
  Report& report_;
  const bool isLive_;
  std::unique_ptr<BinBoard> board_;
  std::unique_ptr<SoundTrack> sound_;
  std::unique_ptr<PictureTrack> picture_;
  PacketQueue soundQueue_;
  /// Where the next packet lies if it does not say; [1] is the picture's, µs.
  int64_t nextUs_[2] = {0, 0};
  /// What was read once is not taken again after going back.
  int64_t soundFromUs_ = INT64_MIN;
  /// Where a packet claimed to lie that nothing led to, µs; negative: none did.
  int64_t leapUs_ = -1;
  bool wentBack_ = false;
  int64_t unreadable_ = 0;
  /// From where on nothing was read that could be used, µs; negative: all was so far.
  int64_t lostUs_ = -1;
  Damage damage_;
};

}  // namespace vistter::features
