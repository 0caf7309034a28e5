/** Scenes. */
import { texts } from '../texts.js';

export function ScenesPage() {
  return <h2>{texts.pages.scenes}</h2>;
}
