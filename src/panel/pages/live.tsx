/** What live operation needs: preview and program, what can be put on them, how it comes there, and where it goes. */
import { useLayoutEffect } from 'preact/hooks';
import { Cameras } from '../components/cameras.js';
import { Destinations } from '../components/destinations.js';
import { FirstSteps } from '../components/first-steps.js';
import { OverProgram } from '../components/emergency.js';
import { Inserts } from '../components/inserts.js';
import { Calm } from '../components/live/calm.js';
import { Controls } from '../components/live/controls.js';
import { Figures } from '../components/live/figures.js';
import { PreviewMonitor } from '../components/live/preview-monitor.js';
import { ProgramTrouble } from '../components/live/program-trouble.js';
import { Overlays } from '../components/overlays.js';
import { Program } from '../components/program.js';
import { Recordings } from '../components/recordings.js';
import { Switcher } from '../components/switcher.js';
import { LiveWarnings } from '../components/warnings.js';
import { listenForKeys } from '../lib/key-listener.js';
import { pressKey } from '../store/keys.js';
import { mode } from '../store/switching.js';

export function Live() {
  // At once: what can be seen can be pressed.
  useLayoutEffect(() => listenForKeys(pressKey), []);
  const hasBuses = mode.value === 'studio';
  return (
    <>
      <FirstSteps />
      <div class="column main">
        <div class={`card monitors ${hasBuses ? 'both' : ''}`}>
          {hasBuses && <PreviewMonitor />}
          <Program />
          <div class="told">
            <div class="told-parts" aria-live="polite">
              <OverProgram />
              <ProgramTrouble />
              <LiveWarnings />
            </div>
            <Calm />
          </div>
        </div>
        <Controls />
        <Switcher />
        <Figures />
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
