/** All timelines: which is open, on program or armed, and what is done to one as a whole. */
import { useRef, useState } from 'preact/hooks';
import type { TimelineSummary } from '../../../protocol/timeline.js';
import { duration } from '../../lib/words.js';
import { connection, snapshot, status } from '../../store/state.js';
import { edits, open, openId } from '../../store/timeline.js';
import { create, duplicate, exportAddress, importFile, refused, remove, rename } from '../../store/timeline-play.js';
import { texts } from '../../texts.js';
import { Card, Confirm, ConfirmButton } from '../parts.js';

const t = texts.timelines;

export function TimelineList() {
  const [wanted, setWanted] = useState<string | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const list = snapshot.value?.timelines ?? [];
  /** What was collected of the one that is open would be lost. */
  const openAsking = (id: string | null) => {
    if (edits.value.length > 0 && id !== openId.value) setWanted(id);
    else open(id);
  };
  const openMade = (id: string | null) => { if (id !== null) openAsking(id); };
  return (
    <Card id="timelines" title={t.title} aside={(
      <>
        <button type="button" class="small" onClick={() => file.current?.click()}>{t.import}</button>
        <input ref={file} type="file" accept="application/json,.json" class="unseen" tabIndex={-1} aria-label={t.importFile} onChange={(event) => {
          const [chosen] = event.currentTarget.files ?? [];
          event.currentTarget.value = '';
          if (chosen) void importFile(chosen).then(openMade);
        }} />
      </>
    )}>
      {refused.value && <Refused />}
      <NewTimeline onMade={openMade} />
      {list.length === 0 ? <p class="empty">{t.none}</p> : (
        <ul class="list tl-list">
          {list.map((one) => <Entry key={one.id} timeline={one} onOpen={() => openAsking(one.id)} onMade={openMade} />)}
        </ul>
      )}
      {wanted !== null && <Confirm question={t.askLeave(edits.value.length)} yes={t.discard} onAnswer={(yes) => { if (yes) open(wanted); setWanted(null); }} />}
    </Card>
  );
}

/** Why a file was not imported, by the places in it. */
function Refused() {
  const { file, problems } = refused.value!;
  return (
    <div class="tl-refused" role="alert">
      <p>{t.notImported(file)}</p>
      <ul>
        {problems.map(({ where, what }, i) => <li key={i}>{where !== '' && <b>{where}</b>} {what}</li>)}
      </ul>
      <button type="button" class="small" onClick={() => { refused.value = null; }}>{texts.shell.dismiss}</button>
    </div>
  );
}

function NewTimeline({ onMade }: { onMade(id: string | null): void }) {
  const [name, setName] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    if (name.trim() === '') return;
    const id = await create(name.trim());
    if (id === null) return;
    setName('');
    onMade(id);
  };
  return (
    <form class="row tl-new" onSubmit={(event) => void submit(event)}>
      <input value={name} maxLength={100} aria-label={t.newName} placeholder={t.newName} onInput={(event) => setName(event.currentTarget.value)} />
      <button type="submit" class="small" disabled={name.trim() === '' || connection.value !== 'open'}>{t.create}</button>
    </form>
  );
}

function Entry({ timeline, onOpen, onMade }: { timeline: TimelineSummary; onOpen(): void; onMade(id: string | null): void }) {
  const { id, name, loop, durationMs, clips, folderId } = timeline;
  const [renaming, setRenaming] = useState(false);
  const played = status.value?.timeline?.timelineId === id && status.value.timeline.state !== 'stopped';
  const isOn = played && !status.value?.timeline?.overridden && status.value?.program?.timelineId === id;
  return (
    <li class={openId.value === id ? 'open' : ''}>
      <button type="button" class="tl-open" aria-current={openId.value === id ? 'true' : undefined} onClick={onOpen}>
        <span class="name">{name}</span>
        <span class="sub">{t.summary(duration(durationMs), clips)}{loop && ` · ${t.loops}`}{folderId !== undefined && ` · ${t.folder}`}</span>
        {isOn ? <span class="tally">{t.onProgram}</span> : played ? <span class="tl-mark covered">{t.covered}</span> : snapshot.value?.armed === id ? <span class="tl-mark armed">{t.armed}</span> : null}
      </button>
      {openId.value === id && (
        <div class="tl-entry">
          {renaming ? <Rename id={id} name={name} onDone={() => setRenaming(false)} /> : (
            <div class="row tools">
              <button type="button" class="plain" onClick={() => setRenaming(true)}>{t.rename}</button>
              <button type="button" class="plain" onClick={() => void duplicate(id, t.copyOf(name).slice(0, 100)).then(onMade)}>{t.duplicate}</button>
              <a class="button plain" href={exportAddress(id)} download>{t.export}</a>
              <ConfirmButton class="plain" label={t.delete} question={t.askDelete(name)} yes={t.delete} onYes={() => void remove(id).then((done) => { if (done !== undefined) open(null); })} />
            </div>
          )}
        </div>
      )}
    </li>
  );
}

function Rename({ id, name, onDone }: { id: string; name: string; onDone(): void }) {
  const [text, setText] = useState(name);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (text.trim() === '' || text.trim() === name || (await rename(id, text.trim())) !== undefined) onDone();
  };
  return (
    <form class="row" onSubmit={(event) => void submit(event)} onKeyDown={(event) => { if (event.key === 'Escape') onDone(); }}>
      <input value={text} maxLength={100} aria-label={t.name} ref={(input) => { if (input && document.activeElement?.tagName !== 'INPUT') input.focus(); }} onInput={(event) => setText(event.currentTarget.value)} />
      <button type="submit" class="small">{t.save}</button>
    </form>
  );
}
