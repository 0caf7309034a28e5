/** Destinations: where the program goes. A key goes in and never comes out again, but to egress. */
import { withDestinationEnabled } from '../../domain/broadcast.js';
import type { StoredDestination } from '../../domain/documents.js';
import { toDestination } from '../../domain/resources.js';
import { AddressError, effectiveUrl, publishAddress } from '../../platforms/address.js';
import { DestinationInput, type Destination } from '../../protocol/resources.js';
import { ServerError } from '../../runtime/errors.js';
import { newId } from '../ids.js';
import type { Model } from '../model.js';
import { parse, rejectIssues } from '../validate.js';
import { asBody, checkRevision, merge, withoutOwned, type ExpectedRevision } from './patch.js';

const OWNED = ['id', 'createdAt', 'updatedAt', 'hasKey'];

export class Destinations {
  constructor(private readonly model: Model) {}

  list(): Destination[] {
    return this.model.state.destinations.map(toDestination);
  }

  get(id: string): Destination {
    const found = this.model.find('destination', id);
    if (!found) throw new ServerError('NOT_FOUND', `There is no destination ${id}.`);
    return toDestination(found);
  }

  async create(body: unknown): Promise<Destination> {
    const { key = '', ...input } = parse(DestinationInput, body);
    const data = toStored(input, key);
    const id = newId('destination');
    return toDestination(await this.model.change((draft) => {
      if (key.trim()) draft.secret('destination', id, key.trim());
      return draft.create('destination', id, data);
    }));
  }

  /** An empty key takes the stored one away; an empty url goes back to the platform's own. */
  async patch(id: string, body: unknown, expected: ExpectedRevision): Promise<Destination> {
    const change = asBody(body);
    return toDestination(await this.model.change((draft) => {
      const current = draft.get('destination', id);
      checkRevision(current.revision, expected);
      const { hasKey: _, ...before } = current.data;
      const oldKey = this.model.secret('destination', id) ?? '';
      const given = merge(DestinationInput, before, withoutOwned(change, toDestination(current), OWNED));
      // Another platform's own server does not stay behind.
      if (given.platform !== before.platform && !('url' in change) && before.url === effectiveUrl(before.platform, '')) given.url = '';
      const { key = oldKey, ...input } = given;
      const data = toStored(input, key);
      if (key.trim() !== oldKey) draft.secret('destination', id, key.trim() || null);
      if (data.enabled !== before.enabled) draft.put('broadcast', withDestinationEnabled(draft.state.broadcast, id, data.enabled));
      return draft.update('destination', id, data);
    }));
  }

  /** Allowed on air as well: its connection is closed, the others go on. */
  remove(id: string, expected: ExpectedRevision): Promise<void> {
    return this.model.change((draft) => {
      checkRevision(draft.get('destination', id).revision, expected);
      draft.remove('destination', id);
      draft.secret('destination', id, null);
      draft.put('broadcast', withDestinationEnabled(draft.state.broadcast, id, false));
    });
  }
}

/** @throws ServerError VALIDATION naming the field; neither url nor key is repeated. */
function toStored(input: Omit<DestinationInput, 'key'>, key: string): StoredDestination {
  const url = effectiveUrl(input.platform, input.url);
  try {
    publishAddress(input.platform, url, key);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    // The key may follow later; until then egress says that it is missing.
    if (!(error.field === 'key' && key.trim() === '')) rejectIssues([{ path: error.field, message: error.message }]);
  }
  return { name: input.name, platform: input.platform, url, enabled: input.enabled, hasKey: key.trim() !== '' };
}
