/** The panel's floor plan: styles, theme, session, page. */
import './styles/index.css';
import { render } from 'preact';
import { config } from 'zod';
import { App } from './app.js';
import { begin } from './store/session.js';
import { followTheme } from './store/theme.js';

// zod compiles its checks where it may; the page's policy forbids that, and asking would show as a violation.
config({ jitless: true });

followTheme();
// First: what the studio has said by now is in what is drawn first.
void begin();
render(<App />, document.getElementById('app')!);
