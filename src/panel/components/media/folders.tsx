/** Folders whose films and pictures are a timeline: made, changed and taken out, and what each makes of its files. */
import { useEffect, useState } from 'preact/hooks';
import { FOLDER_PAGE, FolderInput, type Folder, type FolderFile } from '../../../protocol/folder.js';
import { sentenceOf } from '../../lib/api.js';
import { lengthOf } from '../../lib/media/files.js';
import { addFolder, deleteFolder, readFiles } from '../../store/folders.js';
import { connection, snapshot, status } from '../../store/state.js';
import { texts } from '../../texts.js';
import { useDraft } from '../edits.js';
import { Card, ConfirmButton, State } from '../parts.js';
import { DraftForm, NewForm } from '../stored-forms.js';
import { FolderFields } from './folder-form.js';

const t = texts.folders;

export function Folders() {
  const [adding, setAdding] = useState(false);
  const folders = snapshot.value?.folders ?? [];
  return (
    <Card id="folders" title={t.title} aside={!adding && <button type="button" class="small" disabled={connection.value !== 'open'} onClick={() => setAdding(true)}>{t.add}</button>}>
      <p class="hint">{t.hint}</p>
      {adding && (
        <NewForm
          first={() => FolderInput.parse({ name: t.newName })} fields={(value, set) => <FolderFields value={value} set={set} />} add={addFolder} label={t.create}
          disabled={connection.value !== 'open'} onDone={() => setAdding(false)}
        />
      )}
      {folders.length === 0 && !adding && <p class="empty">{t.none}</p>}
      <ul class="list">{folders.map((folder) => <FolderRow key={folder.id} folder={folder} />)}</ul>
    </Card>
  );
}

function FolderRow({ folder }: { folder: Folder }) {
  const [shows, setShows] = useState<'form' | 'files' | null>(null);
  const { id, name, path, counts, state, message, timelineId } = folder;
  const isOn = status.value?.program?.timelineId === timelineId;
  return (
    <li data-folder={id}>
      <div class="row">
        <span class="grow">
          <strong class="name">{name}</strong>
          <span class="sub">{path === '' ? texts.media.upload.root : path} · {t.inWords(folder)}</span>
          <span class="sub">{t.counts(counts)}</span>
        </span>
        {isOn && <span class="tally">{t.onProgram}</span>}
        <State said={state === 'watching' ? { word: t.states.watching, tone: 'good' } : { word: t.states.missing, tone: 'busy' }} />
      </div>
      {message && <p class="sentence">{message}</p>}
      <div class="row tools">
        <a class="button plain" href={`#/timelines/${timelineId}`} aria-label={t.timelineLabel(name)}>{t.timeline}</a>
        <button type="button" class="plain" aria-expanded={shows === 'files'} aria-label={t.filesLabel(name)} onClick={() => setShows(shows === 'files' ? null : 'files')}>{shows === 'files' ? t.hideFiles : t.files}</button>
        <button type="button" class="plain" aria-expanded={shows === 'form'} aria-label={t.editLabel(name)} onClick={() => setShows(shows === 'form' ? null : 'form')}>{t.edit}</button>
        <ConfirmButton label={t.remove} class="plain" ariaLabel={t.removeLabel(name)} yes={t.remove} question={t.askRemove(name)} onYes={() => void deleteFolder(id)} />
      </div>
      {shows === 'form' && <EditFolder folder={folder} onDone={() => setShows(null)} />}
      {shows === 'files' && <Files folder={folder} />}
    </li>
  );
}

function EditFolder({ folder, onDone }: { folder: Folder; onDone(): void }) {
  const draft = useDraft(folder, 'folders');
  return (
    <DraftForm draft={draft} labels={t.labels} save={t.save} disabled={connection.value !== 'open'} onDone={onDone}>
      <FolderFields value={draft.value} set={draft.set} />
    </DraftForm>
  );
}

const TONES: Record<FolderFile['state'], 'good' | 'busy' | 'bad'> = { ready: 'good', waiting: 'busy', refused: 'bad' };

/** In the order in which they are played; those that are not ready behind. Read anew whenever the folder has other files. */
function Files({ folder }: { folder: Folder }) {
  const [wanted, setFrom] = useState(0);
  const [files, setFiles] = useState<readonly FolderFile[] | null>(null);
  const [problem, setProblem] = useState('');
  const { id, revision, counts } = folder;
  const all = counts.ready + counts.waiting + counts.refused;
  // It may have fewer pages by now.
  const from = Math.min(wanted, Math.max(0, Math.ceil(all / FOLDER_PAGE) - 1) * FOLDER_PAGE);
  const clips = snapshot.value?.timelines.find((timeline) => timeline.id === folder.timelineId)?.revision;
  useEffect(() => {
    let isShown = true;
    readFiles(id, from).then((read) => { if (isShown) { setFiles(read.files); setProblem(''); } }, (error: unknown) => { if (isShown) setProblem(sentenceOf(error)); });
    return () => { isShown = false; };
  }, [id, from, revision, clips, counts.ready, counts.waiting, counts.refused, connection.value]);
  if (problem !== '') return <p class="sentence bad" role="alert">{problem}</p>;
  if (!files) return <p class="empty" role="status">{texts.page.loading}</p>;
  return (
    <div class="folder-files">
      {files.length === 0 && <p class="empty">{t.noFiles}</p>}
      <ol class="list" start={from + 1}>
        {files.map((file) => (
          <li key={file.path}>
            <div class="row">
              <span class="grow name">{file.path}</span>
              <span class="figure">{lengthOf(file.durationMs)}</span>
              <State said={{ word: t.fileStates[file.state], tone: TONES[file.state] }} />
            </div>
            {file.message && <p class="hint">{file.message}</p>}
          </li>
        ))}
      </ol>
      {all > FOLDER_PAGE && (
        <div class="row">
          <button type="button" class="small" disabled={from === 0} onClick={() => setFrom(Math.max(0, from - FOLDER_PAGE))}>{t.before}</button>
          <button type="button" class="small" disabled={from + FOLDER_PAGE >= all} onClick={() => setFrom(from + FOLDER_PAGE)}>{t.after}</button>
        </div>
      )}
    </div>
  );
}
