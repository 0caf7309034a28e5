/** The page: a login form, or the studio with its pages. All but the live page come when they are first shown. */
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Broadcast } from './components/broadcast.js';
import { Icon } from './components/icons.js';
import { Login } from './components/login.js';
import { Notices } from './components/notices.js';
import { PagesNav } from './components/pages-nav.js';
import { People } from './components/people.js';
import { ThemeButton } from './components/theme-button.js';
import { Lost, Warnings } from './components/warnings.js';
import { lazy } from './lib/lazy.js';
import { followAddress, page, type Page } from './lib/pages.js';
import { Live } from './pages/live.js';
import { leave } from './store/actions.js';
import { connection, session, settings, spoken } from './store/state.js';
import { texts } from './texts.js';

const VIEWS: Record<Page, ComponentType> = {
  live: Live,
  timelines: lazy('TimelinesPage', () => import('./pages/timelines.js')),
  scenes: lazy('ScenesPage', () => import('./pages/scenes.js')),
  media: lazy('MediaPage', () => import('./pages/media.js')),
  highlights: lazy('HighlightsPage', () => import('./pages/highlights.js')),
  sound: lazy('SoundPage', () => import('./pages/sound.js')),
  health: lazy('HealthPage', () => import('./pages/health.js')),
  setup: lazy('SetupPage', () => import('./pages/setup.js')),
};

export function App() {
  if (session.value === 'checking') return <main class="lone" aria-busy="true"><p>{texts.shell.connecting}</p></main>;
  return (
    <>
      {session.value === 'closed' ? <Login /> : <Studio />}
      <div class="foot">
        <Notices />
        {session.value !== 'closed' && <Warnings />}
      </div>
    </>
  );
}

function Studio() {
  useEffect(followAddress, []);
  const content = useRef<HTMLElement>(null);
  const name = settings.value?.channel.name ?? texts.product;
  const here = page.value;
  const isLost = connection.value === 'lost';
  useEffect(() => {
    const title = texts.shell.windowTitle(texts.pages[here], name);
    document.title = isLost ? texts.people.lostTitle(title) : title;
  }, [here, name, isLost]);
  // The address names the page, not a place in it.
  const skip = (event: Event) => {
    event.preventDefault();
    content.current?.focus();
  };
  const View = VIEWS[here];
  return (
    <>
      <a class="skip" href={`#/${here}`} onClick={skip}>{texts.shell.skip}</a>
      <header class="top">
        <h1>{name}</h1>
        <PagesNav />
        <Broadcast />
        <div class="own">
          <People />
          <ThemeButton />
          <button type="button" class="plain icon" aria-label={texts.shell.logOut} title={texts.shell.logOut} onClick={() => void leave()}><Icon name="leave" /></button>
        </div>
        <Lost />
      </header>
      <main ref={content} tabIndex={-1} class={`studio ${here} ${connection.value === 'lost' ? 'lost' : ''}`}>
        <View />
      </main>
      <Spoken />
    </>
  );
}

/** By itself, as each take says something: the page around it has nothing to do then. */
const Spoken = () => <p class="unseen" role="status">{spoken.value}</p>;
