/** The fields of a destination, and what the chosen platform does not take. A stored key is never read back: left empty, it stays. */
import { useEffect, useState } from 'preact/hooks';
import type { Destination, DestinationInput, Platform, PlatformInfo } from '../../protocol/resources.js';
import { readPlatforms } from '../store/actions.js';
import { connection, settings } from '../store/state.js';
import { texts } from '../texts.js';
import { useDraft } from './edits.js';
import { Field } from './parts.js';
import { DraftForm } from './stored-forms.js';

const words = texts.destinations;

type Fields = Pick<Destination, 'name' | 'platform' | 'url'> & { key?: string | undefined };

/** Of one that is added. */
export function NewDestination({ submitLabel, onSubmit, onCancel }: { submitLabel: string; onSubmit(input: DestinationInput): Promise<void>; onCancel(): void }) {
  const [value, setValue] = useState<Fields>({ name: '', platform: 'youtube', url: '' });
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const { platform, key } = value;
    const [name, url] = [value.name.trim(), value.url.trim()];
    await onSubmit({ name: name || words.platforms[platform], platform, ...(url === '' ? {} : { url }), ...(key === undefined ? {} : { key }), enabled: true });
    setBusy(false);
  };
  return (
    <form class="fields destination-form" onSubmit={(event) => void submit(event)}>
      <DestinationFields value={value} set={(fields) => setValue((before) => ({ ...before, ...fields }))} />
      <div class="row end">
        <button type="button" onClick={onCancel}>{words.cancel}</button>
        <button type="submit" class="primary" disabled={busy}>{busy ? words.saving : submitLabel}</button>
      </div>
    </form>
  );
}

const LABELS = { name: words.name, platform: words.platform, url: words.server };
const inWords = (value: unknown): string => (Object.hasOwn(words.platforms, String(value)) ? words.platforms[value as Platform] : String(value));

/** Of one that others may be changing as well, on air too. */
export function EditDestination({ destination, onDone }: { destination: Destination; onDone(): void }) {
  const draft = useDraft<Destination & Fields>(destination, 'destinations');
  return (
    <DraftForm draft={draft} labels={LABELS} show={inWords} save={words.save} disabled={connection.value !== 'open'} onDone={onDone}>
      <DestinationFields value={draft.value} set={draft.set} stored={destination} />
    </DraftForm>
  );
}

function DestinationFields({ value, set, stored }: { value: Fields; set(fields: Partial<Fields>): void; stored?: Destination }) {
  const { name, platform, url, key = '' } = value;
  const ownServer = platform === 'custom';
  const needsKey = !ownServer && !(stored?.hasKey && stored.platform === platform);
  return (
    <>
      <Field label={words.platform}>
        {(field) => (
          <select {...field} value={platform} name="platform" onChange={(event) => set({ platform: event.currentTarget.value as Platform })}>
            {Object.entries(words.platforms).map(([id, label]) => <option key={id} value={id}>{label}</option>)}
          </select>
        )}
      </Field>
      <PlatformWarnings platform={platform} />
      <Field label={words.name}>
        {(field) => <input {...field} name="name" value={name} maxLength={100} required={stored !== undefined} placeholder={words.platforms[platform]} onInput={(event) => set({ name: event.currentTarget.value })} />}
      </Field>
      <Field label={words.server} hint={ownServer ? undefined : words.ownServer(words.platforms[platform])}>
        {(field) => (
          <input
            {...field} name="url" value={url} maxLength={1024} required={ownServer} inputMode="url" spellcheck={false} autocapitalize="off"
            placeholder={ownServer ? words.serverExample : ''} onInput={(event) => set({ url: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={words.key} hint={words.keyPlaces[platform]}>
        {(field) => (
          <input
            {...field} name="key" type="password" autocomplete="off" value={key} required={needsKey} maxLength={1024} spellcheck={false}
            placeholder={stored?.hasKey ? words.keyStored : ''}
            // Nothing typed is no key: the one that is stored stays.
            onInput={(event) => set({ key: event.currentTarget.value.trim() === '' ? undefined : event.currentTarget.value.trim() })}
          />
        )}
      </Field>
    </>
  );
}

/** What the encoder makes now beside what the platform takes, before anything is added. */
function PlatformWarnings({ platform }: { platform: Platform }) {
  const [platforms, setPlatforms] = useState<PlatformInfo[]>([]);
  const revision = settings.value?.revision;
  useEffect(() => { void readPlatforms().then(setPlatforms); }, [revision]);
  const warnings = platforms.find((one) => one.platform === platform)?.warnings ?? [];
  return <div role="status">{warnings.map((sentence) => <p key={sentence} class="sentence busy">{sentence}</p>)}</div>;
}
