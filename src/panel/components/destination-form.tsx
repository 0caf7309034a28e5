/** The fields of a destination. A stored key is never read back: left empty, it stays. */
import { useState } from 'preact/hooks';
import type { Destination, DestinationInput, Platform } from '../../protocol/resources.js';
import { Field } from './parts.js';

export const PLATFORM_NAMES: Record<Platform, string> = {
  youtube: 'YouTube', twitch: 'Twitch', facebook: 'Facebook', kick: 'Kick', custom: 'RTMP server',
};

const KEY_PLACES: Record<Platform, string> = {
  youtube: 'In YouTube Studio: Create, Go live, Stream, Stream key.',
  twitch: 'In the Creator Dashboard: Settings, Stream, Primary Stream key.',
  facebook: 'In Live Producer: Streaming software, Stream key.',
  kick: 'In the Creator Dashboard: Settings, Stream URL & key.',
  custom: 'The last part of the address, if the server wants one.',
};

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
      name: name.trim() || PLATFORM_NAMES[platform],
      platform,
      ...(address !== '' && address !== initial?.url ? { url: address } : {}),
      ...(key.trim() === '' ? {} : { key: key.trim() }),
      enabled: initial?.enabled ?? true,
    });
    setBusy(false);
  };

  return (
    <form class="fields destination-form" onSubmit={(event) => void submit(event)}>
      <Field label="Platform">
        {(field) => (
          <select {...field} value={platform} name="platform" onChange={(event) => setPlatform(event.currentTarget.value as Platform)}>
            {Object.entries(PLATFORM_NAMES).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
          </select>
        )}
      </Field>
      <Field label="Name">
        {(field) => <input {...field} name="name" value={name} maxLength={100} placeholder={PLATFORM_NAMES[platform]} onInput={(event) => setName(event.currentTarget.value)} />}
      </Field>
      <Field label="Server" hint={ownServer ? undefined : `Leave it empty for ${PLATFORM_NAMES[platform]}'s own.`}>
        {(field) => (
          <input
            {...field} name="url" value={url} maxLength={1024} required={ownServer} inputMode="url" spellcheck={false} autocapitalize="off"
            placeholder={ownServer ? 'rtmp://server/app' : ''} onInput={(event) => setUrl(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label="Stream key" hint={KEY_PLACES[platform]}>
        {(field) => (
          <input
            {...field} name="key" type="password" autocomplete="off" value={key} required={needsKey} maxLength={1024} spellcheck={false}
            placeholder={initial?.hasKey ? 'stored; type a new one to replace it' : ''} onInput={(event) => setKey(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="row end">
        <button type="button" onClick={onCancel}>Cancel</button>
        <button type="submit" class="primary" disabled={busy}>{busy ? 'Saving …' : submitLabel}</button>
      </div>
    </form>
  );
}
