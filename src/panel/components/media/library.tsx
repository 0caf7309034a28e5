/** What lies in the media folder: searched, sorted, as a list or as pictures, and what can be done with each file. */
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { MediaFile, MediaKind } from '../../../protocol/media.js';
import { factsLine, found, isHeld, KINDS, SORTS, usesLine, type SortBy } from '../../lib/media/files.js';
import { size } from '../../lib/words.js';
import { mediaFiles, mediaProblem } from '../../store/library.js';
import { deleteMedia } from '../../store/media.js';
import { texts } from '../../texts.js';
import { Card, Confirm } from '../parts.js';
import { Details } from './details.js';
import { MakeSource } from './make-source.js';
import { Thumbnail } from './thumbnail.js';
import { Windowed } from './windowed.js';

const t = texts.media;
type View = 'list' | 'grid';
const VIEWS: readonly View[] = ['list', 'grid'];
const ROW_HEIGHT: Record<View, number> = { list: 92, grid: 258 };
/** On a phone the buttons go below; styles/media.css has the same width. */
const NARROW_PX = 560;
const NARROW_ROW_HEIGHT = 124;

type Asked = { what: 'details' | 'source' | 'delete'; file: MediaFile };

export function Library() {
  const search = useSignal('');
  const kind = useSignal<MediaKind | 'all' | 'unused'>('all');
  const sort = useSignal<SortBy>('name');
  const view = useSignal<View>('list');
  const asked = useSignal<Asked | null>(null);
  const files = mediaFiles.value;
  const shown = useMemo(() => found(files ?? [], { search: search.value, kind: kind.value, sort: sort.value }), [files, search.value, kind.value, sort.value]);
  const done = () => { asked.value = null; };
  // As it is now: it may have been looked at since.
  const file = asked.value && (files?.find(({ path }) => path === asked.value?.file.path) ?? asked.value.file);
  return (
    <Card id="library" title={t.title} aside={files && <span class="hint" role="status">{t.count(shown.length, files.length)}</span>}>
      <div class="media-tools">
        <label>{t.search}<input type="search" value={search.value} onInput={(event) => { search.value = event.currentTarget.value; }} /></label>
        <label>{t.kind}
          <select value={kind.value} onChange={(event) => { kind.value = event.currentTarget.value as MediaKind | 'all'; }}>
            {(['all', ...KINDS, 'unused'] as const).map((one) => <option key={one} value={one}>{t.kinds[one]}</option>)}
          </select>
        </label>
        <label>{t.sort}
          <select value={sort.value} onChange={(event) => { sort.value = event.currentTarget.value as SortBy; }}>
            {SORTS.map((one) => <option key={one} value={one}>{t.sorts[one]}</option>)}
          </select>
        </label>
        <div role="group" aria-label={t.view} class="media-views">
          {VIEWS.map((one) => <button key={one} type="button" class="small" aria-pressed={view.value === one} onClick={() => { view.value = one; }}>{t.views[one]}</button>)}
        </div>
      </div>
      {mediaProblem.value && <p class="sentence bad" role="alert">{mediaProblem.value}</p>}
      {files === null ? <p class="empty">{t.loading}</p> : shown.length === 0 ? <p class="empty">{files.length === 0 ? t.empty : t.nothingFound}</p> : (
        <Windowed
          items={shown} keyOf={({ path }) => path} label={t.hidden} minWidth={view.value === 'grid' ? 220 : null}
          rowHeightAt={(width) => (view.value === 'list' && width <= NARROW_PX ? NARROW_ROW_HEIGHT : ROW_HEIGHT[view.value])}
        >
          {(one) => <FileRow file={one} view={view.value} ask={(what) => { asked.value = { what, file: one }; }} />}
        </Windowed>
      )}
      {file && asked.value?.what === 'details' && <Details file={file} onClose={done} />}
      {file && asked.value?.what === 'source' && <MakeSource file={file} onClose={done} />}
      {file && asked.value?.what === 'delete' && (
        <Confirm question={t.deleteQuestion(file.path, size(file.bytes))} yes={t.delete} onAnswer={(yes) => { done(); if (yes) void deleteMedia(file.path); }} />
      )}
    </Card>
  );
}

function FileRow({ file, view, ask }: { file: MediaFile; view: View; ask(what: Asked['what']): void }) {
  const { path, problem } = file;
  const uses = usesLine(file);
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
  return (
    <article class={`media-file ${view}`} data-path={path}>
      <button type="button" class="media-picture" aria-label={t.detailsOf(path)} title={path} onClick={() => ask('details')}><Thumbnail file={file} width={view === 'grid' ? 320 : 160} /></button>
      <div class="media-text">
        <strong title={path}><span class="media-folder">{folder}</span>{path.slice(folder.length)}</strong>
        {problem ? <span class="media-problem" title={problem.message}>{problem.message}</span> : <span class="sub" title={factsLine(file)}>{factsLine(file)}</span>}
        <span class="sub" title={uses}>{uses || t.unused}</span>
      </div>
      <div class="media-verbs">
        <button type="button" class="small" disabled={file.kind === 'other' || problem !== null} aria-label={t.makeSourceOf(path)} onClick={() => ask('source')}>{t.makeSource}</button>
        <button type="button" class="plain" disabled={isHeld(file)} title={isHeld(file) ? t.heldTitle : undefined} aria-label={t.deleteOf(path)} onClick={() => ask('delete')}>{t.delete}</button>
      </div>
    </article>
  );
}
