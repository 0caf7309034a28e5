/** The mixer: where its faders are, those under this hand as this hand has them, and what is listened to. */
import { computed, effect, signal } from '@preact/signals';
import { PLAIN_AUDIO, PROGRAM_SOUND, type SourceAudio } from '../../protocol/sound.js';
import type { SoundPacket } from '../../protocol/sound-packet.js';
import { request, sentenceOf } from '../lib/api.js';
import { FaderPump, type Change } from '../lib/fader-pump.js';
import { ListenPlayer } from '../lib/listen-player.js';
import { texts } from '../texts.js';
import { notify } from './actions.js';
import { keptAs } from './kept.js';
import { socket, soundPlayers } from './session.js';
import { connection, onAirSources, snapshot, sources, sourceStatus } from './state.js';

const ABOUT = 'sound';
/** After the last answer the studio's word counts again; it has come by then. */
const SETTLED_MS = 400;

/** Moved here, and not yet in what the studio says. */
const moved = signal<ReadonlyMap<string, Change>>(new Map());
const settling = new Map<string, ReturnType<typeof setTimeout>>();

const pump = new FaderPump((id, change) => socket.request('audio:control', { id, ...change }), (id, more, error) => {
  clearTimeout(settling.get(id));
  if (error !== undefined) {
    // Where it is by what the studio says, is where it is.
    forget(id);
    notify(ABOUT, sentenceOf(error));
  } else if (!more) {
    settling.set(id, setTimeout(() => forget(id), SETTLED_MS));
  }
});

function forget(id: string): void {
  settling.delete(id);
  const rest = new Map(moved.value);
  rest.delete(id);
  moved.value = rest;
}

/** Moves a fader, mutes, or holds back. @param id a source's, or `program` */
export function move(id: string, change: Change): void {
  clearTimeout(settling.get(id));
  moved.value = new Map(moved.value).set(id, { ...moved.value.get(id), ...change });
  pump.move(id, change);
}

export async function setMode(id: string, mode: SourceAudio['mode']): Promise<void> {
  try {
    await request('PATCH', `/sources/${encodeURIComponent(id)}`, { audio: { mode } });
  } catch (error) {
    notify(ABOUT, sentenceOf(error));
  }
}

/** As it is set now. */
export function audioOf(id: string): SourceAudio {
  const now = moved.value.get(id);
  if (id === PROGRAM_SOUND) {
    const { gainDb, muted } = snapshot.value?.settings.audio ?? PLAIN_AUDIO;
    return { ...PLAIN_AUDIO, gainDb, muted, ...now } as SourceAudio;
  }
  return { ...(sources.value.find((source) => source.id === id)?.audio ?? PLAIN_AUDIO), ...now } as SourceAudio;
}

/** Closed files are shown too. */
export const showAll = signal(false);

const hasSound = (source: (typeof sources.value)[number]): boolean =>
  source.kind === 'camera' || source.kind === 'media' || source.kind === 'audio' || (source.kind === 'test' && source.tone);

export const soundSources = computed(() => sources.value.filter(hasSound));
/** Those with a strip: of files, the ones that are open, or of which something is set. */
export const strips = computed(() => soundSources.value.filter((source) =>
  showAll.value || (source.kind !== 'media' && source.kind !== 'audio') || (sourceStatus.value.get(source.id)?.state ?? 'idle') !== 'idle'
    || source.audio.gainDb !== 0 || source.audio.muted || source.audio.delayMs !== 0 || source.audio.mode === 'always'));

/** Whether a source is heard on program now, by its place there: its fader and mute are another matter. */
export const isHeard = (id: string): boolean => connection.value !== 'lost' && (onAirSources.value.has(id) || audioOf(id).mode === 'always');

// ---- listening ----------------------------------------------------------------------------------------------------

/** Sources that are listened to. */
export const soloed = signal<ReadonlySet<string>>(new Set());
/** The program is listened to while no source is. */
export const hearsProgram = signal(false);
/** Remembered in this browser. */
export const volume = keptAs<number>('listening-volume', readVolume, String);

const player = new ListenPlayer();
const wish = computed(() => (soloed.value.size > 0 || hearsProgram.value ? { sourceIds: [...soloed.value].sort() } : null));
export const listens = computed(() => wish.value !== null);

function readVolume(text: string | null): number {
  const before = text === null ? NaN : Number(text);
  return before >= 0 && before <= 1 ? before : 0.8;
}

export function setVolume(to: number): void {
  volume.value = to;
  player.setVolume(to);
}

export function toggleSolo(id: string): void {
  const next = new Set(soloed.value);
  if (!next.delete(id)) next.add(id);
  soloed.value = next;
  play();
}

export function clearSolo(): void {
  soloed.value = new Set();
}

export function toggleProgram(): void {
  hearsProgram.value = !hearsProgram.value;
  play();
}

/** Called by the press of a button, as browsers want it. */
function play(): void {
  if (!wish.value) return;
  player.start(volume.value).catch(() => {
    stopListening();
    notify(ABOUT, texts.sound.noSound);
  });
}

export function stopListening(): void {
  soloed.value = new Set();
  hearsProgram.value = false;
}

/** For as long as the page is shown: asks for what is listened to, again after each loss of the connection, and plays it. @returns the end of it */
export function listen(): () => void {
  const take = (packet: SoundPacket) => player.take(packet);
  soundPlayers.add(take);
  let asked = false;
  const stop = effect(() => {
    const wanted = wish.value;
    if (!wanted) player.stop();
    if (connection.value !== 'open' || (!wanted && !asked)) return;
    asked = wanted !== null;
    socket.request('subscribe', { listen: wanted }).catch((error: unknown) => {
      // Lost on the way: it is asked again with the next connection.
      if (connection.value !== 'open') return;
      stopListening();
      notify(ABOUT, sentenceOf(error));
    });
  });
  return () => {
    stopListening();
    stop();
    soundPlayers.delete(take);
    player.stop();
  };
}
