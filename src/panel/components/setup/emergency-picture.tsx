/** What an emergency puts over everything. */
import { targets } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Field } from '../parts.js';
import { Choice, SettingsForm, useSettings, type SettingsDraftProps } from './settings-form.js';
import { choicesOf, keyOf, targetOf } from './targets.js';

const t = texts.setup.emergency;

export function EmergencyPicture({ settings }: SettingsDraftProps) {
  const draft = useSettings(settings);
  return (
    <SettingsForm id="emergency-picture" title={t.title} draft={draft}>
      <Field label={t.picture} hint={t.hint}>
        {(field) => (
          <Choice
            described={field} name="emergency" value={keyOf(draft.value.emergency)} options={[['', t.slate], ...choicesOf(targets.value, [])]}
            onChange={(key) => draft.set({ emergency: targetOf(key) as typeof settings.emergency })}
          />
        )}
      </Field>
    </SettingsForm>
  );
}
