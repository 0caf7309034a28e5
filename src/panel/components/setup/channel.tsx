/** What the channel is called. */
import { texts } from '../../texts.js';
import { Field } from '../parts.js';
import { SettingsForm, useSettings, type SettingsDraftProps } from './settings-form.js';

const t = texts.setup.channel;

export function Channel({ settings }: SettingsDraftProps) {
  const draft = useSettings(settings);
  return (
    <SettingsForm id="channel" title={t.title} draft={draft}>
      <Field label={t.name} hint={t.hint}>
        {(field) => <input {...field} name="channel" value={draft.value.channel.name} required maxLength={100} onInput={(event) => draft.set({ channel: { name: event.currentTarget.value } })} />}
      </Field>
    </SettingsForm>
  );
}
