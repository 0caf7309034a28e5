/** Setup. */
import { KeysCard } from '../components/keys/keys-card.js';
import { texts } from '../texts.js';

export function SetupPage() {
  return (
    <>
      <h2>{texts.pages.setup}</h2>
      <KeysCard />
    </>
  );
}
