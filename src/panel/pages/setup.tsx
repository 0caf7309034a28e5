/** Setup: what is chosen once and holds until it is changed. A card a subject, in this order. */
import type { ComponentType } from 'preact';
import { KeysCard } from '../components/keys/keys-card.js';
import { Access } from '../components/setup/access.js';
import { AnalysisSettings } from '../components/setup/analysis.js';
import { Appearance } from '../components/setup/appearance.js';
import { Channel } from '../components/setup/channel.js';
import { EmergencyPicture } from '../components/setup/emergency-picture.js';
import { Airings } from '../components/setup/airings.js';
import { Encoding } from '../components/setup/encoding.js';
import { Events } from '../components/setup/events.js';
import { InsertsCard } from '../components/setup/inserts.js';
import { PlanSettings } from '../components/setup/plan-settings.js';
import type { SettingsDraftProps } from '../components/setup/settings-form.js';
import { snapshot } from '../store/state.js';
import { texts } from '../texts.js';

/** Those that change the settings of the studio. */
const OF_SETTINGS: ComponentType<SettingsDraftProps>[] = [Encoding, Channel, EmergencyPicture, PlanSettings, AnalysisSettings];
/** Those that are about something else. */
const OTHERS: ComponentType[] = [Events, InsertsCard, Airings, KeysCard, Appearance, Access];

export function SetupPage() {
  const settings = snapshot.value?.settings;
  if (!settings) return <p class="empty" role="status">{texts.page.loading}</p>;
  // There is one of them, so its id says nothing.
  const item = { ...settings, id: '' };
  return (
    <>
      {OF_SETTINGS.map((Section, index) => <Section key={index} settings={item} />)}
      {OTHERS.map((Section, index) => <Section key={index} />)}
    </>
  );
}
