/** What a client sends, read: the message, and the id that its answer is to have. Pure. */
import { ClientMessage } from '../../protocol/messages.js';
import { ServerError } from '../../runtime/errors.js';
import { parse } from '../validate.js';

/** An unknown type is told apart from a known one with a bad payload. @throws ServerError UNKNOWN_MESSAGE, VALIDATION */
export function readMessage(value: unknown): ClientMessage {
  const type = (value as { type?: unknown } | null)?.type;
  if (typeof type === 'string' && !KNOWN.has(type)) throw new ServerError('UNKNOWN_MESSAGE', `Unknown message type. Known are: ${[...KNOWN].join(', ')}.`);
  return parse(ClientMessage, value);
}

const KNOWN = new Set(ClientMessage.options.map((option) => option.shape.type.value as string));

/** undefined: it has none that can be given back. */
export function idOf(value: unknown): string | number | undefined {
  // Only its own: an "id" put into the prototype is nobody's.
  const id = typeof value === 'object' && value !== null && Object.hasOwn(value, 'id') ? (value as { id: unknown }).id : undefined;
  return (typeof id === 'string' && id.length <= 100) || typeof id === 'number' ? id : undefined;
}
