/** Forms of what the studio keeps in a list: of one that is new, and of one that others may be changing as well. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Revised } from '../store/edits.js';
import { texts } from '../texts.js';
import { Conflict, type Draft } from './edits.js';

const inWords = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** @param add answers whether it was added */
export function NewForm<T extends object>({ first, fields, add, label, disabled = false, onDone }: {
  first(): T; fields(value: T, set: (fields: Partial<T>) => void): ComponentChildren; add(value: T): Promise<boolean>; label: string; disabled?: boolean; onDone(): void;
}) {
  const [value, setValue] = useState(first);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await add(value)) onDone();
  };
  return (
    <form class="fields destination-form" onSubmit={(event) => void submit(event)}>
      {fields(value, (changed) => setValue({ ...value, ...changed }))}
      <div class="row end">
        <button type="button" onClick={onDone}>{texts.shell.cancel}</button>
        <button type="submit" class="primary" disabled={disabled}>{label}</button>
      </div>
    </form>
  );
}

/** `labels` and `show` are those of a conflict. */
export function DraftForm<T extends Revised>({ draft, labels, show = inWords, save, disabled = false, onDone, children }: {
  draft: Draft<T>; labels: Partial<Record<keyof T, string>>; show?: (value: unknown) => string; save: string; disabled?: boolean; onDone(): void; children: ComponentChildren;
}) {
  const submit = (event: Event) => {
    event.preventDefault();
    void draft.save().then((isStored) => { if (isStored) onDone(); });
  };
  return (
    <form class="fields destination-form" onSubmit={submit}>
      {children}
      <Conflict draft={draft} labels={labels} show={show} />
      {draft.contested.length === 0 && (
        <div class="row end">
          <button type="button" onClick={() => { draft.reset(); onDone(); }}>{texts.shell.cancel}</button>
          <button type="submit" class="primary" disabled={!draft.isChanged || draft.isBusy || disabled}>{save}</button>
        </div>
      )}
    </form>
  );
}
