/** The page: a login form, or the one screen that live operation needs. */
import { useEffect } from 'preact/hooks';
import { Broadcast } from './components/broadcast.js';
import { Cameras } from './components/cameras.js';
import { Destinations } from './components/destinations.js';
import { Health } from './components/health.js';
import { Inserts } from './components/inserts.js';
import { Login } from './components/login.js';
import { Notices } from './components/notices.js';
import { Overlays } from './components/overlays.js';
import { Program } from './components/program.js';
import { Recordings } from './components/recordings.js';
import { Switcher } from './components/switcher.js';
import { listenForDigits } from './lib/keys.js';
import { takeNumber } from './store/actions.js';
import { logOut } from './store/session.js';
import { connection, session, snapshot, spoken } from './store/state.js';

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
  useEffect(() => listenForDigits(takeNumber), []);
  const name = snapshot.value?.settings.channel.name ?? 'VistterStudio';
  useEffect(() => { document.title = name === 'VistterStudio' ? name : `${name} · VistterStudio`; }, [name]);
  return (
    <>
      <header class="top">
        <h1>{name}</h1>
        <Broadcast />
        <button type="button" class="plain" onClick={() => void logOut()}>Log out</button>
      </header>
      <Health />
      <main class={`studio ${connection.value === 'lost' ? 'lost' : ''}`}>
        <div class="column main">
          <Program />
          <Switcher />
        </div>
        <div class="column side">
          <Destinations />
          <Inserts />
          <Overlays />
          <Cameras />
          <Recordings />
        </div>
      </main>
      <p class="unseen" role="status">{spoken.value}</p>
    </>
  );
}
