/** Media. */
import { texts } from '../texts.js';

export function MediaPage() {
  return <h2>{texts.pages.media}</h2>;
}
