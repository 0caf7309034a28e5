/** Where the program goes: each destination's state as the far end acknowledges it, and a form to add one. */
import { useState } from 'preact/hooks';
import type { Destination } from '../../protocol/resources.js';
import type { DestinationStatus } from '../../protocol/status.js';
import { DESTINATION_STATES, bitrate, serverAddress } from '../lib/words.js';
import { addDestination, changeDestination, deleteDestination } from '../store/actions.js';
import { destinationStatus, snapshot } from '../store/state.js';
import { DestinationForm, PLATFORM_NAMES } from './destination-form.js';
import { Card, ConfirmButton, State, Switch } from './parts.js';

export function Destinations() {
  const [adding, setAdding] = useState(false);
  const destinations = snapshot.value?.destinations ?? [];
  return (
    <Card
      id="destinations" title="Destinations"
      aside={!adding && <button type="button" class="small" onClick={() => setAdding(true)}>Add destination</button>}
    >
      {adding && (
        <DestinationForm
          submitLabel="Add destination" onCancel={() => setAdding(false)}
          onSubmit={async (input) => { if (await addDestination(input)) setAdding(false); }}
        />
      )}
      {destinations.length === 0 && !adding && <p class="empty">The program goes nowhere yet. Add YouTube, Twitch or any RTMP server.</p>}
      <ul class="list">
        {destinations.map((destination) => <DestinationRow key={destination.id} destination={destination} status={destinationStatus.value.get(destination.id)} />)}
      </ul>
    </Card>
  );
}

function DestinationRow({ destination, status }: { destination: Destination; status: DestinationStatus | undefined }) {
  const [editing, setEditing] = useState(false);
  const { id, name, platform, enabled, hasKey, url } = destination;
  // The platform's name says nothing where it is the destination's own, and "RTMP server" never does.
  const place = platform === 'custom' || name === PLATFORM_NAMES[platform] ? serverAddress(url) : PLATFORM_NAMES[platform];
  const state = status?.state ?? 'idle';
  return (
    <li data-destination={id}>
      <div class="row">
        <span class="grow">
          <strong class="name">{name}</strong>
          <span class="sub">{place}{!hasKey && platform !== 'custom' && ' · no key yet'}</span>
        </span>
        <State said={DESTINATION_STATES[state]} detail={state === 'live' && status ? bitrate(status.kbps) : undefined} />
        <Switch on={enabled} label={`Enable ${name}`} onChange={(on) => void changeDestination(id, { enabled: on })} />
      </div>
      {status?.error && <p class="sentence bad">{status.error.message}</p>}
      {status && (status.reconnects > 0 || status.droppedFrames > 0) && (
        <p class="sentence">{counted(status.reconnects, 'reconnect')}, {counted(status.droppedFrames, 'dropped frame')}</p>
      )}
      {editing
        ? (
          <DestinationForm
            initial={destination} submitLabel="Save" onCancel={() => setEditing(false)}
            onSubmit={async (input) => { if (await changeDestination(id, input)) setEditing(false); }}
          />
        )
        : (
          <div class="row tools">
            <button type="button" class="plain" onClick={() => setEditing(true)} aria-label={`Edit ${name}`}>Edit</button>
            <ConfirmButton
              label="Delete" class="plain" ariaLabel={`Delete ${name}`} yes="Delete" onYes={() => void deleteDestination(id)}
              question={`Delete the destination “${name}”?${state === 'idle' ? '' : ' It is disconnected at once.'}`}
            />
          </div>
        )}
    </li>
  );
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
