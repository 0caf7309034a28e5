/** Whether recordings are analysed by themselves, how many highlights are found, and what is spoken. */
import { texts } from '../../texts.js';
import { Field } from '../parts.js';
import { SettingsForm, useSettings, WholeNumber, type SettingsDraftProps } from './settings-form.js';

const t = texts.setup.analysis;

export function AnalysisSettings({ settings }: SettingsDraftProps) {
  const draft = useSettings(settings);
  const { auto, most, language } = draft.value.analysis;
  const set = (fields: Partial<typeof settings.analysis>) => draft.set({ analysis: { ...draft.value.analysis, ...fields } });
  return (
    <SettingsForm id="analysis-settings" title={t.title} draft={draft}>
      <label class="row tick"><input type="checkbox" name="analysis-auto" checked={auto} onChange={(event) => set({ auto: event.currentTarget.checked })} />{t.auto}</label>
      <Field label={t.most}>{(field) => <WholeNumber described={field} name="most" value={most} min={1} max={50} onChange={(value) => set({ most: value })} />}</Field>
      <Field label={t.language} hint={t.languageHint}>
        {(field) => (
          <input
            {...field} name="language" value={language ?? ''} pattern="[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}" maxLength={20}
            onInput={(event) => set({ language: event.currentTarget.value.trim() === '' ? null : event.currentTarget.value.trim() })}
          />
        )}
      </Field>
    </SettingsForm>
  );
}
