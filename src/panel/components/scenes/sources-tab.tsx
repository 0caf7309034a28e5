/** Every source: what it is, how it goes, and all that can be set of it. */
import { useState } from 'preact/hooks';
import type { Source, SourceKind } from '../../../protocol/resources.js';
import { saidOfSource } from '../../lib/words.js';
import { createSource } from '../../store/sources.js';
import { connection, onAirSources, silentSources, sources, sourceStatus } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Card, Field, State } from '../parts.js';
import { SourceTile } from '../tile.js';
import { PathField } from './path-field.js';
import { SourceForm } from './source-form.js';

const t = texts.sources;
const KINDS = Object.keys(t.kinds) as SourceKind[];

export function SourcesTab() {
  const [chosenId, setChosen] = useState<string | null>(null);
  const [isAdding, setAdding] = useState(false);
  const chosen = sources.value.find(({ id }) => id === chosenId) ?? sources.value[0];
  return (
    <div class="scenes-columns sources">
      <Card id="source-list" title={t.title} aside={<button type="button" class="small" disabled={connection.value !== 'open'} onClick={() => setAdding(true)}>{t.add}</button>}>
        {sources.value.length === 0 && <p class="empty">{t.none}</p>}
        <ul class="source-list">
          {sources.value.map((source) => <SourceRow key={source.id} source={source} isChosen={!isAdding && source.id === chosen?.id} onChoose={() => { setAdding(false); setChosen(source.id); }} />)}
        </ul>
      </Card>
      {isAdding
        ? <NewSource onDone={(id) => { setAdding(false); if (id !== null) setChosen(id); }} />
        : chosen && <SourceForm key={chosen.id} source={chosen} />}
    </div>
  );
}

function SourceRow({ source, isChosen, onChoose }: { source: Source; isChosen: boolean; onChoose(): void }) {
  const isOnAir = connection.value !== 'lost' && onAirSources.value.has(source.id);
  return (
    <li class={`source-row ${isChosen ? 'chosen' : ''} ${isOnAir ? 'on' : ''}`} data-source={source.id}>
      <button type="button" aria-current={isChosen ? 'true' : undefined} onClick={onChoose}>
        <span class="source-picture">{source.kind !== 'audio' && connection.value !== 'lost' && <SourceTile sourceId={source.id} />}</span>
        <span class="grow source-words">
          <span class="name">{source.name}</span>
          <span class="sub">{t.kinds[source.kind]}</span>
          <SourceState source={source} />
        </span>
        {isOnAir && <span class="tally">{texts.scenes.onAir}</span>}
      </button>
    </li>
  );
}

function SourceState({ source: { id, kind } }: { source: Source }) {
  const status = sourceStatus.value.get(id);
  if (!status) return null;
  const said = saidOfSource(kind, status, onAirSources.value.has(id), silentSources.value.has(id));
  return <State said={said} title={status.error?.message ?? said.hint} />;
}

/** What has to be known of a source before there is one; the rest is set afterwards. */
function NewSource({ onDone }: { onDone(id: string | null): void }) {
  const [kind, setKind] = useState<SourceKind>('camera');
  const [name, setName] = useState('');
  const [path, setPath] = useState('');
  const [color, setColor] = useState('#204060');
  const isFile = kind === 'media' || kind === 'image' || kind === 'audio';
  const submit = async (event: Event) => {
    event.preventDefault();
    const fields = isFile ? { path: path.trim() } : kind === 'color' ? { color } : {};
    const id = await createSource({ kind, name: name.trim() || t.kinds[kind], ...fields });
    if (id !== null) onDone(id);
  };
  return (
    <Card id="new-source" title={t.add}>
      <form class="fields source-form" onSubmit={(event) => void submit(event)}>
        <Field label={t.kind} hint={t.kindHints[kind]}>
          {(field) => (
            <select {...field} value={kind} onChange={(event) => setKind(event.currentTarget.value as SourceKind)}>
              {KINDS.map((one) => <option key={one} value={one}>{t.kinds[one]}</option>)}
            </select>
          )}
        </Field>
        <Field label={t.name}>{(field) => <input {...field} value={name} maxLength={100} placeholder={t.kinds[kind]} onInput={(event) => setName(event.currentTarget.value)} />}</Field>
        {isFile && <PathField kind={kind} value={path} onChange={setPath} />}
        {kind === 'color' && <Field label={t.color}>{(field) => <input {...field} type="color" value={color} onInput={(event) => setColor(event.currentTarget.value)} />}</Field>}
        <div class="row end">
          <button type="button" onClick={() => onDone(null)}>{texts.scenes.cancel}</button>
          <button type="submit" class="primary" disabled={connection.value !== 'open'}>{t.add}</button>
        </div>
      </form>
    </Card>
  );
}
