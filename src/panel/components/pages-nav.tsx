/** The way from page to page. */
import { page, PAGES } from '../lib/pages.js';
import { texts } from '../texts.js';

export function PagesNav() {
  return (
    <nav class="pages" aria-label={texts.page.pages}>
      {PAGES.map((name) => <a key={name} href={`#/${name}`} aria-current={page.value === name ? 'page' : undefined}>{texts.pages[name]}</a>)}
    </nav>
  );
}
