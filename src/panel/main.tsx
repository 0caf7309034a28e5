/** The panel's floor plan: styles, session, page. */
import './styles/index.css';
import { render } from 'preact';
import { config } from 'zod';
import { App } from './app.js';
import { begin } from './store/session.js';

// zod compiles its checks where it may; the page's policy forbids that, and asking would show as a violation.
config({ jitless: true });

render(<App />, document.getElementById('app')!);
void begin();
