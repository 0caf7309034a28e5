/** What is set of the chosen layer, in figures: its place in pixels of the program, how it is cut, and how it is seen and heard. */
import type { Fit, Layer } from '../../../protocol/resources.js';
import type { z } from 'zod';
import { bounded, round } from '../../lib/scenes/geometry.js';
import type { SceneDesk } from '../../store/scene-desk.js';
import { frameSize, layerName, sourcesById } from '../../store/scenes.js';
import { texts } from '../../texts.js';
import { Field } from '../parts.js';
import { NumberField } from './number-field.js';

const t = texts.scenes;
const FITS: [z.infer<typeof Fit>, string][] = [['contain', t.contain], ['cover', t.cover], ['fill', t.fill]];
const SIDES = ['left', 'top', 'right', 'bottom'] as const;
const percent = (n: number): number => Math.round(n * 1000) / 10;

export function LayerFields({ desk, layer, layerKey }: { desk: SceneDesk; layer: Layer; layerKey: string }) {
  const { width, height } = frameSize.value;
  const px = (part: number, whole: number): number => Math.round(part * whole * 10) / 10;
  const place = (fields: Partial<Layer>) => {
    const next = bounded({ x: layer.x, y: layer.y, width: layer.width, height: layer.height, ...fields });
    desk.change(layerKey, { x: round(next.x), y: round(next.y), width: round(next.width), height: round(next.height) });
  };
  const crop = (side: (typeof SIDES)[number], value: number) => {
    const opposite = layer.crop[SIDES[(SIDES.indexOf(side) + 2) % 4]!];
    desk.change(layerKey, { crop: { ...layer.crop, [side]: round(Math.min(value / 100, 0.99 - opposite)) } });
  };
  const kind = sourcesById.value.get(layer.sourceId ?? '')?.kind;
  const isHeard = kind !== undefined && kind !== 'image' && kind !== 'color';
  return (
    <div class="layer-fields" role="group" aria-label={t.ofLayer(layerName(layer))}>
      <div class="field-grid">
        <NumberField label={t.x} value={px(layer.x, width)} min={-width} max={2 * width} disabled={layer.locked} onChange={(n) => place({ x: n / width })} />
        <NumberField label={t.y} value={px(layer.y, height)} min={-height} max={2 * height} disabled={layer.locked} onChange={(n) => place({ y: n / height })} />
        <NumberField label={t.width} value={px(layer.width, width)} min={1} max={3 * width} disabled={layer.locked} onChange={(n) => place({ width: n / width })} />
        <NumberField label={t.height} value={px(layer.height, height)} min={1} max={3 * height} disabled={layer.locked} onChange={(n) => place({ height: n / height })} />
      </div>
      <div class="field-grid two">
        <Field label={t.fit}>
          {(field) => (
            <select {...field} value={layer.fit} onChange={(event) => desk.change(layerKey, { fit: event.currentTarget.value as Layer['fit'] })}>
              {FITS.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
            </select>
          )}
        </Field>
        <NumberField label={t.opacity} value={percent(layer.opacity)} min={0} max={100} onChange={(n) => desk.change(layerKey, { opacity: n / 100 })} />
      </div>
      <fieldset class="field-grid">
        <legend>{t.crop}</legend>
        {SIDES.map((side) => <NumberField key={side} label={t.sides[side]} value={percent(layer.crop[side])} min={0} max={99} step={0.5} disabled={layer.locked} onChange={(n) => crop(side, n)} />)}
      </fieldset>
      {isHeard && (
        <div class="field-grid two">
          <NumberField label={t.gain} value={layer.audio.gainDb} min={-60} max={12} step={0.5} onChange={(n) => desk.change(layerKey, { audio: { ...layer.audio, gainDb: n } })} />
          <label class="check"><input type="checkbox" checked={layer.audio.muted} onChange={(event) => desk.change(layerKey, { audio: { ...layer.audio, muted: event.currentTarget.checked } })} />{t.muted}</label>
        </div>
      )}
      <div class="row tools">
        <button type="button" class="small" disabled={layer.locked} onClick={() => place({ x: 0, y: 0, width: 1, height: 1 })}>{t.fillFrame}</button>
        <button type="button" class="small" disabled={layer.locked} onClick={() => desk.change(layerKey, { crop: { left: 0, top: 0, right: 0, bottom: 0 } })}>{t.noCrop}</button>
      </div>
    </div>
  );
}
