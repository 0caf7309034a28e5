/** The panel's floor plan: styles, theme, session, page. */
import './styles/index.css';
import { render } from 'preact';
import { App } from './app.js';
import { begin } from './store/session.js';
import { followTheme } from './store/theme.js';

// zod, which comes with the pages that check something, compiles its checks where it may; the page's policy forbids that, and asking would
// show as a violation. It is told where it looks, as loading it for that would be most of what the page has to read first.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });

followTheme();
// First: what the studio has said by now is in what is drawn first.
void begin();
render(<App />, document.getElementById('app')!);
