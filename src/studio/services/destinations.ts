/** Destinations: where the program goes. A key goes in and never comes out again, but to egress. */
import { withDestinationEnabled } from '../../domain/broadcast.js';
import type { DocumentOf, StoredDestination } from '../../domain/documents.js';
import { toDestination } from '../../domain/resources.js';
import { AddressError, effectiveUrl, PLATFORMS, publishAddress, splitStreamName } from '../../platforms/address.js';
import { platformWarnings } from '../../platforms/limits.js';
import { Encoding } from '../../protocol/presets.js';
import { DestinationInput, type Destination, type Platform, type PlatformInfo } from '../../protocol/resources.js';
import { newId } from '../ids.js';
import type { Draft } from '../draft.js';
import type { Model } from '../model.js';
import { parse, rejectIssues } from '../validate.js';
import { asBody, checkRevision, merge, withoutOwned, type ExpectedRevision } from './patch.js';

const OWNED = ['id', 'createdAt', 'updatedAt', 'hasKey'];

export class Destinations {
  constructor(private readonly model: Model) {}

  #shown(document: DocumentOf<'destination'>): Destination {
    return toDestination(document, this.model.state.settings.data);
  }

  list(): Destination[] {
    return this.model.state.destinations.map((document) => this.#shown(document));
  }

  /** What can be gone to, and whether what is taken there is what the encoder makes, or would make with other settings. */
  platforms(made: Encoding = this.model.state.settings.data): PlatformInfo[] {
    return Object.entries(PLATFORMS).map(([id, { label, defaultUrl, keyPlace, keyRequired }]) => {
      const platform = id as Platform;
      return { platform, label, url: defaultUrl, keyPlace, keyRequired, warnings: platformWarnings(platform, made) };
    });
  }

  /** The same of settings that are not stored. @throws ServerError VALIDATION */
  check(body: unknown): PlatformInfo[] {
    return this.platforms(parse(Encoding, body));
  }

  get(id: string): Destination {
    return this.#shown(this.model.get('destination', id));
  }

  async create(body: unknown): Promise<Destination> {
    const { key, ...input } = withoutNameInUrl(parse(DestinationInput, body));
    const data = toStored(input, key);
    const id = newId('destination');
    return this.#shown(await this.model.change((draft) => {
      if (key) draft.secret('destination', id, key);
      return draft.create('destination', id, data);
    }));
  }

  /**
   * An empty key takes the stored one away; an empty url goes back to the platform's own. The stored key is never sent to
   * another server than the one it was given for.
   * @throws ServerError NOT_FOUND, STALE_REVISION, VALIDATION at `key` when it has to be given again
   */
  async patch(id: string, body: unknown, expected: ExpectedRevision): Promise<Destination> {
    // They follow from the settings, which may have changed since they were read.
    const { warnings: _, ...change } = asBody(body);
    const work = (draft: Draft): DocumentOf<'destination'> => {
      const current = draft.get('destination', id);
      checkRevision(current.revision, expected);
      const { hasKey: __, ...before } = current.data;
      const oldKey = this.model.secret('destination', id) ?? '';
      const given = merge(DestinationInput, before, withoutOwned(change, this.#shown(current), OWNED));
      // Another platform's own server does not stay behind.
      if (given.platform !== before.platform && !('url' in change) && before.url === effectiveUrl(before.platform, '')) given.url = '';
      // A key that is taken away leaves the application whole, however many parts it has.
      const isTakenAway = oldKey !== '' && given.key?.trim() === '' && !('url' in change);
      const { key, ...input } = isTakenAway ? { ...given, key: '' } : withoutNameInUrl(given, given.key ?? keptKey(given, before.url, oldKey));
      const data = toStored(input, key);
      if (key !== oldKey) draft.secret('destination', id, key || null);
      if (data.enabled !== before.enabled) draft.put('broadcast', withDestinationEnabled(draft.state.broadcast, id, data.enabled));
      return draft.update('destination', id, data);
    };
    // One that is taken off air does not stay there for want of room on a disk.
    const isOff = change.enabled === false && this.model.find('destination', id)?.data.enabled === true;
    return this.#shown(await (isOff ? this.model.changeAtOnce(work) : this.model.change(work)));
  }

  /** Allowed on air as well: its connection is closed at once, whether or not that can be stored; the others go on. */
  remove(id: string, expected: ExpectedRevision): Promise<void> {
    return this.model.changeAtOnce((draft) => {
      checkRevision(draft.get('destination', id).revision, expected);
      draft.remove('destination', id);
      draft.secret('destination', id, null);
      draft.put('broadcast', withDestinationEnabled(draft.state.broadcast, id, false));
    });
  }
}

/**
 * What of a stored key still holds with another address that came without a key; empty when the address names its stream
 * itself. A key belongs to the server it was given for, and a name at the end of an address must not be taken for a part of
 * the application, because addresses are shown.
 * @throws ServerError VALIDATION at `key` when only the operator can say
 */
function keptKey(given: DestinationInput, oldUrl: string, oldKey: string): string {
  const url = effectiveUrl(given.platform, given.url);
  if (oldKey === '' || url === oldUrl) return oldKey;
  const split = splitStreamName(given.platform, url);
  // The stream named anew, in the same way as the first time.
  if (split?.url === oldUrl) return '';
  const server = serverOf(url);
  // What is no address is refused whatever the key is.
  if (server === null) return oldKey;
  const isElsewhere = server !== serverOf(oldUrl);
  if (isElsewhere && split) return '';
  if (isElsewhere) {
    rejectIssues([{ path: 'key', message: 'The stored key was given for another server and is not sent to this one. Give the key of this server as well.' }]);
  }
  if (split) {
    rejectIssues([{ path: 'key', message: 'The end of this address may be the application or the stream\'s name. Give the key as well; an empty one if the name is in the address.' }]);
  }
  return oldKey;
}

/** Protocol, host and port; null of what is no address. */
function serverOf(url: string): string | null {
  try {
    const { tls, host, port } = publishAddress('custom', url, 'any');
    return `${tls} ${host.toLowerCase()} ${port}`;
  } catch (error) {
    if (error instanceof AddressError) return null;
    throw error;
  }
}

/** With the key in force; a stream's name in the url, where there is no other key, is the key and leaves the url. */
function withoutNameInUrl(given: DestinationInput, keyInForce = given.key ?? ''): DestinationInput & { key: string } {
  const key = keyInForce.trim();
  const split = key === '' ? splitStreamName(given.platform, effectiveUrl(given.platform, given.url)) : null;
  return { ...given, key, ...split };
}

/** @throws ServerError VALIDATION naming the field; neither url nor key is repeated. */
function toStored(input: Omit<DestinationInput, 'key'>, key: string): StoredDestination {
  const url = effectiveUrl(input.platform, input.url);
  try {
    publishAddress(input.platform, url, key);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    // The key may follow later; until then egress says that it is missing.
    if (!(error.field === 'key' && key === '')) rejectIssues([{ path: error.field, message: error.message }]);
  }
  return { name: input.name, platform: input.platform, url, enabled: input.enabled, hasKey: key !== '' };
}
