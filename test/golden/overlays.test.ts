/** The overlays as they look at set moments. Goldens were looked at by a person; only fonts of the repository are in them. */
import { GlobalFonts } from '@napi-rs/canvas';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawSlate, OVERLAYS, type Phase } from '../../overlays/index.js';
import { repositoryRoot } from '../support/media.js';
import { compareWithGolden, drawPng } from './overlays_picture.js';

const frame = { width: 1920, height: 1080 };
const nowMs = Date.UTC(2026, 10, 20, 14, 5, 9);
const shown = (sinceMs: number): Phase => ({ visible: true, sinceMs, nowMs });
const hidden = (sinceMs: number): Phase => ({ visible: false, sinceMs, nowMs });

const lowerThird = { title: 'Maya Lindqvist', subtitle: 'Marine biologist, Gothenburg', color: '#d7263d', width: 0.3125, height: 0.1852 };
const clock = { timeZone: 'UTC', seconds: true, color: '#ffffff', width: 0.125, height: 0.0556 };

/** Over grey, so that what is transparent is seen to be. */
function picture<Props>(overlay: { size(props: Props, frame: { width: number; height: number }): { width: number; height: number }; render(ctx: never, size: never, props: Props, phase: Phase): unknown }, props: Props, phase: Phase, of = frame): Buffer {
  const size = overlay.size(props, of);
  return drawPng(size.width, size.height, (ctx) => {
    ctx.fillStyle = '#6b7280';
    ctx.fillRect(0, 0, size.width, size.height);
    overlay.render(ctx as never, size as never, props, phase);
  });
}

async function expectGolden(name: string, png: Buffer): Promise<void> {
  const { mean, far } = await compareWithGolden(name, png);
  expect(mean, 'mean difference').toBeLessThan(0.5);
  expect(far, 'part of pixels that are far off').toBeLessThan(0.001);
}

beforeAll(() => {
  for (const name of ['Inter-Regular.ttf', 'Inter-Bold.ttf']) GlobalFonts.registerFromPath(join(repositoryRoot, 'overlays/fonts', name));
});

describe('lower third', () => {
  const draw = OVERLAYS['lower-third'];
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
    await expectGolden(name, picture(draw, props, phase));
  });

  it('keeps its look in a small program', async () => {
    await expectGolden('lower-third-360p', picture(draw, lowerThird, shown(500), { width: 640, height: 360 }));
  });
});

describe('clock', () => {
  it.each([
    ['clock-seconds', clock, shown(300)],
    ['clock-minutes-kolkata', { ...clock, timeZone: 'Asia/Kolkata', seconds: false, color: '#ffd166' }, shown(300)],
    ['clock-fades-in', clock, shown(90)],
  ])('%s', async (name, props, phase) => {
    await expectGolden(name, picture(OVERLAYS.clock, props, phase));
  });
});

describe('slate', () => {
  it.each([
    ['slate', 'Harbour Radio', { width: 960, height: 540 }],
    ['slate-long', 'The Extraordinarily Long-Winded Society for the Preservation of Broadcast History', { width: 960, height: 540 }],
    ['slate-portrait', 'Harbour Radio', { width: 540, height: 960 }],
  ])('%s', async (name, channelName, size) => {
    await expectGolden(name, drawPng(size.width, size.height, (ctx) => drawSlate(ctx, size, { channelName })));
  });
});
