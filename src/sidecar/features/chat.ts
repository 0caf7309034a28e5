/** From a chat, as a file of lines of JSON `{atMs, user, text}`, to the chat's columns of a feature table. */
import type { ChatMessage } from '../../protocol/highlights.js';
import { hash, readText } from './chat-text.js';
import { CHAT, eachLine } from './json-lines.js';
import { BIN_MS, type ChatFeature } from './table.js';

/** 25 bytes each are kept. Twelve hours of a chat of 90 messages a second. */
const MAX_MESSAGES = 4_000_000;
/** Over which people are counted and texts compared. */
export const CHAT_WINDOW_BINS = 10;

/** Share of all that is said in the window from which on a text counts as repeated, and from which on wholly so. */
const REPEATED_FROM = 0.25;
const REPEATED_WHOLLY = 0.6;
/** The same for a whole sentence of somebody who was never seen before this minute: a raid brings many of them. */
const STRANGERS_FROM = 0.1;
const STRANGERS_WHOLLY = 0.3;
const STRANGER_MS = 60_000;
/** Fewer in the window may be the same by chance. */
const FEWEST_TO_REPEAT = 5;
/** In the window by one user: beyond that it is a flood. */
const FLOOD_MESSAGES = 5;

export interface ChatReading {
  columns: ReadonlyMap<ChatFeature, Float32Array>;
  /** That lie within the recording. */
  messages: number;
  /** Lines that are no message: no JSON, wrong fields, too long. */
  badLines: number;
  /** For people. */
  notes: string[];
}

/** Collects messages in any order and makes columns of them. What it keeps of a message is numbers. */
export class ChatColumns {
  #atMs = new Float64Array(1024);
  #users = new Uint32Array(1024);
  #wholes = new Uint32Array(1024);
  #openings = new Uint32Array(1024);
  #traits = new Uint8Array(1024);
  #count = 0;
  #outside = 0;
  #tooMany = 0;

  constructor(private readonly durationMs: number) {}

  add(message: ChatMessage): void {
    if (!(message.atMs >= 0 && message.atMs < this.durationMs)) {
      this.#outside++;
      return;
    }
    if (this.#count === MAX_MESSAGES) {
      this.#tooMany++;
      return;
    }
    if (this.#count === this.#atMs.length) this.#grow();
    const traits = readText(message.text);
    this.#atMs[this.#count] = message.atMs;
    this.#users[this.#count] = hash(message.user.toLowerCase());
    this.#wholes[this.#count] = traits.whole;
    this.#openings[this.#count] = traits.opening;
    this.#traits[this.#count] = Number(traits.isEmote) + 2 * Number(traits.isCry);
    this.#count++;
  }

  get messages(): number {
    return this.#count;
  }

  notes(): string[] {
    const told: string[] = [];
    if (this.#outside > 0) told.push(`${this.#outside === 1 ? 'One message of the chat lies' : `${this.#outside} messages of the chat lie`} before or after the recording. Check that its times count from the recording's start.`);
    if (this.#tooMany > 0) told.push(`The chat has more than ${MAX_MESSAGES} messages; ${this.#tooMany} were not used.`);
    return told;
  }

  columns(): ReadonlyMap<ChatFeature, Float32Array> {
    const bins = Math.ceil(this.durationMs / BIN_MS);
    const messages = new Float32Array(bins);
    const chatters = new Float32Array(bins);
    const emoteShare = new Float32Array(bins);
    const repetition = new Float32Array(bins);
    const order = new Uint32Array(this.#count).map((_, i) => i).sort((a, b) => this.#atMs[a]! - this.#atMs[b]!);
    const users = new Tally();
    const wholes = new Tally();
    const openings = new Tally();
    const firstSeen = new Map<number, number>();
    const count = (i: number, by: 1 | -1): void => {
      users.add(this.#users[i]!, by);
      wholes.add(this.#wholes[i]!, by);
      if (this.#openings[i]! > 0) openings.add(this.#openings[i]!, by);
    };
    let oldest = 0;
    let next = 0;
    for (let bin = 0; bin < bins; bin++) {
      const first = next;
      for (; next < order.length && this.#atMs[order[next]!]! < (bin + 1) * BIN_MS; next++) count(order[next]!, 1);
      for (; oldest < next && this.#atMs[order[oldest]!]! < (bin + 1 - CHAT_WINDOW_BINS) * BIN_MS; oldest++) count(order[oldest]!, -1);
      chatters[bin] = users.size;
      messages[bin] = next - first;
      if (next === first) continue;
      let emotes = 0;
      let repeated = 0;
      for (let at = first; at < next; at++) {
        const i = order[at]!;
        const seenMs = firstSeen.get(this.#users[i]!) ?? this.#atMs[i]!;
        firstSeen.set(this.#users[i]!, seenMs);
        const isStranger = this.#atMs[i]! - seenMs < STRANGER_MS && (this.#traits[i]! & 2) === 0;
        emotes += this.#traits[i]! & 1;
        const same = Math.max(wholes.of(this.#wholes[i]!), this.#openings[i]! > 0 ? openings.of(this.#openings[i]!) : 0);
        const share = same / (next - oldest);
        const [from, wholly] = isStranger ? [STRANGERS_FROM, STRANGERS_WHOLLY] : [REPEATED_FROM, REPEATED_WHOLLY];
        if (users.of(this.#users[i]!) >= FLOOD_MESSAGES) repeated++;
        else if (same >= FEWEST_TO_REPEAT) repeated += Math.min(1, Math.max(0, (share - from) / (wholly - from)));
      }
      emoteShare[bin] = emotes / (next - first);
      repetition[bin] = repeated / (next - first);
    }
    return new Map([['messages', messages], ['chatters', chatters], ['emoteShare', emoteShare], ['repetition', repetition]]);
  }

  #grow(): void {
    const length = Math.min(MAX_MESSAGES, this.#atMs.length * 2);
    this.#atMs = copied(new Float64Array(length), this.#atMs);
    this.#users = copied(new Uint32Array(length), this.#users);
    this.#wholes = copied(new Uint32Array(length), this.#wholes);
    this.#openings = copied(new Uint32Array(length), this.#openings);
    this.#traits = copied(new Uint8Array(length), this.#traits);
  }
}

/** Bad lines are counted and told. @throws as `eachLine` */
export async function readChat(path: string, durationMs: number, signal?: AbortSignal): Promise<ChatReading> {
  const chat = new ChatColumns(durationMs);
  const { count, note } = await eachLine(path, CHAT, (message) => chat.add(message), signal);
  return { columns: chat.columns(), messages: chat.messages, badLines: count, notes: [...(note === null ? [] : [note]), ...chat.notes()] };
}

/** How often each is there. */
class Tally {
  readonly #counts = new Map<number, number>();

  get size(): number {
    return this.#counts.size;
  }

  of(key: number): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: number, by: 1 | -1): void {
    const count = this.of(key) + by;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}

function copied<T extends Float64Array | Uint32Array | Uint8Array>(into: T, from: T): T {
  into.set(from);
  return into;
}
