/** The fields of a destination, and what the chosen platform does not take. A stored key is never read back: left empty, it stays. */
import { useEffect, useState } from 'preact/hooks';
import type { Destination, DestinationInput, Platform, PlatformInfo } from '../../protocol/resources.js';
import { readPlatforms } from '../store/actions.js';
import { snapshot } from '../store/state.js';
import { texts } from '../texts.js';
import { Field } from './parts.js';

const words = texts.destinations;

interface Props {
  initial?: Destination;
  submitLabel: string;
  onSubmit(input: DestinationInput): Promise<void>;
  onCancel(): void;
}

export function DestinationForm({ initial, submitLabel, onSubmit, onCancel }: Props) {
  const [platform, setPlatform] = useState<Platform>(initial?.platform ?? 'youtube');
  const [name, setName] = useState(initial?.name ?? '');
  const [url, setUrl] = useState(initial?.url ?? '');
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const ownServer = platform === 'custom';
  const needsKey = !ownServer && !(initial?.hasKey && initial.platform === platform);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const address = url.trim();
    await onSubmit({
      name: name.trim() || words.platforms[platform],
      platform,
      ...(address !== '' && address !== initial?.url ? { url: address } : {}),
      ...(key.trim() === '' ? {} : { key: key.trim() }),
      enabled: initial?.enabled ?? true,
    });
    setBusy(false);
  };

  return (
    <form class="fields destination-form" onSubmit={(event) => void submit(event)}>
      <Field label={words.platform}>
        {(field) => (
          <select {...field} value={platform} name="platform" onChange={(event) => setPlatform(event.currentTarget.value as Platform)}>
            {Object.entries(words.platforms).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
          </select>
        )}
      </Field>
      <PlatformWarnings platform={platform} />
      <Field label={words.name}>
        {(field) => <input {...field} name="name" value={name} maxLength={100} placeholder={words.platforms[platform]} onInput={(event) => setName(event.currentTarget.value)} />}
      </Field>
      <Field label={words.server} hint={ownServer ? undefined : words.ownServer(words.platforms[platform])}>
        {(field) => (
          <input
            {...field} name="url" value={url} maxLength={1024} required={ownServer} inputMode="url" spellcheck={false} autocapitalize="off"
            placeholder={ownServer ? words.serverExample : ''} onInput={(event) => setUrl(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label={words.key} hint={words.keyPlaces[platform]}>
        {(field) => (
          <input
            {...field} name="key" type="password" autocomplete="off" value={key} required={needsKey} maxLength={1024} spellcheck={false}
            placeholder={initial?.hasKey ? words.keyStored : ''} onInput={(event) => setKey(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="row end">
        <button type="button" onClick={onCancel}>{words.cancel}</button>
        <button type="submit" class="primary" disabled={busy}>{busy ? words.saving : submitLabel}</button>
      </div>
    </form>
  );
}

/** What the encoder makes now beside what the platform takes, before anything is added. */
function PlatformWarnings({ platform }: { platform: Platform }) {
  const [platforms, setPlatforms] = useState<PlatformInfo[]>([]);
  const revision = snapshot.value?.settings.revision;
  useEffect(() => { void readPlatforms().then(setPlatforms); }, [revision]);
  const warnings = platforms.find((one) => one.platform === platform)?.warnings ?? [];
  return <div role="status">{warnings.map((sentence) => <p key={sentence} class="sentence busy">{sentence}</p>)}</div>;
}
