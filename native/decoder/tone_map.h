// High dynamic range (BT.2020 with PQ or HLG) → BT.709 as a television shows it. One look-up a pixel, in a table made when
// the first such frame comes. Good enough to put a phone's HDR clip on air; no grading tool.
#pragma once

#include <cstdint>
#include <vector>

#include "decoder/color_matrix.h"

namespace vistter::decoder {

enum class Transfer : uint8_t { Sdr, Pq, Hlg };

struct Rgb {
  double red, green, blue;
};

/// A nonlinear BT.2020 colour, 0..1 → a nonlinear BT.709 one, 0..1. Reference white (203 cd/m²) lands at 90 % light;
/// what is brighter is rolled off rather than clipped, hue kept.
Rgb toneMap(Transfer transfer, Rgb color);

class ToneMapper {
 public:
  /// Makes the table for `transfer` and `fullRange` if it is not the one at hand (some 200 ms).
  void prepare(Transfer transfer, bool fullRange);
  /// Converts a whole 8-bit I420 picture of non-constant-luminance BT.2020. The planes must not overlap.
  void convert(PlanesView from, Planes to, int width, int height) const;

 private:
  static constexpr int kGrid = 65;   // Steps of each chroma axis; between them it is interpolated.
  static constexpr int kStep = 4;
  const uint8_t* row(int plane, int u, int v) const { return table_.data() + ((size_t(plane) * kGrid + size_t(u)) * kGrid + size_t(v)) * 256; }

  Transfer transfer_ = Transfer::Sdr;
  bool fullRange_ = false;
  std::vector<uint8_t> table_;
};

}  // namespace vistter::decoder
