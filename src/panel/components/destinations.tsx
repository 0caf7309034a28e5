/** Where the program goes: each destination's state as the far end acknowledges it, what is wrong with it and what to do, and a form to add one. */
import { useState } from 'preact/hooks';
import type { Destination } from '../../protocol/resources.js';
import type { DestinationStatus } from '../../protocol/status.js';
import { DESTINATION_STATES, bitrate, serverAddress, size } from '../lib/words.js';
import { addDestination, changeDestination, deleteDestination } from '../store/actions.js';
import { destinations, destinationStatus } from '../store/state.js';
import { texts } from '../texts.js';
import { EditDestination, NewDestination } from './destination-form.js';
import { Card, ConfirmButton, State, Switch } from './parts.js';

const words = texts.destinations;

export function Destinations() {
  const [adding, setAdding] = useState(false);
  return (
    <Card
      id="destinations" title={words.title}
      aside={!adding && <button type="button" class="small" onClick={() => setAdding(true)}>{words.add}</button>}
    >
      {adding && (
        <NewDestination
          submitLabel={words.add} onCancel={() => setAdding(false)}
          onSubmit={async (input) => { if (await addDestination(input)) setAdding(false); }}
        />
      )}
      {destinations.value.length === 0 && !adding && <p class="empty">{words.none}</p>}
      <ul class="list">
        {destinations.value.map((destination) => <DestinationRow key={destination.id} destination={destination} status={destinationStatus.value.get(destination.id)} />)}
      </ul>
    </Card>
  );
}

function DestinationRow({ destination, status }: { destination: Destination; status: DestinationStatus | undefined }) {
  const [editing, setEditing] = useState(false);
  const { id, name, platform, enabled, hasKey, url, warnings } = destination;
  // The platform's name says nothing where it is the destination's own, and "RTMP server" never does.
  const place = platform === 'custom' || name === words.platforms[platform] ? serverAddress(url) : words.platforms[platform];
  const state = status?.state ?? 'idle';
  return (
    <li data-destination={id}>
      <div class="row">
        <span class="grow">
          <strong class="name">{name}</strong>
          <span class="sub">{place}{!hasKey && platform !== 'custom' && ` · ${words.noKey}`}</span>
        </span>
        <State said={DESTINATION_STATES[state]} detail={state === 'live' && status ? bitrate(status.kbps) : undefined} />
        <Switch on={enabled} label={words.enable(name)} onChange={(on) => void changeDestination(id, { enabled: on })} />
      </div>
      {status?.error && <p class="sentence bad">{status.error.message} {adviceOn(status.error.code)}</p>}
      {status && <p class="sentence figure">{deliveryOf(status)}</p>}
      {warnings.map((sentence) => <p key={sentence} class="sentence busy">{sentence}</p>)}
      {editing
        ? <EditDestination destination={destination} onDone={() => setEditing(false)} />
        : (
          <div class="row tools">
            <button type="button" class="plain" onClick={() => setEditing(true)} aria-label={words.editLabel(name)}>{words.edit}</button>
            <ConfirmButton
              label={words.delete} class="plain" ariaLabel={words.deleteLabel(name)} yes={words.delete} onYes={() => void deleteDestination(id)}
              question={words.deleteQuestion(name, state !== 'idle')}
            />
          </div>
        )}
    </li>
  );
}

function adviceOn(code: string): string {
  return (words.advice as Partial<Record<string, string>>)[code] ?? '';
}

/** So much late it is worth a word; a healthy one waits for some frames at most. */
const BEHIND_MS = 1_000;

/** What arrived there and what did not; nothing of one that was not used yet. */
function deliveryOf({ ackedBytes, reconnects, droppedFrames, queueMs }: DestinationStatus): string {
  return [
    ackedBytes > 0 && words.acknowledged(size(ackedBytes)),
    reconnects > 0 && words.reconnects(reconnects),
    droppedFrames > 0 && words.dropped(droppedFrames),
    queueMs > BEHIND_MS && words.behind((queueMs / 1000).toFixed(1)),
  ].filter((part) => part !== false).join(' · ');
}
