/** What is done to clips by buttons; each has a key as well. What comes and goes by itself has its room here, so that the lanes below stay where they are. */
import { useEffect, useState } from 'preact/hooks';
import { TransitionKind } from '../../../protocol/resources.js';
import { readTime, timecode } from '../../lib/timeline/time.js';
import { chooseTransition, transition } from '../../store/actions.js';
import { connection } from '../../store/state.js';
import { apply, applying, canRedo, canUndo, discard, edits, isFolder, redo, undo } from '../../store/timeline.js';
import { copy, cut, join, paste, removeChosen, splitAtCursor } from '../../store/timeline-do.js';
import { clipboard, cursorMs, fit, focused, moveCursor, ripple, selection, snapping, view, zoomBy } from '../../store/timeline-view.js';
import { texts } from '../../texts.js';

const t = texts.timelines;

export function Toolbar() {
  const isAny = selection.value.size > 0 || focused.value !== null;
  const fixed = isFolder.value || connection.value !== 'open';
  const tool = (label: string, key: string, act: () => void, disabled = false) => (
    <button type="button" class="small" title={`${label} (${key})`} aria-keyshortcuts={key} disabled={disabled} onClick={act}>{label}</button>
  );
  return (
    <div class="tl-tools" role="toolbar" aria-label={t.tools}>
      <Cursor />
      {tool(t.split, 'S', splitAtCursor, fixed)}
      {tool(t.join, 'J', join, fixed || selection.value.size < 2)}
      {tool(t.delete, 'Delete', () => removeChosen(), fixed || !isAny)}
      {tool(t.cut, 'Control+X', cut, fixed || !isAny)}
      {tool(t.copy, 'Control+C', () => void copy(), !isAny)}
      {tool(t.paste, 'Control+V', paste, fixed || !clipboard.value)}
      {tool(t.undo, 'Control+Z', () => void undo(), connection.value !== 'open' || !canUndo.value)}
      {tool(t.redo, 'Control+Shift+Z', () => void redo(), connection.value !== 'open' || !canRedo.value)}
      <label class="tl-check"><input type="checkbox" checked={snapping.value} onChange={(event) => { snapping.value = event.currentTarget.checked; }} />{t.snap}</label>
      <label class="tl-choice">{t.ripple}
        <select value={ripple.value} onChange={(event) => { ripple.value = event.currentTarget.value as 'off' | 'track' | 'all'; }}>
          {(['off', 'track', 'all'] as const).map((one) => <option key={one} value={one}>{t.ripples[one]}</option>)}
        </select>
      </label>
      <label class="tl-choice">{t.transitionKind}
        <select value={transition.value.kind} onChange={(event) => chooseTransition({ ...transition.value, kind: event.currentTarget.value as TransitionKind })}>
          {TransitionKind.options.map((kind) => <option key={kind} value={kind}>{t.transitions[kind]}</option>)}
        </select>
        <input
          type="number" min={0} max={60} step={0.1} aria-label={t.transitionLength} disabled={transition.value.kind === 'cut'} value={transition.value.durationMs / 1000}
          onChange={(event) => {
            const seconds = event.currentTarget.valueAsNumber;
            if (seconds >= 0 && seconds <= 60) chooseTransition({ ...transition.value, durationMs: Math.round(seconds * 1000) });
          }}
        />
      </label>
      <span class="row">
        {tool(t.zoomOut, '-', () => zoomBy(0.7, view.value.width / 2))}
        {tool(t.zoomIn, '+', () => zoomBy(1.4, view.value.width / 2))}
        {tool(t.fit, '\\', fit)}
      </span>
      <Applying />
    </div>
  );
}

/** Where the cursor is, to be read and typed. */
function Cursor() {
  const [text, setText] = useState('');
  useEffect(() => setText(timecode(cursorMs.value)), [cursorMs.value]);
  const go = () => {
    const ms = readTime(text);
    if (ms === null) setText(timecode(cursorMs.value));
    else moveCursor(ms);
  };
  return (
    <label class="tl-choice">{t.cursor}
      <input class="tl-time" value={text} inputMode="decimal" onInput={(event) => setText(event.currentTarget.value)} onChange={go} onKeyDown={(event) => { if (event.key === 'Enter') go(); }} />
    </label>
  );
}

/** Whether edits go on air at once, and those that wait. */
function Applying() {
  const count = edits.value.length;
  return (
    <span class="row tl-applying">
      <label class="tl-choice">{t.applying}
        <select value={applying.value} disabled={count > 0} onChange={(event) => { applying.value = event.currentTarget.value as 'once' | 'collect'; }}>
          <option value="once">{t.atOnce}</option>
          <option value="collect">{t.collect}</option>
        </select>
      </label>
      {applying.value === 'collect' && (
        <>
          <button type="button" class="small primary" disabled={count === 0 || connection.value !== 'open'} onClick={() => void apply()}>{t.apply(count)}</button>
          <button type="button" class="small" disabled={count === 0} onClick={discard}>{t.discard}</button>
        </>
      )}
      {applying.value === 'once' && <span class="state busy tl-unsent" role="status">{count > 0 && <><i aria-hidden="true" />{t.unsent(count)}</>}</span>}
    </span>
  );
}
