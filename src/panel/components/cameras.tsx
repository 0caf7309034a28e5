/** What OBS or a camera needs to push here: server and key of each camera. Keys show only when asked for. */
import { useState } from 'preact/hooks';
import type { Source } from '../../protocol/resources.js';
import { addCamera, revealKey } from '../store/actions.js';
import { sources } from '../store/state.js';
import { Card, Copyable, Field } from './parts.js';

type Camera = Extract<Source, { kind: 'camera' }>;

export function Cameras() {
  const [adding, setAdding] = useState(false);
  const cameras = sources.value.filter((source): source is Camera => source.kind === 'camera');
  return (
    <Card
      id="cameras" title="Connect a camera"
      aside={!adding && <button type="button" class="small" onClick={() => setAdding(true)}>Add camera</button>}
    >
      {adding && <AddCamera onDone={() => setAdding(false)} />}
      {cameras[0] && <div class="pair"><span>Server</span><Copyable text={cameras[0].ingest.server} label="server of the cameras" /></div>}
      <ul class="list">{cameras.map((camera) => <CameraRow key={camera.id} camera={camera} />)}</ul>
      <p class="hint">In OBS: Settings, Stream, Service “Custom …”, then these two.</p>
    </Card>
  );
}

function CameraRow({ camera }: { camera: Camera }) {
  const [key, setKey] = useState<string | null>(null);
  return (
    <li>
      <div class="row">
        <strong class="grow name">{camera.name}</strong>
        <button type="button" class="small" onClick={() => void (key === null ? revealKey(camera.id).then(setKey) : setKey(null))} aria-label={`${key === null ? 'Show' : 'Hide'} the key of ${camera.name}`}>
          {key === null ? 'Show key' : 'Hide key'}
        </button>
      </div>
      {key !== null && <div class="pair"><span>Key</span><Copyable text={key} label={`Key of ${camera.name}`} /></div>}
    </li>
  );
}

function AddCamera({ onDone }: { onDone(): void }) {
  const [name, setName] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await addCamera(name.trim())) onDone();
  };
  return (
    <form class="fields" onSubmit={(event) => void submit(event)}>
      <Field label="Name">{(field) => <input {...field} value={name} required maxLength={100} autofocus onInput={(event) => setName(event.currentTarget.value)} />}</Field>
      <div class="row end">
        <button type="button" onClick={onDone}>Cancel</button>
        <button type="submit" class="primary">Add camera</button>
      </div>
    </form>
  );
}
