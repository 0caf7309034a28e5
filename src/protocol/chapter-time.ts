/** A chapter's time as a description lists it: 0:00, 12:34, 1:02:03. */
export function chapterTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60) % 60;
  return seconds >= 3_600 ? `${Math.floor(seconds / 3_600)}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
