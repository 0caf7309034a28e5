/** Setup. */
import { texts } from '../texts.js';

export function SetupPage() {
  return <h2>{texts.pages.setup}</h2>;
}
