/** Editing a stored thing while others may do so as well: what one has changed, and what to do when somebody else was first. */
import { useRef, useState } from 'preact/hooks';
import { changed, contested, unsent } from '../lib/edits.js';
import { notify } from '../store/actions.js';
import { edit, type Revised } from '../store/edits.js';
import { texts } from '../texts.js';

export interface Draft<T> {
  /** The thing as it would be stored. Fields that one has not touched follow what others do. */
  value: T;
  isChanged: boolean;
  isBusy: boolean;
  /** Fields that somebody else changed to something else since one began; those are not stored over theirs without being asked. */
  contested: (keyof T)[];
  theirs: T;
  mine: Partial<T>;
  set(fields: Partial<T>): void;
  /** Stores what was changed. @returns whether it is stored */
  save(): Promise<boolean>;
  /** Stores it in spite of what somebody else made of the same fields. */
  applyMine(): Promise<boolean>;
  /** Gives up what one changed. */
  reset(): void;
}

/**
 * @param item as the snapshot has it now
 * @param collection its REST collection, such as `sources`
 */
export function useDraft<T extends Revised>(item: T, collection: string): Draft<T> {
  const [mine, setMine] = useState<Partial<T>>({});
  const [isBusy, setBusy] = useState(false);
  /** What the first change was made on. */
  const base = useRef(item);
  /** As read from the studio, where it is ahead of the snapshot. */
  const read = useRef<T | null>(null);
  const theirs = read.current && read.current.revision > item.revision ? read.current : item;
  const meets = contested(base.current, mine, theirs);
  // Nobody touched what I touched: my change is as good on theirs as on what it was made on.
  if (meets.length === 0) base.current = theirs;
  const left = changed(theirs, mine);

  const store = async (on: T): Promise<boolean> => {
    setBusy(true);
    let answer = await edit<T>(collection, item.id, changed(on, mine), on.revision);
    if (answer.is === 'stale' && contested(on, mine, answer.theirs).length === 0) {
      answer = await edit<T>(collection, item.id, mine, answer.theirs.revision);
    }
    setBusy(false);
    if (answer.is === 'failed') notify(`${collection}-${item.id}`, answer.message);
    else read.current = answer.is === 'stored' ? answer.item : answer.theirs;
    if (answer.is !== 'stored') {
      // For what is known now to be shown.
      setMine((now) => ({ ...now }));
      return false;
    }
    base.current = answer.item;
    // Whoever typed on meanwhile goes on from there.
    setMine((now) => unsent(now, mine));
    return true;
  };

  return {
    value: { ...theirs, ...mine }, isChanged: Object.keys(left).length > 0, isBusy, contested: meets, theirs, mine,
    set: (fields) => setMine((before) => ({ ...before, ...fields })),
    save: async () => (meets.length > 0 ? false : store(theirs)),
    applyMine: () => store(theirs),
    reset: () => {
      base.current = theirs;
      setMine({});
    },
  };
}

/** What somebody else made of the fields that one changed as well, and the choice between the two. Nothing while there is none. */
export function Conflict<T extends Revised>({ draft, labels, show = String }: {
  draft: Draft<T>;
  /** What its fields are called. */
  labels: Partial<Record<keyof T, string>>;
  /** A field's value in words. */
  show?: (value: unknown, field: keyof T) => string;
}) {
  if (draft.contested.length === 0) return null;
  const said = (value: unknown, field: keyof T) => (value === undefined || value === null || value === '' ? texts.edits.none : show(value, field));
  return (
    <div class="contested" role="alert">
      <p>{texts.edits.theirs}</p>
      <table>
        <thead><tr><th scope="col">{texts.edits.field}</th><th scope="col">{texts.edits.theirValue}</th><th scope="col">{texts.edits.myValue}</th></tr></thead>
        <tbody>
          {draft.contested.map((field) => (
            <tr key={String(field)}>
              <th scope="row">{labels[field] ?? String(field)}</th>
              <td>{said(draft.theirs[field], field)}</td>
              <td>{said(draft.mine[field], field)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="row end">
        <button type="button" onClick={draft.reset}>{texts.edits.takeTheirs}</button>
        <button type="button" class="primary" disabled={draft.isBusy} onClick={() => void draft.applyMine()}>{texts.edits.applyMine}</button>
      </div>
    </div>
  );
}
