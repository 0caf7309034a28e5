/** Whether the schedule runs, in which time zone, and what stands where nothing is planned. */
import { snapshot, targets } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Field } from '../parts.js';
import { Choice, SettingsForm, useSettings, type SettingsDraftProps } from './settings-form.js';
import { choicesOf, keyOf, targetOf } from './targets.js';

const t = texts.setup.plan;
const ZONES = Intl.supportedValuesOf('timeZone');

export function PlanSettings({ settings }: SettingsDraftProps) {
  const draft = useSettings(settings);
  const { enabled, timeZone, filler } = draft.value.schedule;
  const set = (fields: Partial<typeof settings.schedule>) => draft.set({ schedule: { ...draft.value.schedule, ...fields } });
  return (
    <SettingsForm id="plan-settings" title={t.title} draft={draft} onAir={t.onAir}>
      <label class="row tick"><input type="checkbox" name="plan-enabled" checked={enabled} onChange={(event) => set({ enabled: event.currentTarget.checked })} />{t.enabled}</label>
      <Field label={t.zone}>
        {(field) => (
          <Choice
            described={field} name="zone" value={timeZone ?? ''} onChange={(zone) => set({ timeZone: zone === '' ? null : zone })}
            options={[['', t.machineZone], ...[...new Set([...ZONES, ...(timeZone === null ? [] : [timeZone])])].map((zone) => [zone, zone] as const)]}
          />
        )}
      </Field>
      <Field label={t.filler} hint={t.fillerHint}>
        {(field) => (
          <Choice
            described={field} name="filler" value={keyOf(filler)} options={[['', t.noFiller], ...choicesOf(targets.value, snapshot.value?.timelines ?? [])]}
            onChange={(key) => set({ filler: targetOf(key) as typeof filler })}
          />
        )}
      </Field>
    </SettingsForm>
  );
}
