/** Settings of the channel: picture, encoder, sound, name. Changes take effect on air. */
import { toSettings } from '../../domain/resources.js';
import { THE_ONE } from '../../domain/documents.js';
import { fillerIssues } from '../../domain/schedule/events.js';
import { Settings as SettingsSchema } from '../../protocol/resources.js';
import type { SettingsResource } from '../../protocol/state.js';
import type { Model } from '../model.js';
import { parse, rejectIssues } from '../validate.js';
import { asBody, checkRevision, mergeDeep, withoutOwned, type ExpectedRevision } from './patch.js';

export class SettingsService {
  constructor(private readonly model: Model) {}

  get(): SettingsResource {
    return toSettings(this.model.state.settings);
  }

  async patch(body: unknown, expected: ExpectedRevision): Promise<SettingsResource> {
    const change = asBody(body);
    return toSettings(await this.model.change((draft) => {
      const current = draft.get('settings', THE_ONE);
      checkRevision(current.revision, expected);
      const settings = parse(SettingsSchema, mergeDeep(current.data, withoutOwned(change, toSettings(current), [])));
      if ('schedule' in change) rejectIssues(fillerIssues(draft.state, settings));
      return draft.update('settings', THE_ONE, settings);
    }));
  }
}
