/** What OBS or a camera needs to push here: server and key of each camera. Keys show only when asked for. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Source } from '../../protocol/resources.js';
import { addCamera, renameSource, revealKey } from '../store/actions.js';
import { sources } from '../store/state.js';
import { texts } from '../texts.js';
import { Card, Copyable, Field } from './parts.js';

type Camera = Extract<Source, { kind: 'camera' }>;

export function Cameras() {
  const [adding, setAdding] = useState(false);
  const cameras = sources.value.filter((source): source is Camera => source.kind === 'camera');
  return (
    <Card
      id="cameras" title={texts.cameras.title}
      aside={!adding && <button type="button" class="small" onClick={() => setAdding(true)}>{texts.cameras.add}</button>}
    >
      {adding && <AddCamera onDone={() => setAdding(false)} />}
      {cameras[0] && <div class="pair"><span>{texts.cameras.server}</span><Copyable text={cameras[0].ingest.server} label={texts.cameras.serverLabel} /></div>}
      <ul class="list">{cameras.map((camera) => <CameraRow key={camera.id} camera={camera} />)}</ul>
      <p class="hint">{texts.cameras.hint}</p>
    </Card>
  );
}

function CameraRow({ camera }: { camera: Camera }) {
  const [key, setKey] = useState<string | null>(null);
  const [isRenaming, setRenaming] = useState(false);
  return (
    <li>
      <div class="row">
        {isRenaming ? <Rename camera={camera} onDone={() => setRenaming(false)} /> : <strong class="grow name">{camera.name}</strong>}
        {!isRenaming && <button type="button" class="plain" aria-label={texts.cameras.renameLabel(camera.name)} onClick={() => setRenaming(true)}>{texts.cameras.rename}</button>}
        <button type="button" class="small" onClick={() => void (key === null ? revealKey(camera.id).then(setKey) : setKey(null))} aria-label={(key === null ? texts.cameras.showLabel : texts.cameras.hideLabel)(camera.name)}>
          {key === null ? texts.cameras.show : texts.cameras.hide}
        </button>
      </div>
      {key !== null && <div class="pair"><span>{texts.cameras.key}</span><Copyable text={key} label={texts.cameras.keyLabel(camera.name)} /></div>}
    </li>
  );
}

function Rename({ camera, onDone }: { camera: Camera; onDone(): void }) {
  const [name, setName] = useState(camera.name);
  const input = useFocused();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (name.trim() === camera.name || await renameSource(camera.id, name.trim())) onDone();
  };
  return (
    <form class="row grow" onSubmit={(event) => void submit(event)} onKeyDown={(event) => { if (event.key === 'Escape') onDone(); }}>
      <input class="grow" ref={input} aria-label={texts.cameras.renameLabel(camera.name)} value={name} required maxLength={100} onInput={(event) => setName(event.currentTarget.value)} />
      <button type="submit" class="small primary">{texts.cameras.save}</button>
    </form>
  );
}

/** What one came to type into: a browser follows `autofocus` once in a page's life, and keys that find no field switch the program. */
function useFocused() {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.focus(), []);
  return input;
}

function AddCamera({ onDone }: { onDone(): void }) {
  const [name, setName] = useState('');
  const input = useFocused();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await addCamera(name.trim())) onDone();
  };
  return (
    <form class="fields" onSubmit={(event) => void submit(event)}>
      <Field label={texts.cameras.name}>{(field) => <input {...field} ref={input} value={name} required maxLength={100} onInput={(event) => setName(event.currentTarget.value)} />}</Field>
      <div class="row end">
        <button type="button" onClick={onDone}>{texts.shell.cancel}</button>
        <button type="submit" class="primary">{texts.cameras.add}</button>
      </div>
    </form>
  );
}
