/** A small picture of a file of the library; the word of its kind where there is none. */
import type { MediaFile } from '../../../protocol/media.js';
import { thumbnailUrl } from '../../lib/media/files.js';
import { texts } from '../../texts.js';
import { Still } from './still.js';

export function Thumbnail({ file, width, atMs }: { file: Pick<MediaFile, 'path' | 'modifiedAt' | 'bytes' | 'kind' | 'problem' | 'facts'>; width: number; atMs?: number }) {
  const hasPicture = file.problem === null && (file.kind === 'video' ? file.facts?.videoCodec !== null : file.kind === 'image');
  const word = <span class={`thumbnail none ${file.kind}`} aria-hidden="true">{texts.media.kindWords[file.kind]}</span>;
  return hasPicture ? <Still class="thumbnail" url={thumbnailUrl(file, width, atMs)} otherwise={word} /> : word;
}
