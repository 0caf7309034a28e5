/** The chat of a planted stream: talk, people who answer to what they saw some seconds later, raids, and one who floods. */
import type { StreamPlan } from './plan.js';
import { Chance } from './random.js';

export interface Said { atMs: number; user: string; text: string }

const WORDS = 'the a this that what is he she they was game stream today again why how does anyone know where build play hello from brazil germany sound ok nice try next map song name please mods can we see your setup best worst ever think maybe later dinner time work school update patch server lag settings keyboard music cat dog coffee'.split(' ');
const EMOTES = ['Kappa', 'PogChamp', 'LUL', 'KEKW', 'OMEGALUL', 'monkaS', 'Pog', '😂', '🔥', '😱', '👏👏👏', ':fire:', ':joy:', 'chanHype', 'chanLove'];
const CRIES = ['WOW', 'NO WAY', 'lets goooo', 'LETS GO', 'omg', 'OMG', 'wtf', 'gg', 'HOLY', 'insane', 'what a play', 'goal!!!', 'GOOOAL', 'clip it', 'CLIP THAT', 'hahaha', 'no shot', 'unreal', 'sheesh', 'yesss'];
const RAIDS = ['RAID FROM THE NIGHT CREW <3', 'we come in peace, the pixel raid is here', 'BOBBYS ARMY IS HERE!!! FOLLOW BOBBY', 'cheap viewers and followers at bigfollows dot example', 'catJAM RAID catJAM'];

export function chatOf(plan: StreamPlan): Said[] {
  const chance = new Chance(plan.seed + 7_000);
  const said: Said[] = [];
  const regulars = Array.from({ length: Math.round(20 + plan.chatRate * 120) }, (_, i) => `viewer_${plan.seed}_${i}`);
  const add = (at: number, user: string, text: string): void => { if (at >= 0 && at < plan.seconds) said.push({ atMs: Math.round(at * 1000), user, text }); };
  const sentence = (): string => Array.from({ length: chance.whole(2, 11) }, () => chance.pick(WORDS)).join(' ');

  // A chat breathes: its rate goes up and down over minutes.
  const swing = chance.between(100, 400);
  for (let at = chance.wait(plan.chatRate); at < plan.seconds; at += chance.wait(plan.chatRate * (1 + 0.5 * Math.sin((2 * Math.PI * at) / swing)))) {
    add(at, chance.pick(regulars), chance.is(0.15) ? chance.pick(EMOTES) : sentence());
  }
  for (const { start, end, senses, strength } of plan.highlights) {
    if (!senses.includes('chat')) continue;
    const lag = chance.between(3, 9);
    const many = Math.round((12 + 30 * strength) * (1 + plan.chatRate));
    const crowd = chance.shuffled([...regulars, ...Array.from({ length: 60 }, (_, i) => `lurker_${plan.seed}_${Math.round(start)}_${i}`)]);
    const spread = Math.min(end - start, 22);
    for (let i = 0; i < many; i++) {
      // Most at once, fewer and fewer to the end.
      const at = start + lag + spread * chance.next() ** 1.4;
      const kind = chance.next();
      const text = kind < 0.4 ? Array(chance.whole(1, 3)).fill(chance.pick(EMOTES)).join(' ') : kind < 0.8 ? chance.pick(CRIES) : `${chance.pick(CRIES)} ${sentence()}`;
      add(at, crowd[i % crowd.length]!, text);
    }
  }
  for (const { kind, start, end } of plan.decoys) {
    if (kind !== 'raid') continue;
    const byOne = chance.is(0.2);
    const text = chance.pick(RAIDS);
    const many = Math.round((25 + 70 * chance.next()) * (1 + plan.chatRate));
    for (let i = 0; i < many; i++) {
      const at = start + (end - start) * chance.next() ** 1.5;
      add(at, byOne ? 'spam_lord' : `raider_${Math.round(start)}_${i}`, chance.is(0.2) ? `${text} ${chance.whole(100, 9_999)}` : chance.is(0.1) ? text.toUpperCase() : text);
    }
  }
  return said.sort((a, b) => a.atMs - b.atMs);
}
