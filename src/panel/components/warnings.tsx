/** Above everything else, on every page: that the studio is out of reach, or what a person should act on and what to do. */
import { useEffect } from 'preact/hooks';
import type { Warning } from '../../protocol/health.js';
import { page } from '../lib/pages.js';
import { connection, status } from '../store/state.js';
import { texts } from '../texts.js';

/** More than these would push the page away; the page of health has all. */
const SHOWN = 2;

export function Warnings() {
  const isLost = connection.value === 'lost';
  useEffect(() => (isLost ? showLost() : undefined), [isLost]);
  // The page of health lists all of them itself.
  const all = isLost || page.value === 'health' ? [] : (status.value?.warnings ?? []);
  const more = all.length - SHOWN;
  return (
    <div role="alert" class="warnings-bar">
      {isLost && <p class="lost">{texts.people.lost}</p>}
      {all.slice(0, SHOWN).map((warning) => <OneWarning key={[warning.code, ...warning.ids].join()} {...warning} />)}
      {more > 0 && <p class="more"><a href="#/health">{texts.health.moreWarnings(more)}</a></p>}
    </div>
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
