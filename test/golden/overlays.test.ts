/** The overlays as they look at set moments. Goldens were looked at by a person; only fonts of the repository are in them. */
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { drawSlate, OVERLAYS, type Phase } from '../../overlays/index.js';
import { matchGolden, type Rgba } from '../support/golden.js';
import { repositoryRoot } from '../support/media.js';

const frame = { width: 1920, height: 1080 };
const nowMs = Date.UTC(2026, 10, 20, 14, 5, 9);
const shown = (sinceMs: number): Phase => ({ visible: true, sinceMs, nowMs });
const hidden = (sinceMs: number): Phase => ({ visible: false, sinceMs, nowMs });

const lowerThird = { title: 'Maya Lindqvist', subtitle: 'Marine biologist, Gothenburg', color: '#d7263d', width: 0.3125, height: 0.1852 };
const clock = { timeZone: 'UTC', seconds: true, color: '#ffffff', width: 0.125, height: 0.0556 };

interface Definition<Props> {
  size(props: Props, frame: { width: number; height: number }): { width: number; height: number };
  render(ctx: SKRSContext2D, size: { width: number; height: number }, props: Props, phase: Phase): unknown;
}

function draw(width: number, height: number, how: (ctx: SKRSContext2D) => void): Rgba {
  const ctx = createCanvas(width, height).getContext('2d');
  how(ctx);
  const { data } = ctx.getImageData(0, 0, width, height);
  return { width, height, data };
}

/** Over grey, so that what is transparent is seen to be. */
function picture<Props>(overlay: Definition<Props>, props: Props, phase: Phase, of = frame): Rgba {
  const size = overlay.size(props, of);
  return draw(size.width, size.height, (ctx) => {
    ctx.fillStyle = '#6b7280';
    ctx.fillRect(0, 0, size.width, size.height);
    overlay.render(ctx, size, props, phase);
  });
}

const golden = (name: string): string => join(import.meta.dirname, 'overlays', `${name}.png`);

beforeAll(() => {
  for (const name of ['Inter-Regular.ttf', 'Inter-Bold.ttf']) GlobalFonts.registerFromPath(join(repositoryRoot, 'overlays/fonts', name));
});

describe('lower third', () => {
  it.each([
    ['lower-third-begins', lowerThird, shown(80)],
    ['lower-third-comes-in', lowerThird, shown(240)],
    ['lower-third-stands', lowerThird, shown(500)],
    ['lower-third-goes-out', lowerThird, hidden(120)],
    ['lower-third-is-gone', lowerThird, hidden(500)],
    ['lower-third-one-line', { ...lowerThird, subtitle: '', color: '#2f9e6e' }, shown(500)],
    ['lower-third-short', { ...lowerThird, title: 'Bo', subtitle: 'Host' }, shown(500)],
    ['lower-third-long', { ...lowerThird, title: 'Dr. Alexandria Konstantinopoulou-Featherstonehaugh the Third', subtitle: 'Ünïcödé, Łódź, Ελλάδα, Київ, and a very long description of what somebody does' }, shown(500)],
  ])('%s', async (name, props, phase) => {
    await matchGolden(picture(OVERLAYS['lower-third'], props, phase), golden(name));
  });

  it('keeps its look in a small program', async () => {
    await matchGolden(picture(OVERLAYS['lower-third'], lowerThird, shown(500), { width: 640, height: 360 }), golden('lower-third-360p'));
  });
});

describe('clock', () => {
  it.each([
    ['clock-seconds', clock, shown(300)],
    ['clock-minutes-kolkata', { ...clock, timeZone: 'Asia/Kolkata', seconds: false, color: '#ffd166' }, shown(300)],
    ['clock-fades-in', clock, shown(90)],
  ])('%s', async (name, props, phase) => {
    await matchGolden(picture(OVERLAYS.clock, props, phase), golden(name));
  });
});

describe('slate', () => {
  it.each([
    ['slate', 'Harbour Radio', { width: 960, height: 540 }],
    ['slate-long', 'The Extraordinarily Long-Winded Society for the Preservation of Broadcast History', { width: 960, height: 540 }],
    ['slate-portrait', 'Harbour Radio', { width: 540, height: 960 }],
  ])('%s', async (name, channelName, size) => {
    await matchGolden(draw(size.width, size.height, (ctx) => drawSlate(ctx, size, { channelName })), golden(name));
  });
});
