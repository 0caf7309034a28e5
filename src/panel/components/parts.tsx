/** Small pieces that several parts of the page are made of. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { NOT_KNOWN, type Said } from '../lib/words.js';
import { connection } from '../store/state.js';
import { texts } from '../texts.js';

/** A state: a coloured dot and its word; "Not known" while nobody can tell. @param title why it is so, for whoever points at it */
export function State({ said, detail, title }: { said: Said; detail?: string | undefined; title?: string | undefined }) {
  const { tone, word } = connection.value === 'lost' ? NOT_KNOWN : said;
  return <span class={`state ${tone}`} title={title}><i aria-hidden="true" />{word}{connection.value !== 'lost' && detail && <span class="detail"> {detail}</span>}</span>;
}

/** One of two words on a button that keeps its size: the first tells how wide it is. */
export function TwoWords({ first, second, isSecond }: { first: string; second: string; isSecond: boolean }) {
  return (
    <span class={`two-words ${isSecond ? 'is-second' : ''}`}>
      <span aria-hidden={isSecond}>{first}</span>{isSecond && <span>{second}</span>}
    </span>
  );
}

export function Card({ title, aside, children, id }: { title: string; aside?: ComponentChildren; children: ComponentChildren; id: string }) {
  return (
    <section class="card" aria-labelledby={`${id}-title`} id={id}>
      <div class="card-head"><h2 id={`${id}-title`}>{title}</h2>{aside}</div>
      {children}
    </section>
  );
}

/** A field with its label above, and a hint below that is not part of its name. */
export function Field({ label, hint, children }: { label: string; hint?: string | undefined; children(described: { id: string; 'aria-describedby'?: string }): ComponentChildren }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(hint === undefined ? { id } : { id, 'aria-describedby': `${id}-hint` })}
      {hint !== undefined && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}

/** What stands in a field whose number is set at each key: as it was typed ("1.0" on the way to "1.05"), until it is left. */
export function useTyped(shown: number | '') {
  const [typed, setTyped] = useState<string | null>(null);
  return { setTyped, shown: { value: typed ?? shown, onBlur: () => setTyped(null) } };
}

/** On or off, said by a switch. */
export function Switch({ on, label, onChange, disabled }: { on: boolean; label: string; onChange(on: boolean): void; disabled?: boolean }) {
  return (
    <button type="button" role="switch" class="switch" aria-checked={on} aria-label={label} title={label} disabled={disabled} onClick={() => onChange(!on)}>
      <i aria-hidden="true" />
    </button>
  );
}

/** Asks before something that cannot be taken back. Escape and the other button answer no. */
export function Confirm({ question, yes, onAnswer }: { question: string; yes: string; onAnswer(yes: boolean): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="confirm" onCancel={(event) => { event.preventDefault(); onAnswer(false); }} aria-labelledby="confirm-question">
      <p id="confirm-question">{question}</p>
      <div class="row end">
        <button type="button" autofocus onClick={() => onAnswer(false)}>{texts.shell.cancel}</button>
        <button type="button" class="danger" onClick={() => onAnswer(true)}>{yes}</button>
      </div>
    </dialog>
  );
}

/** A button that asks first. */
export function ConfirmButton({ label, question, yes, onYes, class: className, ariaLabel, disabled }: {
  label: ComponentChildren; question: string; yes: string; onYes(): void; class?: string; ariaLabel?: string; disabled?: boolean;
}) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button type="button" class={className} aria-label={ariaLabel} disabled={disabled} onClick={() => setAsking(true)}>{label}</button>
      {asking && <Confirm question={question} yes={yes} onAnswer={(answer) => { setAsking(false); if (answer) onYes(); }} />}
    </>
  );
}

/** Text to be taken elsewhere, with a button that copies it. */
export function Copyable({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    } catch {
      // Without TLS a browser has no clipboard for pages: the text is selected, so that Ctrl-C takes it.
    }
  };
  return (
    <span class="copyable">
      <input ref={field} readOnly value={text} aria-label={label} onFocus={(event) => event.currentTarget.select()} />
      <button type="button" onClick={() => void copy()} aria-label={texts.shell.copyWhat(label)}>{copied ? texts.shell.copied : texts.shell.copy}</button>
    </span>
  );
}
