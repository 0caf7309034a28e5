/** What live operation needs: the program, what can be put on it, and where it goes. */
import { useEffect } from 'preact/hooks';
import { Cameras } from '../components/cameras.js';
import { Destinations } from '../components/destinations.js';
import { FirstSteps } from '../components/first-steps.js';
import { Inserts } from '../components/inserts.js';
import { Overlays } from '../components/overlays.js';
import { Program } from '../components/program.js';
import { Recordings } from '../components/recordings.js';
import { Switcher } from '../components/switcher.js';
import { listenForKeys } from '../lib/key-listener.js';
import { takeNumber } from '../store/actions.js';

export function Live() {
  useEffect(() => listenForKeys((key) => {
    if (!/^[1-9]$/.test(key)) return false;
    takeNumber(Number(key) - 1);
    return true;
  }), []);
  return (
    <>
      <FirstSteps />
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
    </>
  );
}
