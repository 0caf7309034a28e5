/** What one platform says about itself. Everything that differs between platforms stands in such an object. */
export interface PlatformRules {
  /** As people know it. */
  label: string;
  /** Server to push to when a person gives none; null where each account or server has its own. */
  defaultUrl: string | null;
  /** Whether a stream can be published without a key of its own. */
  keyRequired: boolean;
  /** Where a person finds the key; used in error sentences. */
  keyPlace: string;
  /** A sentence when this cannot be a key of the platform, else null. The sentence never holds the key. */
  checkKey(key: string): string | null;
  /** What it takes, as far as it says so; null: it says nothing. */
  limits: PlatformLimits | null;
}

export interface PlatformLimits {
  /** Bitrates of the picture: the first entry that the picture fits into counts. One that fits into none is larger than the platform takes. */
  video: readonly { maxHeight: number; maxFps: number; kbps: number }[];
  /** More is not refused, it only gains nothing. */
  isAdvice?: true;
  keyframeMs: number;
  audioKbps: number | null;
}
