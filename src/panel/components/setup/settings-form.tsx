/** What the cards of the settings have in common: a draft that never overwrites blindly, and the two buttons under it. */
import type { ComponentChildren } from 'preact';
import type { SettingsResource } from '../../../protocol/state.js';
import { connection, spoken } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Conflict, useDraft, type Draft } from '../edits.js';
import { Card } from '../parts.js';

export type SettingsItem = SettingsResource & { id: string };
export interface SettingsDraftProps {
  settings: SettingsItem;
}

export const useSettings = (settings: SettingsItem): Draft<SettingsItem> => useDraft(settings, 'settings');

const t = texts.setup;

/** @param onAir what viewers see of a change, told beside the button */
export function SettingsForm({ id, title, draft, onAir, ask, children }: {
  id: string; title: string; draft: Draft<SettingsItem>; onAir?: string | undefined;
  /** Asks before it is stored; whoever answers no stores nothing. */
  ask?: ((store: () => void) => void) | undefined; children: ComponentChildren;
}) {
  const store = () => void draft.save().then((isStored) => { if (isStored) spoken.value = t.stored(title); });
  const submit = (event: Event) => {
    event.preventDefault();
    if (ask) ask(store);
    else store();
  };
  return (
    <Card id={id} title={title}>
      <form onSubmit={submit}>
        <div class="fields">{children}</div>
        <Conflict draft={draft} labels={t.parts} show={(value, field) => (field === 'channel' ? (value as SettingsItem['channel']).name : inWords(value))} />
        {draft.contested.length === 0 && (
          <div class="row end form-end">
            {onAir && draft.isChanged && <p class="hint grow">{onAir}</p>}
            {draft.isChanged && <button type="button" onClick={draft.reset}>{t.undo}</button>}
            <button type="submit" class="primary" disabled={!draft.isChanged || draft.isBusy || connection.value !== 'open'}>{draft.isBusy ? t.saving : t.save}</button>
          </div>
        )}
      </form>
    </Card>
  );
}

/** `bitrateKbps 6000, preset fast`: names and values as the settings have them. */
function inWords(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value).map(([key, one]) => `${key} ${inWords(one)}`).join(', ');
}

/** A list of choices, the present one among them though it is none of the usual. */
export function Choice<T extends string | number>({ described, value, options, onChange, name }: {
  described: object; value: T; options: readonly (readonly [value: T, label: string])[]; onChange(value: T): void; name?: string;
}) {
  return (
    <select {...described} name={name} value={String(value)} onChange={(event) => onChange(options.find(([one]) => String(one) === event.currentTarget.value)?.[0] ?? value)}>
      {options.map(([one, label]) => <option key={one} value={String(one)}>{label}</option>)}
    </select>
  );
}

/** A whole number in its bounds; the browser tells when it is out of them. */
export function WholeNumber({ described, value, min, max, step = 1, name, onChange }: {
  described: object; value: number; min: number; max: number; step?: number; name: string; onChange(value: number): void;
}) {
  return (
    <input
      {...described} type="number" inputMode="numeric" name={name} required min={min} max={max} step={step} value={Number.isNaN(value) ? '' : value}
      onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
    />
  );
}
