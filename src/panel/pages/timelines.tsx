/** Timelines. */
import { texts } from '../texts.js';

export function TimelinesPage() {
  return <h2>{texts.pages.timelines}</h2>;
}
