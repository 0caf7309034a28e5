/** The ready settings that come with the installation, asked for when a page shows them. */
import { z } from 'zod';
import { Encoding, Presets } from '../../protocol/presets.js';
import { PlatformInfo } from '../../protocol/resources.js';
import { request, sentenceOf } from '../lib/api.js';
import { notify } from './actions.js';

/** @returns undefined after a notice */
export async function loadPresets(): Promise<Presets | undefined> {
  try {
    return Presets.parse(await request('GET', '/presets'));
  } catch (error) {
    notify('presets', sentenceOf(error));
    return undefined;
  }
}

const Said = z.object({ items: z.array(PlatformInfo) });

/** What platforms would say to settings that are not stored; null for what could not be stored, or when there is no answer. */
export async function checkEncoding(made: Encoding): Promise<readonly PlatformInfo[] | null> {
  if (!Encoding.safeParse(made).success) return null;
  return request('POST', '/platforms/check', made).then((answer) => Said.parse(answer).items, () => null);
}
