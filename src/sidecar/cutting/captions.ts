/**
 * Captions as an ASS file, to be burned into the pictures by libass. Text comes from a transcript, which is what strangers
 * said: it is escaped, cut to a length, and never part of a filter's own text.
 */
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INSTALL_ROOT } from '../../runtime/paths.js';

export interface CaptionCue { startMs: number; endMs: number; text: string }

/** Of the folder that FFmpeg runs in, so that no path has to be escaped twice. */
const FILE_NAME = 'captions.ass';
const FONTS_NAME = 'fonts';
const FONT = 'Inter';
/** Longer ones are cut: nobody reads more in the time of a cue. */
const MOST_CHARACTERS = 160;
const MOST_CUES = 5_000;

/**
 * Places and sizes, of a picture as high as PlayResY. Vertical players lay their own buttons over the lowest fifth and the
 * right edge, so captions stand higher there; on a wide picture they keep within the title-safe area of EBU R 95.
 */
const STYLES = {
  wide: { width: 1920, height: 1080, size: 58, side: 192, bottom: 76, outline: 4 },
  vertical: { width: 1080, height: 1920, size: 76, side: 110, bottom: 480, outline: 6 },
} as const;

export interface CaptionPlace {
  folder: string;
  /** Of the clip's first frame in the recording. */
  firstMs: number;
  shape: 'wide' | 'vertical';
  picture: { width: number; height: number };
}

/** Writes the file and a way to the fonts into the folder. Answers the filter that draws it, for an FFmpeg that runs there. */
export async function writeCaptions(cues: readonly CaptionCue[], { folder, firstMs, shape, picture }: CaptionPlace): Promise<string> {
  await writeFile(join(folder, FILE_NAME), captionsAss(cues, firstMs, shape, picture));
  await symlink(join(INSTALL_ROOT, 'overlays', 'fonts'), join(folder, FONTS_NAME));
  return `ass=filename=${FILE_NAME}:fontsdir=${FONTS_NAME}`;
}

/** Pure: the whole file. Cues that are over before `firstMs` are left out. */
export function captionsAss(cues: readonly CaptionCue[], firstMs: number, shape: 'wide' | 'vertical', picture: { width: number; height: number }): string {
  const style = STYLES[shape];
  // Wide pictures are of any shape: letters keep theirs.
  const width = shape === 'vertical' ? style.width : Math.round((style.height * picture.width) / Math.max(1, picture.height));
  const lines = cues.slice(0, MOST_CUES).flatMap(({ startMs, endMs, text }) => {
    const from = Math.max(0, startMs - firstMs);
    const to = endMs - firstMs;
    const shown = escapeAss(text);
    return to > from && shown !== '' ? [`Dialogue: 0,${assTime(from)},${assTime(to)},Captions,,0,0,0,,${shown}`] : [];
  });
  return [
    '[Script Info]', 'ScriptType: v4.00+', `PlayResX: ${width}`, `PlayResY: ${style.height}`, 'WrapStyle: 0', 'ScaledBorderAndShadow: yes', '',
    '[V4+ Styles]',
    'Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding',
    `Style: Captions,${FONT},${style.size},&H00FFFFFF,&H00FFFFFF,&H00000000,&H80000000,-1,0,0,0,100,100,0,0,1,${style.outline},1,2,${style.side},${style.side},${style.bottom},1`, '',
    '[Events]', 'Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text', ...lines, '',
  ].join('\n');
}

/**
 * Text as ASS shows it and nothing else: a brace would begin an override, a backslash a code, a line break another line of
 * the file. There is no escape for them that every libass knows, so others like them stand in.
 */
export function escapeAss(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').replaceAll('\\', '/').replaceAll('{', '\uFF5B').replaceAll('}', '\uFF5D').replace(/ {2,}/g, ' ').trim();
  const characters = [...plain];
  return characters.length <= MOST_CHARACTERS ? plain : `${characters.slice(0, MOST_CHARACTERS - 1).join('').trimEnd()}…`;
}

/** h:mm:ss.cc, rounded to whole hundredths. */
function assTime(ms: number): string {
  const hundredths = Math.round(ms / 10);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(hundredths / 360_000)}:${two(Math.floor(hundredths / 6_000) % 60)}:${two(Math.floor(hundredths / 100) % 60)}.${two(hundredths % 100)}`;
}
