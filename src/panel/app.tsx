/** The page: a login form, or the studio with its pages. All but the live page come when they are first shown. */
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { Broadcast } from './components/broadcast.js';
import { Health } from './components/health.js';
import { Login } from './components/login.js';
import { Notices } from './components/notices.js';
import { PagesNav } from './components/pages-nav.js';
import { People } from './components/people.js';
import { lazy } from './lib/lazy.js';
import { followAddress, page, type Page } from './lib/pages.js';
import { Live } from './pages/live.js';
import { logOut } from './store/session.js';
import { connection, session, snapshot, spoken } from './store/state.js';

const VIEWS: Record<Page, ComponentType> = {
  live: Live,
  timelines: lazy('TimelinesPage', () => import('./pages/timelines.js')),
  scenes: lazy('ScenesPage', () => import('./pages/scenes.js')),
  media: lazy('MediaPage', () => import('./pages/media.js')),
  sound: lazy('SoundPage', () => import('./pages/sound.js')),
  health: lazy('HealthPage', () => import('./pages/health.js')),
  setup: lazy('SetupPage', () => import('./pages/setup.js')),
};

export function App() {
  if (session.value === 'checking') return <main class="lone" aria-busy="true"><p>Connecting …</p></main>;
  return (
    <>
      {session.value === 'closed' ? <Login /> : <Studio />}
      <Notices />
    </>
  );
}

function Studio() {
  useEffect(followAddress, []);
  const name = snapshot.value?.settings.channel.name ?? 'VistterStudio';
  useEffect(() => { document.title = name === 'VistterStudio' ? name : `${name} · VistterStudio`; }, [name]);
  const View = VIEWS[page.value];
  return (
    <>
      <header class="top">
        <h1>{name}</h1>
        <PagesNav />
        <Broadcast />
        <People />
        <button type="button" class="plain" onClick={() => void logOut()}>Log out</button>
      </header>
      <Health />
      <main class={`studio ${page.value} ${connection.value === 'lost' ? 'lost' : ''}`}>
        <View />
      </main>
      <p class="unseen" role="status">{spoken.value}</p>
    </>
  );
}
