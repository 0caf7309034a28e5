/** Sound. */
import { texts } from '../texts.js';

export function SoundPage() {
  return <h2>{texts.pages.sound}</h2>;
}
