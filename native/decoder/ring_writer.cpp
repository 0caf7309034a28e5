#include "decoder/ring_writer.h"

#include <algorithm>
#include <cmath>

#include "decoder/events.h"

namespace vistter::decoder {

namespace {
// Of a file, the consumer frees slots at its own ticks and has no way to call us. There are hundreds of milliseconds ahead of
// it then, and every look costs a wake-up of a thread: at 3 ms a handful of open films cost 3 % of a core.
constexpr int64_t kPollUs = 12000;
constexpr double kSampleUs = 1e6 / kAudioRate;
}  // namespace

bool PictureWriter::write(const AVFrame& frame, const FramePlace& place, const std::function<bool()>& wanted) {
  RingProducer& ring = job_.ring;
  PictureInfo info;
  info.flags = place.flags;
  info.ptsUs = place.ptsUs;
  info.durationUs = place.durationUs;
  info.arrivalUs = place.arrivalUs;
  info.epoch = place.epoch;
  int slot = frames_.slotOf(frame);
  if (slot >= 0 && converter_.takesAsIs(frame, place.turn, place.sampleAspect)) {
    info.width = uint32_t(frame.width);
    info.height = uint32_t(frame.height);
    info.lines = SlotFrames::linesOf(frame);
    // A picture that a codec puts out twice is copied the second time.
    if (ring.publish(slot, info)) return true;
    info.lines = 0;
  }
  slot = ring.claim(place.epoch);
  while (slot < 0) {
    if (ring.live()) {
      job_.counters.framesSkipped++;
      return false;
    }
    if (!wanted() || !job_.sleepUs(kPollUs)) return false;
    slot = ring.claim(place.epoch);
  }
  const int64_t began = monotonicUs();
  const PictureConverter::Shape shape = converter_.shapeOf(frame, place.turn, place.sampleAspect);
  if (!converter_.convert(frame, place.turn, place.sampleAspect, ring.pixels(slot))) {
    ring.abandon(slot);
    job_.counters.decodeErrors++;
    const char* name = av_get_pix_fmt_name(AVPixelFormat(frame.format));
    sendError("PIXEL_FORMAT", std::string("Pictures of the format ") + (name ? name : "unknown") + " cannot be shown.");
    return false;
  }
  info.width = shape.width;
  info.height = shape.height;
  if (shape.alpha) info.flags |= kSlotHasAlpha;
  ring.publish(slot, info);
  job_.counters.convertUs += uint64_t(monotonicUs() - began);
  job_.counters.framesConverted++;
  return true;
}

bool SoundWriter::write(const float* samples, size_t frames, double ptsUs, uint32_t epoch, int64_t arrivalUs,
                        const std::function<bool()>& wanted) {
  RingProducer& ring = job_.ring;
  ring.anchorAudio(epoch, int64_t(std::llround(ptsUs)), arrivalUs);
  while (frames > 0) {
    const size_t room = size_t(std::min<uint64_t>(ring.audioRoom(), frames));
    if (room == 0) {
      if (!wanted() || !job_.sleepUs(kPollUs)) return false;
      continue;
    }
    ring.writeAudio(samples, room);
    if (samples != nullptr) samples += room * kAudioChannels;
    frames -= room;
    ptsUs += double(room) * kSampleUs;
  }
  return true;
}

}  // namespace vistter::decoder
