#include "decoder/containers.h"

#include "decoder/av.h"

namespace vistter::decoder {

const char kContainers[] =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,flv,mpegts,mpeg,mpegvideo,avi,asf,mxf,nut,ivf,dv,ogg,mp3,aac,wav,w64,flac,aiff,"
    "caf,ac3,eac3,opus,gif,apng";

InputFault faultOf(int averror) {
  switch (averror) {
    case AVERROR(ENOENT): return {"MEDIA_MISSING", "The file does not exist."};
    case AVERROR(EACCES): return {"MEDIA_UNREADABLE", "The file may not be read."};
    case AVERROR_PROTOCOL_NOT_FOUND: return {"MEDIA_FORBIDDEN", "Only files can be opened."};
    case AVERROR_INVALIDDATA:
    case AVERROR(EINVAL):
    case AVERROR(ENOMEM):  // A header asks for more than a machine has.
      return {"MEDIA_INVALID", "The file is damaged, or is not of a kind that can be played (playlists are not)."};
    default: return {"MEDIA_UNREADABLE", "The file cannot be read: " + avError(averror) + "."};
  }
}

}  // namespace vistter::decoder
