/** The tracks' names at the left, with what is done to a track. */
import { useState } from 'preact/hooks';
import { MAX_TRACKS, type TimelineDocument, type Track } from '../../../protocol/timeline.js';
import { rowsOf } from '../../lib/timeline/hit.js';
import { trackAdded, trackChanged, trackMoved, trackRemoved } from '../../lib/timeline/tracks.js';
import { commit, isFolder, shown } from '../../store/timeline.js';
import { texts } from '../../texts.js';
import { Confirm } from '../parts.js';

const t = texts.timelines;

/** As it was named, else its kind and which of these it is, from the lowest. */
export function trackName(document: TimelineDocument, track: Track): string {
  return track.name ?? `${t.trackKinds[track.kind]} ${document.tracks.filter(({ kind }) => kind === track.kind).findIndex(({ id }) => id === track.id) + 1}`;
}

export function TrackHeads() {
  const document = shown.value!;
  return (
    <div class="tl-heads">
      <div class="tl-corner">{t.tracks}</div>
      {rowsOf(document).map((track) => <Head key={track.id} track={track} document={document} />)}
    </div>
  );
}

function Head({ track, document }: { track: Track; document: TimelineDocument }) {
  const [open, setOpen] = useState(false);
  const name = trackName(document, track);
  return (
    <div class={`tl-head ${track.enabled ? '' : 'off'}`}>
      <button type="button" class="tl-head-name" aria-expanded={open} aria-label={t.trackMenu(name)} onClick={() => setOpen(!open)}>
        <span class="name">{name}</span>
        <span class="sub">{track.enabled ? t.clipCount(track.clips.length) : t.trackOff}</span>
      </button>
      {open && <TrackMenu track={track} document={document} name={name} close={() => setOpen(false)} />}
    </div>
  );
}

function TrackMenu({ track, document, name, close }: { track: Track; document: TimelineDocument; name: string; close(): void }) {
  const [asking, setAsking] = useState(false);
  const at = document.tracks.findIndex(({ id }) => id === track.id);
  const remove = () => {
    close();
    commit(trackRemoved(shown.value!, track.id), t.did.track);
  };
  const rename = (text: string) => {
    const wanted = text.trim().slice(0, 100);
    if (wanted !== (track.name ?? '')) commit(trackChanged(shown.value!, track.id, { name: wanted === '' ? undefined : wanted }), t.did.track);
  };
  return (
    <div class="tl-menu" role="group" aria-label={t.trackMenu(name)} onKeyDown={(event) => { if (event.key === 'Escape') close(); }}>
      <label>{t.name}<input value={track.name ?? ''} placeholder={name} maxLength={100} onChange={(event) => rename(event.currentTarget.value)} /></label>
      <label>{t.gain}<input type="number" min={-60} max={12} step={0.5} value={track.gainDb} onChange={(event) => {
        const gainDb = event.currentTarget.valueAsNumber;
        if (gainDb >= -60 && gainDb <= 12) commit(trackChanged(shown.value!, track.id, { gainDb }), t.did.track);
      }} /></label>
      <div class="row">
        <button type="button" class="small" onClick={() => commit(trackChanged(shown.value!, track.id, { enabled: !track.enabled }), t.did.track)}>{track.enabled ? t.turnOff : t.turnOn}</button>
        <button type="button" class="small" disabled={at === document.tracks.length - 1} onClick={() => commit(trackMoved(shown.value!, track.id, 1), t.did.track)}>{t.up}</button>
        <button type="button" class="small" disabled={at === 0} onClick={() => commit(trackMoved(shown.value!, track.id, -1), t.did.track)}>{t.down}</button>
      </div>
      <div class="row">
        <button type="button" class="small" disabled={isFolder.value} onClick={() => (track.clips.length > 0 ? setAsking(true) : remove())}>{t.removeTrack}</button>
        <button type="button" class="small plain" onClick={close}>{t.close}</button>
      </div>
      {asking && <Confirm question={t.askRemoveTrack(name, track.clips.length)} yes={t.removeTrack} onAnswer={(yes) => { setAsking(false); if (yes) remove(); }} />}
    </div>
  );
}

export function AddTrack() {
  const document = shown.value!;
  return (
    <div class="row tl-add" role="group" aria-label={t.addTrack}>
      <span class="hint">{t.addTrack}</span>
      {(['video', 'overlay', 'audio'] as const).map((kind) => (
        <button key={kind} type="button" class="small" disabled={isFolder.value || document.tracks.length >= MAX_TRACKS} onClick={() => commit(trackAdded(shown.value!, kind), t.did.track)}>{t.trackKinds[kind]}</button>
      ))}
    </div>
  );
}
