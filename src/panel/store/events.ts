/** The log of events: read by pages, and followed as things happen, for the page that shows it. */
import { computed, effect, signal } from '@preact/signals';
import type { StudioEvent } from '../../protocol/health.js';
import { request, sentenceOf } from '../lib/api.js';
import { isWanted, query, together, type Wanted } from '../lib/health/events.js';
import { connection } from './state.js';

/** Beyond so many the log is read anew from its newest page. */
const MOST_TOLD = 500;
const TYPED_MS = 300;

/** Somebody looks at the log. */
export const listening = signal(false);
export const wanted = signal<Wanted>({ kind: '', level: 'info', text: '' });
/** Why it could not be read; empty: it could. */
export const problem = signal('');

const read = signal<readonly StudioEvent[]>([]);
/** Where the next page begins; null: there are no older ones. */
const next = signal<number | null>(null);
/** What was told since the newest page was read, newest first. */
const told = signal<readonly StudioEvent[]>([]);
/** Grows when something may be missing between what was told and what was read. */
const holes = signal(0);
/** What is being read for: an answer to something else is dropped. */
let asked = {};

export const shown = computed(() => together(read.value, told.value.filter((event) => isWanted(event, wanted.value))));
export const hasOlder = computed(() => next.value !== null);

/** An event, or its new count. */
export function heard(event: StudioEvent): void {
  const others = told.value.filter(({ id }) => id !== event.id);
  if (others.length < MOST_TOLD) told.value = [event, ...others];
  else {
    told.value = [event];
    holes.value += 1;
  }
}

/** Reads the newest page whenever others are wanted, and when the studio is back: what happened meanwhile was told to nobody here. @returns the undo */
export function followEvents(): () => void {
  listening.value = true;
  told.value = [];
  const end = effect(() => {
    void holes.value;
    const { text } = wanted.value;
    asked = {};
    if (connection.value !== 'open') return undefined;
    const timer = setTimeout(() => void load(null), text === '' ? 0 : TYPED_MS);
    return () => clearTimeout(timer);
  });
  return () => {
    listening.value = false;
    end();
    asked = {};
  };
}

export async function readOlder(): Promise<void> {
  if (next.value !== null) await load(next.value);
}

/** @param before null: the newest */
async function load(before: number | null): Promise<void> {
  const mine = asked;
  try {
    // The live page counts what happens and reads no log: what checks one comes with the first that does.
    const [{ Events }, answer] = await Promise.all([import('../../protocol/health.js'), request('GET', query(wanted.value, before))]);
    const page = Events.parse(answer);
    if (asked !== mine) return;
    if (before === null) {
      read.value = page.items;
      // Older ones than this page has were told before something that was not.
      const oldest = page.next === null ? 0 : (page.items.at(-1)?.id ?? 0);
      told.value = told.value.filter(({ id }) => id >= oldest);
    } else read.value = [...read.value, ...page.items];
    next.value = page.next;
    problem.value = '';
  } catch (error) {
    if (asked === mine) problem.value = sentenceOf(error);
  }
}
