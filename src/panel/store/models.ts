/** The models that rank highlights: which there are, and which is in use. Read when the page is opened, when somebody's wish was done, and when an analysis changes, which may have taught one. */
import { computed, effect, signal } from '@preact/signals';
import { Models } from '../../protocol/models.js';
import { request } from '../lib/api.js';
import { attempt } from './actions.js';
import { connection, snapshot, spoken } from './state.js';

/** null: not read yet. */
export const models = signal<Models | null>(null);
/** What came of what was asked last, in the sidecar's words; null: nothing was asked, or it is not done yet. */
export const said = signal<string | null>(null);

/** The same as long as no analysis changes. */
const analyses = computed(() => snapshot.value?.analyses);
const rev = computed(() => snapshot.value?.models.rev);

/** @returns the undo */
export function followModels(): () => void {
  return effect(() => {
    void [analyses.value, rev.value];
    if (connection.value === 'open') void read();
  });
}

/** Readings begun, and changes asked for: of answers that overtake each other only the newest counts, and a change's counts over a reading begun before it came. */
let readings = 0;
let changes = 0;

async function read(): Promise<void> {
  const mine = ++readings;
  const parsed = Models.safeParse(await request('GET', '/models').catch(() => undefined));
  if (parsed.success && mine === readings) models.value = parsed.data;
}

/** Back to what was in use before. */
export const rollBack = (): Promise<void> => change('/models/roll-back', {});
/** @param id null: the newest, and each that is learnt later */
export const choose = (id: string | null): Promise<void> => change('/models/choose', { id });

async function change(path: string, body: object): Promise<void> {
  said.value = null;
  const mine = ++changes;
  const answer = Models.safeParse(await attempt('models', request('POST', path, body)));
  if (!answer.success || mine !== changes) return;
  readings += 1;
  models.value = answer.data;
  said.value = answer.data.said;
  if (answer.data.said !== null) spoken.value = answer.data.said;
}
