/** The ready settings that come with the installation, asked for when a page shows them. */
import { Presets } from '../../protocol/presets.js';
import { request } from '../lib/api.js';
import { notify } from './actions.js';

/** @returns undefined after a notice */
export async function loadPresets(): Promise<Presets | undefined> {
  try {
    return Presets.parse(await request('GET', '/presets'));
  } catch (error) {
    notify('presets', error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
