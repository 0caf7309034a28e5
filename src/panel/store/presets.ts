/** The ready settings that come with the installation, asked for when a page shows them. */
import { Presets } from '../../protocol/presets.js';
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
