/** Health. */
import { texts } from '../texts.js';

export function HealthPage() {
  return <h2>{texts.pages.health}</h2>;
}
