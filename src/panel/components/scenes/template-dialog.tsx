/** A new scene from a template: which arrangement, and which source for each of its places. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Layer } from '../../../protocol/resources.js';
import { fillTemplate, proposed, type Template } from '../../lib/scenes/templates.js';
import { loadPresets } from '../../store/presets.js';
import { createScene } from '../../store/scenes.js';
import { openScene } from '../../store/scene-place.js';
import { sources } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Field } from '../parts.js';
import { SceneCanvas } from './scene-canvas.js';

const t = texts.templates;
const CANVAS_WIDTH = 480;
const PER_SECOND = 5;

export function TemplateDialog({ onDone }: { onDone(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [templates, setTemplates] = useState<readonly Template[] | null>(null);
  const [chosen, setChosen] = useState<Template | null>(null);
  const [places, setPlaces] = useState<readonly string[]>([]);
  const [name, setName] = useState('');
  const choose = (template: Template) => {
    setChosen(template);
    setPlaces(proposed(template, sources.value));
    setName(said(template));
  };
  useEffect(() => {
    dialog.current?.showModal();
    void loadPresets().then((presets) => {
      const read = (presets?.scenes ?? []).map(({ id, template }) => ({ id, ...template }));
      setTemplates(read);
      if (read[0]) choose(read[0]);
    });
  }, []);
  const create = async (event: Event) => {
    event.preventDefault();
    if (!chosen) return;
    const id = await createScene(name.trim() || said(chosen), fillTemplate(chosen, places));
    if (id === null) return;
    onDone();
    openScene(id);
  };
  return (
    <dialog ref={dialog} class="template-dialog" aria-labelledby="template-title" onCancel={(event) => { event.preventDefault(); onDone(); }}>
      <form onSubmit={(event) => void create(event)}>
        <h2 id="template-title">{t.title}</h2>
        {templates === null && <p class="empty" role="status">{texts.page.loading}</p>}
        <div class="template-columns">
          <div class="template-list" role="radiogroup" aria-label={t.arrangement}>
            {templates?.map((template) => (
              <label key={template.id} class={`template ${template.id === chosen?.id ? 'chosen' : ''}`}>
                <input type="radio" name="template" value={template.id} checked={template.id === chosen?.id} onChange={() => choose(template)} />
                <Sketch template={template} />
                <span>{said(template)}</span>
              </label>
            ))}
          </div>
          {chosen && (
            <div class="fields template-places">
              <div class="template-picture"><SceneCanvas layers={previewOf(chosen, places)} width={CANVAS_WIDTH} fps={PER_SECOND} /></div>
              {chosen.places.map((place, i) => (
                <Field key={`${chosen.id} ${i}`} label={t.places[place] ?? place}>
                  {(field) => (
                    <select {...field} value={places[i] ?? ''} onChange={(event) => setPlaces(places.with(i, event.currentTarget.value))}>
                      <option value="">{t.empty}</option>
                      {sources.value.map((source) => <option key={source.id} value={source.id}>{source.name}</option>)}
                    </select>
                  )}
                </Field>
              ))}
              <Field label={t.name}>{(field) => <input {...field} value={name} maxLength={100} required onInput={(event) => setName(event.currentTarget.value)} />}</Field>
            </div>
          )}
        </div>
        <div class="row end">
          <button type="button" onClick={onDone}>{texts.scenes.cancel}</button>
          <button type="submit" class="primary" disabled={!chosen}>{t.create}</button>
        </div>
      </form>
    </dialog>
  );
}

const said = ({ id, name }: Template): string => t.names[id] ?? name;

/** An empty place shows as such. */
function previewOf(template: Template, places: readonly string[]): Layer[] {
  return fillTemplate(template, template.places.map((_, i) => places[i] || 'none'));
}

/** The arrangement as boxes. */
function Sketch({ template }: { template: Template }) {
  return (
    <svg viewBox="0 0 160 90" class="sketch" aria-hidden="true">
      <rect width="160" height="90" class="sketch-frame" />
      {template.layers.map(({ place, x, y, width, height }, i) => (
        <g key={i}>
          <rect x={x * 160} y={y * 90} width={width * 160} height={height * 90} class={`sketch-place p${place % 2}`} />
          <text x={(x + width / 2) * 160} y={(y + height / 2) * 90} class="sketch-number">{place + 1}</text>
        </g>
      ))}
    </svg>
  );
}
