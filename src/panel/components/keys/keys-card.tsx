/** Which key does what, each to be changed: what stands against a key is told in words. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { COMMANDS, DEFAULT_KEYS, keyOf, objectionTo, type Command, type Objection } from '../../lib/keys.js';
import { bindings, resetKeys, setKey } from '../../store/keys.js';
import { texts } from '../../texts.js';
import { Card } from '../parts.js';
import { keyName } from './key-hint.js';

const words = texts.keys;

const nameOf = (command: Command): string =>
  command.startsWith('pick-') ? words.pick(command.slice('pick-'.length)) : words.commands[command as keyof typeof words.commands];

export function KeysCard() {
  const [changing, setChanging] = useState<Command | null>(null);
  const [last, setLast] = useState<Command | null>(null);
  const [said, setSaid] = useState('');
  const isFirst = COMMANDS.every((command) => bindings.value[command] === DEFAULT_KEYS[command]);
  return (
    <Card
      id="keys" title={words.title}
      aside={<button type="button" class="small" disabled={isFirst} onClick={() => { setChanging(null); setSaid(''); resetKeys(); }}>{words.reset}</button>}
    >
      <p class="hint">{words.explain}</p>
      <ul class="list keys">
        {COMMANDS.map((command) => (
          <li key={command} data-command={command}>
            {changing === command
              ? <Change command={command} onDone={(left) => { setChanging(null); setSaid(left); }} />
              : <Row command={command} isBack={last === command} onChange={() => { setSaid(''); setLast(command); setChanging(command); }} />}
          </li>
        ))}
      </ul>
      <p class="sentence busy" role="status">{said}</p>
    </Card>
  );
}

/** @param isBack it has just been changed: the focus comes back to where it was */
function Row({ command, isBack, onChange }: { command: Command; isBack: boolean; onChange(): void }) {
  const change = useRef<HTMLButtonElement>(null);
  useEffect(() => { if (isBack) change.current?.focus(); }, []);
  const key = bindings.value[command];
  return (
    <div class="row">
      <span class="grow">{nameOf(command)}</span>
      {key === null ? <span class="quiet-word">{words.none}</span> : <kbd>{keyName(key)}</kbd>}
      <button ref={change} type="button" class="small" aria-label={words.changeLabel(nameOf(command))} onClick={onChange}>{words.change}</button>
      {key !== null && <button type="button" class="plain" aria-label={words.removeLabel(nameOf(command))} onClick={() => setKey(command, null)}>{words.remove}</button>}
    </div>
  );
}

/** Waits for a key. @param onDone called with what is to be said afterwards */
function Change({ command, onDone }: { command: Command; onDone(said: string): void }) {
  const cancel = useRef<HTMLButtonElement>(null);
  useEffect(() => cancel.current?.focus(), []);
  const [refused, setRefused] = useState<{ key: string; objection: Objection } | null>(null);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      // The buttons here are pressed by the same keys, and the way to them goes by Tab.
      if (event.key === 'Tab' || (refused && event.target instanceof HTMLButtonElement && (event.key === 'Enter' || event.key === ' '))) return;
      const key = keyOf(event);
      if (key === null) return;
      event.preventDefault();
      event.stopPropagation();
      if (key === 'Escape') return onDone('');
      const objection = objectionTo(bindings.value, command, key);
      if (objection) return setRefused({ key, objection });
      setKey(command, key);
      onDone('');
    };
    addEventListener('keydown', listen, true);
    return () => removeEventListener('keydown', listen, true);
  }, [command, refused]);
  const takeOver = (key: string, by: Command) => {
    setKey(command, key);
    onDone(words.takenOver(nameOf(by)));
  };
  return (
    <>
      <div class="row">
        <span class="grow">{nameOf(command)}</span>
        {refused?.objection.is === 'taken' && <TakeOver from={refused.objection.by} onPress={(by) => takeOver(refused.key, by)} />}
        <button ref={cancel} type="button" class="small" onClick={() => onDone('')}>{words.cancel}</button>
      </div>
      <p class="sentence" role="status">{refused ? <span class="bad-word">{objectionText(refused.key, refused.objection)}</span> : words.press}</p>
    </>
  );
}

function TakeOver({ from, onPress }: { from: Command; onPress(from: Command): void }) {
  return <button type="button" class="small" onClick={() => onPress(from)}>{words.takeOver}</button>;
}

function objectionText(key: string, objection: Objection): string {
  switch (objection.is) {
    case 'taken':
      return words.taken(keyName(key), nameOf(objection.by));
    case 'reserved':
      return words.reserved(keyName(key));
    case 'browser':
      return words.browser(keyName(key));
    default:
      return objection satisfies never;
  }
}
