/** All that can be set of a source, safe from being written over by two at once; and what a camera needs to push here. */
import { useState } from 'preact/hooks';
import type { Source } from '../../../protocol/resources.js';
import { revealKey } from '../../store/actions.js';
import { deleteSource, rotateKey } from '../../store/sources.js';
import { connection, sources } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Conflict, useDraft, type Draft } from '../edits.js';
import { Card, ConfirmButton, Copyable, Field } from '../parts.js';
import { NumberField } from './number-field.js';
import { PathField } from './path-field.js';

const t = texts.sources;
/** All fields of all kinds, each of those that have it. */
type Fields = Source & { path?: string; loop?: boolean; inMs?: number; outMs?: number | null; color?: string; tone?: boolean };
const LABELS = {
  name: t.name, path: t.path, loop: t.loop, inMs: t.in, outMs: t.out, color: t.color, tone: t.tone, fallbackSourceId: t.fallback, delayMs: t.delay,
} as Partial<Record<keyof Fields, string>>;

export function SourceForm({ source }: { source: Source }) {
  const draft = useDraft<Fields>(source as Fields, 'sources');
  const { value } = draft;
  const submit = (event: Event) => {
    event.preventDefault();
    void draft.save();
  };
  return (
    <Card
      id="source" title={source.name}
      aside={<ConfirmButton label={texts.scenes.delete} class="plain" ariaLabel={texts.scenes.deleteScene(source.name)} question={t.deleteQuestion(source.name)} yes={texts.scenes.delete} onYes={() => void deleteSource(source)} />}
    >
      {source.kind === 'camera' && <CameraAccess source={source} />}
      <form class="fields source-form" onSubmit={submit}>
        <Field label={t.name}>{(field) => <input {...field} value={value.name} required maxLength={100} onInput={(event) => draft.set({ name: event.currentTarget.value })} />}</Field>
        {value.path !== undefined && <PathField kind={source.kind} value={value.path} onChange={(path) => draft.set({ path } as Partial<Fields>)} />}
        {value.loop !== undefined && <Playing draft={draft} />}
        {value.color !== undefined && <Field label={t.color}>{(field) => <input {...field} type="color" value={value.color} onInput={(event) => draft.set({ color: event.currentTarget.value } as Partial<Fields>)} />}</Field>}
        {value.tone !== undefined && <label class="check"><input type="checkbox" checked={value.tone} onChange={(event) => draft.set({ tone: event.currentTarget.checked } as Partial<Fields>)} />{t.tone}</label>}
        <Field label={t.fallback} hint={t.fallbackHint}>
          {(field) => (
            <select {...field} value={value.fallbackSourceId ?? ''} onChange={(event) => draft.set({ fallbackSourceId: event.currentTarget.value || null })}>
              <option value="">{texts.slate}</option>
              {sources.value.filter(({ id }) => id !== source.id).map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
            </select>
          )}
        </Field>
        <NumberField label={t.delay} value={value.delayMs} min={0} max={1000} step={10} onChange={(delayMs) => draft.set({ delayMs: Math.round(delayMs) })} />
        <Conflict draft={draft} labels={LABELS} show={(said, field) => (field === 'fallbackSourceId' ? (sources.value.find(({ id }) => id === said)?.name ?? String(said)) : String(said))} />
        <div class="row end">
          {draft.isChanged && <button type="button" onClick={draft.reset}>{texts.scenes.discard}</button>}
          <button type="submit" class="primary" disabled={!draft.isChanged || draft.isBusy || draft.contested.length > 0 || connection.value !== 'open'}>{texts.scenes.save}</button>
        </div>
      </form>
    </Card>
  );
}

/** Of a file that runs: which part of it, and whether again and again. */
function Playing({ draft }: { draft: Draft<Fields> }) {
  const { value } = draft;
  const seconds = (ms: number | null | undefined): string => (ms === null || ms === undefined ? '' : String(ms / 1000));
  const toMs = (text: string): number => Math.max(0, Math.round(Number(text) * 1000));
  return (
    <div class="field-grid three">
      <Field label={t.in}>
        {(field) => <input {...field} type="number" min={0} step="any" value={seconds(value.inMs)} onChange={(event) => draft.set({ inMs: toMs(event.currentTarget.value) } as Partial<Fields>)} />}
      </Field>
      <Field label={t.out}>
        {(field) => <input {...field} type="number" min={0} step="any" placeholder={t.end} value={seconds(value.outMs)} onChange={(event) => draft.set({ outMs: event.currentTarget.value === '' ? null : toMs(event.currentTarget.value) } as Partial<Fields>)} />}
      </Field>
      <label class="check"><input type="checkbox" checked={value.loop} onChange={(event) => draft.set({ loop: event.currentTarget.checked } as Partial<Fields>)} />{t.loop}</label>
    </div>
  );
}

/** Server and key, to be copied into what sends. The key shows only when it is asked for. */
function CameraAccess({ source }: { source: Extract<Source, { kind: 'camera' }> }) {
  const [key, setKey] = useState<string | null>(null);
  return (
    <div class="camera-access">
      <div class="pair"><span>{texts.cameras.server}</span><Copyable text={source.ingest.server} label={t.serverOf(source.name)} /></div>
      {key !== null && <div class="pair"><span>{texts.cameras.key}</span><Copyable text={key} label={texts.cameras.keyLabel(source.name)} /></div>}
      <div class="row">
        <button type="button" class="small" onClick={() => void (key === null ? revealKey(source.id).then(setKey) : setKey(null))}>{key === null ? texts.cameras.show : texts.cameras.hide}</button>
        <ConfirmButton label={t.rotate} class="small" question={t.rotateQuestion(source.name)} yes={t.rotate} onYes={() => void rotateKey(source.id).then((next) => { if (next !== null) setKey(next); })} />
      </div>
      <p class="hint">{texts.cameras.hint}</p>
    </div>
  );
}
