/** A file becomes a source: its name, and whether it plays over and over. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { MediaFile } from '../../../protocol/media.js';
import { SourceInput } from '../../../protocol/resources.js';
import { sourceName } from '../../lib/media/files.js';
import { makeSource } from '../../store/media.js';
import { texts } from '../../texts.js';
import { Field, Switch } from '../parts.js';

const t = texts.media;

export function MakeSource({ file, onClose }: { file: MediaFile; onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [name, setName] = useState(sourceName(file.path));
  const [loop, setLoop] = useState(false);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const { kind, path } = file;
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const input = SourceInput.parse(kind === 'image' ? { kind, name, path } : { kind: kind === 'audio' ? 'audio' : 'media', name, path, loop });
    if (await makeSource(input)) dialog.current?.close();
    setBusy(false);
  };
  return (
    <dialog ref={dialog} class="media-dialog" aria-labelledby="make-source" onClose={onClose}>
      <form class="fields" onSubmit={(event) => void submit(event)}>
        <h2 id="make-source">{t.makeSource}</h2>
        <p class="hint">{path}</p>
        <Field label={t.sourceName}>
          {(field) => <input {...field} name="name" value={name} required maxLength={100} pattern=".*\S.*" autofocus onInput={(event) => setName(event.currentTarget.value)} />}
        </Field>
        {kind !== 'image' && <div class="row"><span class="grow">{t.loop}</span><Switch on={loop} label={t.loop} onChange={setLoop} /></div>}
        <div class="row end">
          <button type="button" onClick={() => dialog.current?.close()}>{texts.shell.cancel}</button>
          <button type="submit" class="primary" disabled={isBusy}>{t.make}</button>
        </div>
      </form>
    </dialog>
  );
}
