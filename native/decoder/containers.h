// Which files are opened at all, and what is said of those that cannot be.
//
// Only containers that hold their own media are opened. A playlist or concat script could name any file or host, and did
// reach loopback services in spite of a protocol list, so the format itself is refused.
#pragma once

#include <string>

namespace vistter::decoder {

/// libav's `format_whitelist`. Left out on purpose: hls, dash, concat, image2, sdp, rtsp, ffmetadata, lavfi, vapoursynth, tedcaptions …
extern const char kContainers[];

struct InputFault {
  std::string code;
  std::string message;
};

/// What libav's error at opening a file means for people.
InputFault faultOf(int averror);

}  // namespace vistter::decoder
