// The columns of a bin, in the order in which they are written. Their names, units and meanings are those of
// src/sidecar/features/table.ts; a name that is not known there stops the reader.
#pragma once

#include <array>
#include <limits>

namespace vistter::features {

/// Of how the columns are computed; grows with every change of what a value means.
constexpr int kVersion = 2;
constexpr int kBinMs = 1000;
constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

enum Sound : int {
  RmsMean, RmsStd, LoudnessMomentary, LoudnessShortTerm, LoudnessVariance, ZeroCrossings, CentroidHz, RolloffHz, Flatness, Flux,
  Mfcc0, Mfcc12 = Mfcc0 + 12, HfEnergy, TempoBpm, BeatStrength, Onsets, Silence, Voice, SoundColumns
};

enum Picture : int { MotionMean, MotionStd, EdgeMean, EdgeStd, ColorVariance, Brightness, Cut, Blur, Black, Freeze, MotionNow, PictureColumns };

constexpr std::array<const char*, SoundColumns> kSoundNames{
    "rmsMean", "rmsStd", "loudnessMomentary", "loudnessShortTerm", "loudnessVariance", "zeroCrossings", "centroidHz", "rolloffHz", "flatness",
    "flux",    "mfcc0",  "mfcc1",             "mfcc2",             "mfcc3",            "mfcc4",         "mfcc5",      "mfcc6",     "mfcc7",
    "mfcc8",   "mfcc9",  "mfcc10",            "mfcc11",            "mfcc12",           "hfEnergy",      "tempoBpm",   "beatStrength",
    "onsets",  "silence", "voice"};

constexpr std::array<const char*, PictureColumns> kPictureNames{"motionMean", "motionStd", "edgeMean", "edgeStd", "colorVariance",
                                                                "brightness", "cut",       "blur",     "black",   "freeze",
                                                                "motionNow"};

using SoundBin = std::array<float, SoundColumns>;
using PictureBin = std::array<float, PictureColumns>;

inline SoundBin unknownSound() {
  SoundBin bin;
  bin.fill(kUnknown);
  return bin;
}

inline PictureBin unknownPicture() {
  PictureBin bin;
  bin.fill(kUnknown);
  return bin;
}

}  // namespace vistter::features
