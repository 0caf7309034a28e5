/** Chapters, title, description and tags: as suggested, as chosen, how good they are, and to be copied. */
import { useState } from 'preact/hooks';
import type { Analysis } from '../../../protocol/analysis.js';
import { asTyped, chapterLines, chosenBy, countOf, FIELDS, objectionTo, read, standsFor, type FieldName, type Typed } from '../../lib/highlights/metadata.js';
import { clockTime } from '../../lib/timeline/time.js';
import { byWhom } from '../../lib/words.js';
import { chooseMetadata, pictureOf } from '../../store/highlights.js';
import { connection } from '../../store/state.js';
import { texts } from '../../texts.js';
import { Card, Field } from '../parts.js';

const t = texts.highlights.metadata;

export function Metadata({ id, found }: { id: string; found: Analysis }) {
  const { metadata } = found;
  return (
    <>
      {found.chapters.length > 0 && (
        <Card id="chapters" title={t.chapters} aside={<CopyButton label={t.copyChapters} text={chapterLines(found.chapters)} />}>
          <ol class="hl-chapters">{found.chapters.map(({ startMs, title }) => <li key={startMs}><span class="figure">{clockTime(startMs)}</span> {title}</li>)}</ol>
        </Card>
      )}
      {metadata && <Words id={id} found={found} metadata={metadata} />}
      {found.thumbnails.length > 0 && (
        <Card id="thumbnails" title={t.thumbnails}>
          <ul class="hl-thumbnails">
            {found.thumbnails.map(({ name, atMs }) => (
              <li key={name}><a href={pictureOf(id, name)} download={name} aria-label={t.thumbnailOf(clockTime(atMs))}><img src={pictureOf(id, name)} alt="" loading="lazy" width="320" height="180" /><span class="figure">{clockTime(atMs)}</span></a></li>
            ))}
          </ul>
        </Card>
      )}
    </>
  );
}

function Words({ id, found, metadata }: { id: string; found: Analysis; metadata: NonNullable<Analysis['metadata']> }) {
  const stands = standsFor(metadata);
  const [mine, setMine] = useState<Partial<Typed>>({});
  const typed: Typed = { ...asTyped(stands), ...mine };
  const change = chosenBy(stands, typed);
  const isChanged = Object.keys(change).length > 0;
  const isWrong = FIELDS.some((field) => field in change && objectionTo(field, typed) !== null);
  const store = async (fields: Parameters<typeof chooseMetadata>[1]) => { if (await chooseMetadata(id, fields, found.revision)) setMine({}); };
  return (
    <Card id="metadata" title={t.title} aside={found.lint && <span class="quiet-word figure">{t.score(Math.round(found.lint.score))}</span>}>
      <form onSubmit={(event) => { event.preventDefault(); void store(change); }}>
        <div class="fields">{FIELDS.map((field) => <OneField key={field} field={field} typed={typed} found={found} onInput={(text) => setMine({ ...mine, [field]: text })} />)}</div>
        {metadata.chosen && <p class="sentence">{t.chosenBy(byWhom(metadata.chosen.by))}</p>}
        <div class="row end form-end wrap">
          {metadata.chosen && !isChanged && <button type="button" disabled={connection.value !== 'open'} onClick={() => void store({ title: null, description: null, tags: null, hashtags: null })}>{t.asSuggested}</button>}
          {isChanged && <button type="button" onClick={() => setMine({})}>{texts.setup.undo}</button>}
          <button type="submit" class="primary" disabled={!isChanged || isWrong || connection.value !== 'open'}>{texts.setup.save}</button>
        </div>
      </form>
    </Card>
  );
}

function OneField({ field, typed, found, onInput }: { field: FieldName; typed: Typed; found: Analysis; onInput(text: string): void }) {
  const count = countOf(field, typed);
  const points = found.lint?.points.filter((point) => point.field === field || (field === 'description' && point.field === 'chapters')) ?? [];
  const value = typed[field];
  const objection = objectionTo(field, typed);
  return (
    <div class="hl-field" data-field={field}>
      <Field label={t.fields[field]} hint={count ? t.counts[field as 'title' | 'description' | 'tags'](count.used, count.most) : undefined}>
        {(described) => (field === 'description'
          ? <textarea {...described} class="hl-area" rows={7} value={value} aria-invalid={objection !== null} onInput={(event) => onInput(event.currentTarget.value)} />
          : <input {...described} value={value} aria-invalid={objection !== null} onInput={(event) => onInput(event.currentTarget.value)} />)}
      </Field>
      {objection !== null && <p class="sentence bad" role="alert">{objection}</p>}
      <CopyButton label={t.copyOf(t.fields[field])} text={field === 'description' ? value : asTyped(read(typed))[field]} />
      {points.map(({ message, costs }) => <p key={message} class="sentence busy">{t.point(message, Math.round(costs))}</p>)}
    </div>
  );
}

function CopyButton({ label, text }: { label: string; text: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copied(text))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return <button type="button" class="plain" aria-label={label} onClick={() => void copy()}>{isCopied ? texts.shell.copied : texts.shell.copy}</button>;
}

/** Without TLS a browser has no clipboard for pages: then by way of a selection. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const worked = document.execCommand('copy');
    area.remove();
    return worked;
  }
}
