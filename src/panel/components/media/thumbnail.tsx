/** A small picture of a file; the word of its kind where there is none. One that is just being made is asked for again. */
import { useEffect, useState } from 'preact/hooks';
import type { MediaFile } from '../../../protocol/media.js';
import { thumbnailUrl } from '../../lib/media/files.js';
import { texts } from '../../texts.js';

const TRIES = 5;

export function Thumbnail({ file, width, atMs }: { file: Pick<MediaFile, 'path' | 'modifiedAt' | 'bytes' | 'kind' | 'problem' | 'facts'>; width: number; atMs?: number }) {
  const hasPicture = file.problem === null && (file.kind === 'video' ? file.facts?.videoCodec !== null : file.kind === 'image');
  const url = thumbnailUrl(file, width, atMs);
  const [tries, setTries] = useState(0);
  const [isWaiting, setWaiting] = useState(false);
  useEffect(() => {
    setTries(0);
    setWaiting(false);
  }, [url]);
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setTimeout(() => setWaiting(false), 700 * tries);
    return () => clearTimeout(timer);
  }, [isWaiting, tries]);
  if (!hasPicture || isWaiting || tries >= TRIES) return <span class={`thumbnail none ${file.kind}`} aria-hidden="true">{texts.media.kindWords[file.kind]}</span>;
  return (
    <img
      class="thumbnail" src={url} alt="" loading="lazy" decoding="async" draggable={false}
      onError={() => { setTries(tries + 1); setWaiting(true); }}
    />
  );
}
