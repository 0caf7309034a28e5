/** Timelines: the list of them, and the one that is open to be edited and played. */
import { useEffect } from 'preact/hooks';
import { Bounds } from '../components/timeline/bounds.js';
import { AddTrack } from '../components/timeline/heads.js';
import { Inspector } from '../components/timeline/inspector.js';
import { KeysHelp } from '../components/timeline/keys-help.js';
import { Lanes } from '../components/timeline/lanes.js';
import { TimelineList } from '../components/timeline/list.js';
import { Overview } from '../components/timeline/overview.js';
import { Palette } from '../components/timeline/palette.js';
import { Properties } from '../components/timeline/properties.js';
import { Problems } from '../components/timeline/problems.js';
import { Toolbar } from '../components/timeline/toolbar.js';
import { Transport } from '../components/timeline/transport.js';
import { snapshot } from '../store/state.js';
import { edits, follow, isFolder, notRead, open, openId, shown } from '../store/timeline.js';
import { check, measure, nameFolder } from '../store/timeline-things.js';
import { watch } from '../store/timeline-view.js';
import { texts } from '../texts.js';
import '../styles/timeline.css';

const t = texts.timelines;

export function TimelinesPage() {
  useEffect(() => {
    const ends = [follow(), watch(), check(), measure(), nameFolder()];
    // The address names one; else the one on program is what a person wants to see, or the only one.
    const named = /^#\/timelines\/([A-Za-z0-9_-]+)/.exec(location.hash)?.[1];
    const { program, timelines } = snapshot.value ?? {};
    const first = named ?? (program && 'timelineId' in program ? program.timelineId : timelines?.length === 1 ? timelines[0]!.id : undefined);
    if (first !== undefined && timelines?.some(({ id }) => id === first) && edits.value.length === 0) open(first);
    const keep = (event: BeforeUnloadEvent) => { if (edits.value.length > 0) event.preventDefault(); };
    addEventListener('beforeunload', keep);
    return () => {
      ends.forEach((end) => end());
      removeEventListener('beforeunload', keep);
    };
  }, []);
  const id = openId.value;
  useEffect(() => { history.replaceState(null, '', id === null ? '#/timelines' : `#/timelines/${id}`); }, [id]);
  return (
    <div class="tl-page">
      <div class="tl-side">
        <TimelineList />
        {shown.value && <Palette />}
      </div>
      <div class="tl-main">{shown.value ? <Editor /> : <p class="empty card" role="status">{notRead.value ?? (id === null ? t.chooseOne : texts.page.loading)}</p>}</div>
    </div>
  );
}

function Editor() {
  return (
    <>
      <section class="card tl-editor" aria-label={shown.value!.name}>
        <Transport />
        {isFolder.value && <p class="hint">{t.ofFolder}</p>}
        <Toolbar />
        <Lanes key={openId.value} />
        <Overview />
        <Bounds />
        <AddTrack />
        <KeysHelp />
      </section>
      <Problems />
      <Inspector />
      <Properties />
    </>
  );
}
