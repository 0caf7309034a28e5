// Where an FLV goes on behind what is broken in it. libav finds its next tag by itself, unless the size that a broken one names leads behind the
// end of the file: that it takes for the end.
#pragma once

#include <cstdint>

#include "features/byte_source.h"

namespace vistter::features {

/// The first tag behind the first broken one from `from` on, which is where a tag begins; negative: all is whole to the end, or nothing follows.
int64_t flvTagBehindDamage(const ByteSource& source, int64_t from);

}  // namespace vistter::features
