/** Files on their way into the library: chosen or dropped, each with how far it is, how fast, and what to do when it cannot go on. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Upload } from '../../../protocol/media.js';
import type { FileUpload } from '../../lib/media/file-upload.js';
import { fitFileName } from '../../lib/media/pieces.js';
import { duration, size, type Tone } from '../../lib/words.js';
import { notify } from '../../store/actions.js';
import { mediaFolders } from '../../store/library.js';
import { addFiles, dropInterrupted, dropUpload, findInterrupted, interrupted, keepBoth, replaceFile, resumeUpload, uploads } from '../../store/media.js';
import { connection } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Card, ConfirmButton } from '../parts.js';

const t = texts.media.upload;
const ACCEPT = 'video/*,audio/*,image/*,.mkv,.ts,.m2ts,.mts,.mxf,.flv,.mov,.avi,.nut,.ivf,.dv,.caf,.w64,.flac,.opus,.ac3,.eac3';
const TONES: Record<FileUpload['state']['value']['is'], Tone> = { waiting: 'quiet', sending: 'good', paused: 'quiet', done: 'good', 'cut-off': 'busy', exists: 'busy', failed: 'bad' };

export function Uploads() {
  const folder = useSignal('');
  const isOver = useSignal(false);
  const choose = useRef<HTMLInputElement>(null);
  const isOpen = connection.value === 'open';
  useEffect(() => { if (isOpen) void findInterrupted(); }, [isOpen]);
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      isOver.value = true;
    };
    const out = (event: DragEvent) => { if (event.relatedTarget === null) isOver.value = false; };
    const drop = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      isOver.value = false;
      void addFiles([...event.dataTransfer.files], folder.value);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', out);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', out);
      removeEventListener('drop', drop);
    };
  }, []);
  const folders = mediaFolders.value;
  return (
    <Card id="uploads" title={t.title}>
      <div class={`drop-zone ${isOver.value ? 'over' : ''}`}>
        <button type="button" class="primary" onClick={() => choose.current?.click()}>{t.choose}</button>
        <input
          ref={choose} type="file" multiple accept={ACCEPT} hidden aria-label={t.choose} tabIndex={-1}
          onChange={(event) => { void addFiles([...event.currentTarget.files ?? []], folder.value); event.currentTarget.value = ''; }}
        />
        {folders.length > 0 && (
          <label>{t.folder}
            <select value={folder.value} onChange={(event) => { folder.value = event.currentTarget.value; }}>
              <option value="">{t.root}</option>
              {folders.map((one) => <option key={one} value={one}>{one}</option>)}
            </select>
          </label>
        )}
        <p class="hint">{isOver.value ? t.dropNow : t.drop}</p>
      </div>
      {uploads.value.length + interrupted.value.length > 0 && (
        <ul class="list" aria-label={t.list}>
          {uploads.value.map((upload) => <UploadRow key={upload} upload={upload} />)}
          {interrupted.value.map((upload) => <InterruptedRow key={upload.id} upload={upload} />)}
        </ul>
      )}
    </Card>
  );
}

function UploadRow({ upload }: { upload: FileUpload }) {
  const state = upload.state.value;
  const name = upload.path.value;
  const perSecond = upload.perSecond.value;
  const leftMs = upload.leftMs.value;
  const { is } = state;
  const figures = is === 'done' ? [size(upload.bytes)] : [
    t.of(size(upload.offset.value), size(upload.bytes)),
    ...(is === 'sending' && perSecond !== null ? [t.speed(size(perSecond)), ...(leftMs === null ? [] : [t.left(duration(leftMs + 999))])] : []),
  ];
  const button = (verb: string, onClick: () => void, className = 'small') => <button type="button" class={className} aria-label={t.verbOf(verb, name)} onClick={onClick}>{verb}</button>;
  return (
    <li data-upload={name} data-state={is}>
      <div class="row wrap">
        <span class="grow"><strong class="name">{name}</strong><span class="sub figure">{figures.join(' · ')}</span></span>
        <span class={`state ${TONES[is]}`} role="status"><i aria-hidden="true" />{t.states[is]}</span>
        {(is === 'sending' || is === 'cut-off' || is === 'waiting') && button(t.pause, () => upload.pause())}
        {is === 'paused' && button(t.goOn, () => resumeUpload(upload))}
        {is === 'failed' && button(t.again, () => resumeUpload(upload))}
        {is === 'exists' && button(t.replace, () => replaceFile(upload))}
        {is === 'exists' && button(t.keepBoth, () => keepBoth(upload))}
        {is === 'done' || is === 'failed' || is === 'exists' ? button(t.remove, () => void dropUpload(upload), 'plain') : (
          <ConfirmButton label={t.cancel} class="plain" ariaLabel={t.verbOf(t.cancel, name)} question={t.cancelQuestion(name)} yes={t.cancel} onYes={() => void dropUpload(upload)} />
        )}
      </div>
      {is !== 'done' && <progress value={upload.offset.value} max={upload.bytes} aria-label={t.progress(name)} />}
      {'message' in state && <p class={`sentence ${is === 'failed' ? 'bad' : ''}`}>{state.message}</p>}
    </li>
  );
}

/** A file that was chosen earlier: a page that was loaded anew may not read it by itself. */
function InterruptedRow({ upload }: { upload: Upload }) {
  const choose = useRef<HTMLInputElement>(null);
  const { path, bytes, offset } = upload;
  const name = path.split('/').at(-1)!;
  const goOn = (file: File | undefined) => {
    if (!file) return;
    if (file.size === bytes && fitFileName(file.name) === name) void addFiles([file], path.slice(0, Math.max(0, path.length - name.length - 1)));
    else notify('upload', t.notTheSame(name));
  };
  return (
    <li data-upload={path} data-state="interrupted">
      <div class="row wrap">
        <span class="grow"><strong class="name">{path}</strong><span class="sub figure">{t.of(size(offset), size(bytes))}</span></span>
        <span class="state busy"><i aria-hidden="true" />{t.states.interrupted}</span>
        <button type="button" class="small" aria-label={t.verbOf(t.chooseAgainVerb, path)} onClick={() => choose.current?.click()}>{t.chooseAgainVerb}</button>
        <input ref={choose} type="file" hidden aria-label={t.verbOf(t.chooseAgainVerb, path)} tabIndex={-1} onChange={(event) => { goOn(event.currentTarget.files?.[0]); event.currentTarget.value = ''; }} />
        <ConfirmButton label={t.cancel} class="plain" ariaLabel={t.verbOf(t.cancel, path)} question={t.cancelQuestion(path)} yes={t.cancel} onYes={() => void dropInterrupted(upload)} />
      </div>
      <progress value={offset} max={bytes} aria-label={t.progress(path)} />
      <p class="sentence">{t.chooseAgain}</p>
    </li>
  );
}
