/** What every FFmpeg child of the sidecar is given. Pure. */

/** @param level how much it says: `info` where what is measured is said on descriptor 2. */
export function quiet(level: 'warning' | 'info' = 'warning'): string[] {
  return ['-nostdin', '-hide_banner', '-loglevel', level, '-nostats', '-progress', 'pipe:3', '-y'];
}

/** A picture of more is not decoded: it would take gigabytes. */
const MOST_PIXELS = 64 * 1024 * 1024;

/** A file, and where its own time begins: FFmpeg counts `-ss` from there, and everything else with `-copyts` not. */
export interface MediaFile { path: string; startSeconds: number }

export interface InputOptions {
  threads?: number;
  /** Of the file's own time. Decoding begins at the keyframe before. */
  fromSeconds?: number | undefined;
  /** Counted from there: bounds what is read. Left out, all is read until nobody wants more. */
  forSeconds?: number | undefined;
  /** What lies between that keyframe and there is given too, as for a picture that stands since before. */
  withBefore?: boolean;
  more?: readonly string[];
}

/**
 * One file, and never an address. Times stay the file's own (`-copyts`), so that a moment means the same to every job.
 */
export function input({ path, startSeconds }: MediaFile, { threads = 1, fromSeconds, forSeconds, withBefore = false, more = [] }: InputOptions = {}): string[] {
  return [
    '-protocol_whitelist', 'file,pipe', '-max_pixels', String(MOST_PIXELS), '-threads', String(threads), ...more,
    ...(fromSeconds === undefined ? [] : [...(withBefore ? ['-noaccurate_seek'] : []), '-ss', seconds(Math.max(0, fromSeconds - startSeconds))]),
    ...(forSeconds === undefined ? [] : ['-t', seconds(forSeconds)]),
    '-i', `file:${path}`,
  ];
}

/** Of a moment or a length. Microseconds are as fine as FFmpeg takes them. */
export const seconds = (value: number): string => value.toFixed(6);

/** One that we made, whose time begins at 0. */
export const ours = (path: string): MediaFile => ({ path, startSeconds: 0 });
