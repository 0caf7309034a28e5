/** All that is known of a file: its picture, how loud it is, its facts, and what uses it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { MediaFile, Waveform } from '../../../protocol/media.js';
import { lengthOf, pictureOf, soundOf, usesLine, versionOf, wavePath } from '../../lib/media/files.js';
import { size } from '../../lib/words.js';
import { waveformOf } from '../../store/media.js';
import { texts } from '../../texts.js';
import { Thumbnail } from './thumbnail.js';

const t = texts.media;
const WAVE_WIDTH = 600;

export function Details({ file, onClose }: { file: MediaFile; onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { facts } = file;
  const rows: [string, string | null][] = [
    [t.length, facts && lengthOf(facts.durationMs)], [t.picture, facts && [facts.videoCodec, pictureOf(facts)].filter(Boolean).join(' · ')], [t.sound, facts && soundOf(facts)],
    [t.size, size(file.bytes)], [t.changed, new Date(file.modifiedAt).toLocaleString()], [t.uses, usesLine(file) || t.unused],
  ];
  return (
    <dialog ref={dialog} class="media-dialog" aria-labelledby="media-details" onClose={onClose}>
      <h2 id="media-details">{file.path}</h2>
      <Thumbnail file={file} width={640} />
      {file.problem && <p class="sentence bad">{file.problem.message}</p>}
      {facts && facts.audioCodec !== null && file.kind !== 'image' && <Loudness file={file} />}
      <dl>{rows.filter(([, value]) => value).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      <div class="row end"><button type="button" autofocus onClick={() => dialog.current?.close()}>{t.close}</button></div>
    </dialog>
  );
}

function Loudness({ file }: { file: MediaFile }) {
  const [wave, setWave] = useState<Waveform | 'none' | null>(null);
  const { path } = file;
  const v = versionOf(file);
  useEffect(() => {
    const end = new AbortController();
    waveformOf({ path, v }, end.signal).then(setWave, () => { if (!end.signal.aborted) setWave('none'); });
    return () => end.abort();
  }, [path, v]);
  if (wave === null || wave === 'none') return <p class="hint" role="status">{wave === null ? t.waveformLoading : t.noWaveform}</p>;
  return (
    <svg class="waveform" viewBox={`0 0 ${WAVE_WIDTH} 100`} preserveAspectRatio="none" role="img" aria-label={t.loudness}>
      <path d={wavePath(wave.peaks, WAVE_WIDTH)} />
    </svg>
  );
}
