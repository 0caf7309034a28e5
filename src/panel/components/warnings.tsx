/** On every page: that the studio is out of reach, and what a person should act on and what to do. Neither moves anything on the page: a hand may be on it. */
import { useEffect } from 'preact/hooks';
import type { Warning } from '../../protocol/health.js';
import { page } from '../lib/pages.js';
import { connection, status } from '../store/state.js';
import { texts } from '../texts.js';

/** More than these would cover the page; the page of health has all. */
const SHOWN = 2;

/** Hangs from the head of the page, over what cannot be pressed meanwhile. */
export function Lost() {
  const isLost = connection.value === 'lost';
  useEffect(() => (isLost ? showLost() : undefined), [isLost]);
  return <div role="alert">{isLost && <p class="lost-line">{texts.people.lost}</p>}</div>;
}

/** At the foot of the window, below what is said for a moment. */
export function Warnings() {
  // The page of health lists all of them itself, and the live page has a place of its own.
  const all = connection.value === 'lost' || page.value === 'health' || page.value === 'live' ? [] : (status.value?.warnings ?? []);
  const more = all.length - SHOWN;
  return (
    <div role="alert" class="warnings-bar">
      {all.slice(0, SHOWN).map((warning) => <OneWarning key={[warning.code, ...warning.ids].join()} {...warning} />)}
      {more > 0 && <p class="more"><a href="#/health">{texts.health.moreWarnings(more)}</a></p>}
    </div>
  );
}

/** The first of them, in the line below the monitors. */
export function LiveWarnings() {
  const [first, ...others] = connection.value === 'lost' ? [] : (status.value?.warnings ?? []);
  if (!first) return null;
  return (
    <>
      <OneWarning {...first} />
      {others.length > 0 && <p class="more"><a href="#/health">{texts.health.moreWarnings(others.length)}</a></p>}
    </>
  );
}

export function OneWarning({ level, message, advice }: Warning) {
  return <p class={`warning-line ${level}`}><strong>{message}</strong> <span>{advice}</span></p>;
}

/** By the colour of the head too, for who looks elsewhere; and nothing on the page can be pressed. @returns the undo */
function showLost(): () => void {
  const focused = document.activeElement;
  const main = document.querySelector('main.studio');
  document.documentElement.dataset.connection = 'lost';
  main?.toggleAttribute('inert', true);
  return () => {
    delete document.documentElement.dataset.connection;
    main?.toggleAttribute('inert', false);
    // Whoever was writing goes on where it was.
    if (focused instanceof HTMLElement && document.activeElement === document.body) focused.focus();
  };
}
