/** Who is here, in the head of every page, and one's own name to be given. */
import { useRef, useState } from 'preact/hooks';
import { clockMinute } from '../lib/when.js';
import { chooseName, operatorName, operators, panels } from '../store/people.js';
import { texts } from '../texts.js';
import { Field } from './parts.js';

const t = texts.people;

export function People() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setOpen] = useState(false);
  const open = () => {
    setOpen(true);
    dialog.current?.showModal();
  };
  const names = operators.value.map(({ name }) => name ?? t.nameless);
  return (
    <>
      <button type="button" class="plain people" onClick={open} title={operatorName.value === '' ? t.giveName : names.join(', ')}>
        <i aria-hidden="true" class="people-dot" />{operatorName.value || t.nameMissing}{panels.value > 1 && <span class="figure">+{panels.value - 1}</span>}<span class="unseen">{`, ${t.here}: ${panels.value}`}</span>
      </button>
      <dialog ref={dialog} class="people-list" aria-labelledby="people-title" onClose={() => setOpen(false)}>
        {isOpen && <Inside onDone={() => dialog.current?.close()} />}
      </dialog>
    </>
  );
}

function Inside({ onDone }: { onDone(): void }) {
  const [name, setName] = useState(operatorName.value);
  const save = (event: Event) => {
    event.preventDefault();
    chooseName(name);
    onDone();
  };
  const missing = panels.value - operators.value.length;
  return (
    <form onSubmit={save}>
      <h2 id="people-title">{t.here}</h2>
      <ul class="list">
        {operators.value.map(({ id, name: who, what, since }) => (
          <li key={id}>
            <strong>{who ?? t.nameless}</strong> <span class="hint">{pageName(what)} {t.since(clockMinute(new Date(since)))}</span>
          </li>
        ))}
        {missing > 0 && <li class="hint">{t.more(missing)}</li>}
      </ul>
      <Field label={t.yourName} hint={t.yourNameHint}>
        {(described) => <input {...described} value={name} maxLength={40} autocomplete="nickname" onInput={(event) => setName(event.currentTarget.value)} />}
      </Field>
      <div class="row end"><button type="submit" class="primary">{t.save}</button></div>
    </form>
  );
}

const pageName = (what: string): string => (Object.hasOwn(texts.pages, what) ? texts.pages[what as keyof typeof texts.pages] : what);
