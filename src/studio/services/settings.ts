/** Settings of the channel: picture, encoder, sound, name. Changes take effect on air. */
import { toSettings } from '../../domain/resources.js';
import { THE_ONE, type StudioState } from '../../domain/documents.js';
import { fillerIssues } from '../../domain/schedule/events.js';
import { Settings as SettingsSchema } from '../../protocol/resources.js';
import type { SettingsResource } from '../../protocol/state.js';
import type { Model } from '../model.js';
import { invalidField, parse, rejectIssues } from '../validate.js';
import { asBody, checkRevision, mergeDeep, withoutOwned, type ExpectedRevision } from './patch.js';

export class SettingsService {
  /** @param settleSound stores what was set at the mixer so far */
  constructor(private readonly model: Model, private readonly settleSound: () => Promise<void> = () => Promise.resolve()) {}

  get(): SettingsResource {
    return toSettings(this.model.state.settings);
  }

  async patch(body: unknown, expected: ExpectedRevision): Promise<SettingsResource> {
    const change = asBody(body);
    if ('audio' in change) await this.settleSound();
    return toSettings(await this.model.change((draft) => {
      const current = draft.get('settings', THE_ONE);
      checkRevision(current.revision, expected);
      const settings = parse(SettingsSchema, mergeDeep(current.data, withoutOwned(change, toSettings(current), [])));
      checkEmergency(draft.state, settings.emergency);
      if ('schedule' in change) rejectIssues(fillerIssues(draft.state, settings));
      return draft.update('settings', THE_ONE, settings);
    }));
  }
}

/** @throws ServerError VALIDATION for what is not there; what was deleted in spite of all is taken as the slate */
function checkEmergency(state: StudioState, emergency: SettingsResource['emergency']): void {
  if (!emergency) return;
  const [kind, id, all] = 'sourceId' in emergency ? ['source', emergency.sourceId, state.sources] as const : ['scene', emergency.sceneId, state.scenes] as const;
  if (!all.some((one) => one.id === id)) throw invalidField(`emergency.${kind}Id`, `There is no ${kind} ${id}.`);
}
