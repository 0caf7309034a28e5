/** The multiview: all that can be put on program, each as a button with its picture; and how a press is meant. */
import { targets, timelineTargets } from '../store/state.js';
import { chooseMode, mode } from '../store/switching.js';
import { texts } from '../texts.js';
import { TargetButton } from './live/target-button.js';
import { Card, Switch } from './parts.js';

const words = texts.live.targets;

export function Switcher() {
  const timelines = timelineTargets.value;
  return (
    <Card id="switcher" title={words.title} aside={<ModeSwitch />}>
      {targets.value.length === 0
        ? <p class="empty">{words.none}</p>
        : <div class="targets">{targets.value.map((target, index) => <TargetButton key={target.id} target={target} index={index} />)}</div>}
      {timelines.length > 0 && (
        <>
          <h3>{words.timelines}</h3>
          <div class="targets">{timelines.map((target) => <TargetButton key={target.id} target={target} />)}</div>
        </>
      )}
    </Card>
  );
}

function ModeSwitch() {
  const hasBuses = mode.value === 'studio';
  return (
    <span class="row mode" title={words.modeTitle}>
      <span aria-hidden="true">{hasBuses ? words.studioMode : words.directMode}</span>
      <Switch on={hasBuses} label={words.modeSwitch} onChange={(on) => chooseMode(on ? 'studio' : 'direct')} />
    </span>
  );
}
