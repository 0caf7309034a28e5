/**
 * The one door to the native core (`native/addon`). Pixels and samples stay on the other side of it: what crosses is
 * plans, counters, and overlay pictures when they change.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ServerError } from '../runtime/errors.js';
import { INSTALL_ROOT } from '../runtime/paths.js';

/** Bumped on both sides when the shape below changes; a mismatch stops the engine at load. */
export const NATIVE_ABI = 8;

export type Fit = 'contain' | 'cover' | 'fill';

/** A layer as the compositor takes it: one source or overlay in a place. Places are 0..1 of the frame. */
export interface NativeLayer {
  /** Id given to `addSource` or `setPicture`. An unknown id draws the fallback of the program. */
  sourceId: string;
  x: number;
  y: number;
  width: number;
  height: number;
  fit: Fit;
  /** 0..1. */
  opacity: number;
  /** Parts cut off each side of the source, 0..1 of its size. */
  crop: { left: number; top: number; right: number; bottom: number };
  /** Linear gain; 0 is muted. Ignored for pictures. */
  gain: number;
}

/** A step of the way from one stack of layers to another, each over what lies below; the sound of both goes with it. */
export interface NativeMix {
  mix: {
    from: NativeNode[];
    to: NativeNode[];
    transition: NativeTransition;
    /** 0..frames-1. */
    step: number;
    /** The part of the frame within which it goes on, 0..1; around it all is as it will be. Left out: the whole. */
    area?: { x: number; y: number; width: number; height: number };
  };
}
export type NativeNode = NativeLayer | NativeMix;

export interface NativeScene {
  /** Echoed in stats as the scene on program; what is planned for a scene goes by it. */
  id: string;
  /** From the bottom to the top. */
  layers: NativeNode[];
  /** What is first drawn of it on program stays up, without overlays, and it is silent. */
  frozen?: boolean;
  /** Of a cover that fills the frame: it is seen and heard though all else is faded to black. */
  overBlack?: boolean;
}

/** What a scene becomes on a frame. */
export interface NativePlanned {
  frame: number;
  scene: NativeScene;
}

/** Directions say where things move: `push-left` brings the new scene in from the right. */
export type TransitionKind =
  | 'cut' | 'fade' | 'dip'
  | 'wipe-left' | 'wipe-right' | 'wipe-up' | 'wipe-down'
  | 'slide-left' | 'slide-right' | 'slide-up' | 'slide-down'
  | 'push-left' | 'push-right' | 'push-up' | 'push-down';

export interface NativeTransition {
  kind: TransitionKind;
  /** Mixed program frames between the last of the old scene and the first of the new one alone; 0 is a cut. */
  frames: number;
  /** `dip` only: the colour to pass through, 0xRRGGBB. */
  color?: number;
}

export interface NativeSourceOptions {
  id: string;
  /** `live`: shown as it comes, behind a small jitter buffer. `file`: played by its own timestamps from when it is started. */
  mode: 'live' | 'file';
  /** Picture slots of its rings. */
  slots: number;
  /** Id of the source or picture that stands in while this one is gone; null: the program's slate. */
  fallbackId: string | null;
  /** Added to sound and picture alike. A live source can be delayed by what its slots hold beyond 200 ms of jitter buffer. */
  delayUs: number;
  /** It will never have a picture: its layers are heard and draw nothing, no fallback either. */
  soundOnly?: boolean;
  /** The id by which the mixer, meters and monitors know its sound: several may share one. Left out: its own. */
  soundId?: string;
}

/** What is set at the mixer. Reached without a click, a gain by the end of the next frame. */
export interface NativeSound {
  /** Linear, of the program, before its limiter. */
  gain: number;
  /** Those left out have their plain sound. */
  sources: {
    /** A `soundId`; it need not be there yet. */
    id: string;
    /** Linear, multiplied with that of layers. */
    gain: number;
    /** Its sound is held back by this much, to the sample; a second at most. */
    delayUs: number;
    /** Heard whatever is on program, unless something that fills the frame lies over that. */
    always: boolean;
  }[];
}

/** A mix for listening, beside the program. */
export interface NativeMonitorWish {
  /** 0..65535. */
  id: number;
  /** By their `soundId`: as they come in, held back but not faded. None: the program as it goes out. */
  sources: string[];
}

export interface NativeMonitorSound {
  id: number;
  /** Number of its first sample frame since the mix began, lost ones included. */
  at: number;
  /** 48 kHz stereo, 16 bits, little-endian. */
  pcm: Buffer<ArrayBuffer>;
}

export interface NativeSourceStats {
  id: string;
  /** `waiting`: no picture yet. `live`: frames come. `late`: repeating its last. `gone`: the fallback stands in. `ended`: a file at its end. */
  state: 'waiting' | 'live' | 'late' | 'gone' | 'ended';
  /** Files: the first picture, or the sound, is there to be played. */
  ready: boolean;
  /** Since its last new frame, ms; -1 when there was none. */
  ageMs: number;
  width: number;
  height: number;
  /** Frames taken from its rings, and those that were never shown because a newer one was due. */
  shown: number;
  skipped: number;
  dropped: number;
  /** Source frames repeated on program ticks while it should have had a new one. */
  repeated: number;
  /** Source time to program time now, in µs; its slope is the source's clock drift. */
  offsetUs: number;
  /** How far the sound was from where it belonged at the last tick, µs. */
  audioErrorUs: number;
  audioUnderruns: number;
  /**
   * The last frame in which it stood in for a source that was gone, had ended or had no picture yet; -1: never. While it
   * does, this is the frame of the stats. A file plays for as long as it stands in, wanted by `setPlaying` or not.
   */
  stoodInFrame: number;
}

export interface NativeFeedStats {
  id: number;
  /** Frames waiting for the encoder to read them, of `capacity`. */
  queued: number;
  capacity: number;
  written: number;
  dropped: number;
  /** CLOCK_MONOTONIC µs of the last whole frame the encoder took; feeds its watchdog. */
  progressUs: number;
  /** Absolute number of the first frame fed. */
  firstFrame: number;
  /** The encoder closed its end. */
  broken: boolean;
}

/** What a scene that is over the program has shown. */
export interface NativeCoverCounts {
  sceneId: string;
  /**
   * Frames in which something of it was not there to be seen: a fallback or the slate stood in, or a picture had stood for more
   * than 200 ms though a new one was due. Of what is only heard: in which it was not there to be heard.
   */
  missed: number;
  /** Of those the ones in which nothing of it was there. */
  blank: number;
}

export interface NativeStats {
  sceneId: string;
  /** The last frame rendered. */
  frame: number;
  rendered: number;
  /** Ticks that began more than one frame after they were due. */
  late: number;
  /** Ticks that were skipped because the machine stood still for longer than the clock catches up. */
  skipped: number;
  /** Program frames where a live source on screen had to repeat. */
  repeated: number;
  /** Composition time a frame, µs, over the last 300 frames. */
  composeUsAvg: number;
  composeUsP99: number;
  inTransition: boolean;
  /** How far all that goes out is faded to black, 0..1. */
  black: number;
  /** The scene that is over the program, or comes; '' when there is none. */
  coverId: string;
  /** It comes or goes. */
  coverInTransition: boolean;
  /** Of scenes that are over the program, or were in the last 1000 frames. */
  covers: NativeCoverCounts[];
  sources: NativeSourceStats[];
  feeds: NativeFeedStats[];
  /** Small pictures made, and those that a newer one replaced before they were made or fetched. */
  tiles: { made: number; dropped: number };
}

/** A picture wanted small: that of a source, of the program (id `program`), or of a scene. */
export interface NativeTileWish {
  id: string;
  /** Drawn as it would be on program, of the pictures that are there; the id is only its name then. */
  scene?: NativeScene;
  /** With what lies over the program; only with a scene. */
  overlays?: boolean;
  /** The box it has to fit, pixels. */
  width: number;
  height: number;
  everyUs: number;
}

export interface NativeTile {
  id: string;
  /** The program frame at which its picture was there. */
  frame: number;
  width: number;
  height: number;
  jpeg: Buffer<ArrayBuffer>;
}

/** Peak and RMS, dBFS, floor -100. `id` is a `soundId`. */
export interface NativeLevel {
  id: string;
  peak: [number, number];
  rms: [number, number];
}

/**
 * One program: its clock, compositor and mixer, on threads of their own.
 * Frame n is due at n·fpsDen/fpsNum seconds of CLOCK_MONOTONIC, so frame numbers agree across restarts.
 */
export interface NativeProgram {
  addSource(options: NativeSourceOptions): void;
  updateSource(id: string, change: { fallbackId?: string | null; delayUs?: number }): void;
  /** Frees what it holds; layers that name it draw the slate. */
  removeSource(id: string): void;
  /**
   * Makes a fresh ring for a decoder about to start and returns its descriptor, to be passed as fd 3 and then closed
   * with `closeFd`. The old ring's last frame stays up until the new one has its first.
   */
  openRing(sourceId: string): number;
  /** The decoder has ended: nothing more will come from the present ring. */
  detachRing(sourceId: string): void;
  /** File sources: where the present ring stands. `armed` holds the first frame; `playing` lets time run from the next tick. */
  setPlaying(sourceId: string, playing: boolean): void;
  /**
   * File sources: the file's time `positionUs` belongs at program frame `frame`, past or to come. It stands until then, and
   * until `beginFrame`; a picture that comes late, also one of another ring, joins in where it should be by then. Holds until
   * `setPlaying`. One that is to stand before that, by `holdFrom`, goes on until then.
   */
  playFrom(sourceId: string, frame: number, positionUs: number, beginFrame: number): void;
  /** File sources: what is shown at `frame` stays up from there on, and it falls silent. */
  holdFrom(sourceId: string, frame: number): void;
  /**
   * Sets or replaces a picture (overlay, image, slate) from premultiplied RGBA, `stride` bytes a row. Shown from the next
   * tick. Sized in program pixels: a picture is drawn 1:1 when its layer's place has its size, else scaled.
   */
  setPicture(id: string, width: number, height: number, rgba: Uint8Array, stride: number): void;
  removePicture(id: string): void;
  /** The picture that stands in for whatever has no fallback of its own. */
  setSlate(pictureId: string): void;
  /**
   * Puts a scene on program from the next tick. Returns the first frame that shows it.
   * A transition still running is completed first. `films`: file sources that are set playing with that frame.
   */
  take(scene: NativeScene, transition: NativeTransition, films?: string[]): { frame: number };
  /** The same not before `frame`; on the next one when that has passed. */
  takeAt(frame: number, scene: NativeScene, transition: NativeTransition, films?: string[]): { frame: number };
  /**
   * By hand: the way from what is on program to a scene has been gone as far as `position`, 0..1, in picture and sound, from the next
   * frame until another word. The first position above 0 begins it, with its films; another scene takes the place of the one it leads
   * to, null: the same as before. 1: that scene is on program; 0: all is as it was. A take ends it, and goes out from what was on
   * program. Of the transition the frames do not matter, and a cut is none.
   */
  bar(position: number, scene: NativeScene | null, transition: NativeTransition, films?: string[]): { frame: number };
  /**
   * Fades all that goes out to black, or back, from the next frame on; `frames` of them are mixed. Overlays, covers and sound too, but
   * for a cover that is `overBlack`. What is beneath goes on.
   */
  black(on: boolean, frames: number): { frame: number };
  /**
   * Puts a scene over the program, overlays included, not before `frame`; null takes away what is there. What `fills` hides and
   * silences all beneath, which goes on meanwhile; what does not lies over the program and under the overlays, and its transition
   * goes on in its own place. Of those to come, the ones from `frame` on are forgotten. Returns the frame on which it begins, from
   * which its transition counts.
   */
  coverAt(frame: number, scene: NativeScene | null, fills: boolean, transition: NativeTransition, films?: string[]): { frame: number };
  /**
   * Plans what the scene of that id becomes, on program, over it, or on the way there or away: `entries`, by rising frame, replace
   * all that was planned for it from `fromFrame` on. Of entries whose frame has passed the last one takes effect with the
   * next frame. Returns that next frame. An empty list forgets the plan.
   */
  plan(sceneId: string, fromFrame: number, entries: NativePlanned[]): { frame: number };
  /** Replaces the layers of the scene on program without a transition (an edit). */
  updateScene(scene: NativeScene, films?: string[]): { frame: number };
  /** Pictures drawn over whatever is on program, transitions included (clock, lower third). Later ones on top. */
  setOverlays(layers: NativeLayer[]): { frame: number };
  /**
   * Opens a feed for one encoder: NUT with raw I420 and 48 kHz stereo f32 PCM. Returns the read end of its pipe, to be
   * the encoder's stdin and then closed with `closeFd`. Timestamps begin at 0 with frame `firstFrame`, which is settled
   * here (the next frame to be rendered), because the encoder must be told when that is before it starts.
   * @param queueFrames frames that may wait for the encoder; the newest is dropped beyond that
   */
  openFeed(queueFrames: number): { id: number; fd: number; firstFrame: number };
  /** Ends the feed after the frames already queued; the encoder sees end of file. */
  closeFeed(id: number): void;
  stats(): NativeStats;
  /** Meters of the program bus (id `program`), as it goes out, and each source, before its gain, since the last call. */
  levels(): NativeLevel[];
  /** Sets the mixer, in the place of all that was set. Returns the frame from which it is heard. */
  setSound(sound: NativeSound): { frame: number };
  /** These mixes are made from now on; one that was wished for before goes on. Of none, nothing is done. */
  wishMonitors(monitors: NativeMonitorWish[]): void;
  /** What of them was made since the last call. Two thirds of a second are kept; what comes then is lost. */
  takeMonitors(): NativeMonitorSound[];
  /** Tiles are made of these from now on; of none, nothing is done. */
  wishTiles(tiles: NativeTileWish[]): void;
  /** Those made since the last call, of each the newest. */
  takeTiles(): NativeTile[];
  /** Stops the clock and frees everything. Calling it again does nothing. */
  stop(): void;
}

export interface NativeProgramOptions {
  width: number;
  height: number;
  fpsNum: number;
  fpsDen: number;
}

export interface NativeCore {
  abi: number;
  createProgram(options: NativeProgramOptions): NativeProgram;
  closeFd(fd: number): void;
  /** CLOCK_MONOTONIC in µs: the clock that frame numbers and `progressUs` are counted on. */
  monotonicUs(): number;
}

/** Loads the addon and checks that it is the one this code was written for. */
export function loadNativeCore(): NativeCore {
  const path = join(INSTALL_ROOT, 'native/build/vistter.node');
  let core: NativeCore;
  try {
    core = createRequire(import.meta.url)(path) as NativeCore;
  } catch (cause) {
    throw new ServerError('NATIVE_MISSING', 'The native core is not built. Run "npm run build:native" and start again.', { cause });
  }
  if (core.abi !== NATIVE_ABI) {
    throw new ServerError('NATIVE_ABI', `The native core has version ${core.abi}, ${NATIVE_ABI} is needed. Run "npm run build:native".`);
  }
  return core;
}
