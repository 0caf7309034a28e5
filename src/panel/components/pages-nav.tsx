/** The way from page to page: in the header, and on a tablet or phone at the foot of the window, where a thumb is. */
import { letGoAfterClick } from '../lib/key-listener.js';
import { page, PAGES } from '../lib/pages.js';
import { texts } from '../texts.js';
import { Icon } from './icons.js';

export function PagesNav() {
  return (
    <nav class="pages" aria-label={texts.page.pages}>
      {PAGES.map((name) => (
        <a key={name} href={`#/${name}`} onClick={letGoAfterClick} aria-current={page.value === name ? 'page' : undefined}>
          <Icon name={name} /><span>{texts.pages[name]}</span>
        </a>
      ))}
    </nav>
  );
}
