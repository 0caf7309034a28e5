/** Why publishing to a far end failed, in kinds that lead to different advice. */

export type PublishErrorKind =
  /** Nobody listens there. */
  | 'refused'
  /** No answer in time, in the phase the sentence names. */
  | 'timeout'
  /** The host's name is not known. */
  | 'dns'
  /** The far end could not prove who it is, or does not speak TLS. */
  | 'tls'
  /** The stream's name was refused. */
  | 'bad-key'
  /** The application (the path of the address) was refused. */
  | 'bad-app'
  /** The far end closed the connection, or the network did. */
  | 'closed'
  /** What came back is not RTMP as anybody speaks it. */
  | 'protocol'
  /** Ours: an answer made us fail. `cause` says how. */
  | 'fault';

/** How far the connection had come. */
export type PublishPhase = 'connect' | 'tls' | 'handshake' | 'app' | 'stream' | 'publishing';

/** The sentence names the host at most: never the url, the application or the key. */
export class PublishError extends Error {
  override name = 'PublishError';

  constructor(
    readonly kind: PublishErrorKind,
    readonly phase: PublishPhase,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const TLS_CODES = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|EPROTO)/;

/** Makes a PublishError of what a socket threw. */
export function fromSocketError(error: unknown, phase: PublishPhase, host: string): PublishError {
  const code = socketErrorCode(error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL' || code === 'ENODATA') {
    return new PublishError('dns', phase, `The name ${host} cannot be found. Check the server address, and this machine's network.`);
  }
  if (phase === 'tls' && (code === 'ECONNRESET' || code === 'EPIPE')) return notTls(phase, host);
  if (TLS_CODES.test(code)) {
    return new PublishError('tls', phase, `The secure connection to ${host} failed (${code}): it could not prove that it is ${host}. Check the address; rtmps needs a server with a valid certificate.`);
  }
  if (code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL') {
    return new PublishError('refused', phase, `${host} cannot be reached (${code}): nothing takes connections at that address and port.`);
  }
  if (code === 'ETIMEDOUT') return new PublishError('timeout', phase, `${host} does not answer.`);
  return new PublishError('closed', phase, `The connection to ${host} broke${code === '' ? '' : ` (${code})`}.`);
}

/** It took the connection, but a secure one did not come about. */
function notTls(phase: PublishPhase, host: string): PublishError {
  return new PublishError('tls', phase, `${host} does not complete a secure connection: there is probably no rtmps at that port. Check the address.`);
}

/** What was asked for in that phase did not come within `timeoutMs`. */
export function noAnswer(phase: PublishPhase, host: string, timeoutMs: number): PublishError {
  if (phase === 'tls') return notTls(phase, host);
  const what = {
    connect: 'does not answer', handshake: 'took the connection but does not speak RTMP', app: 'does not answer when asked for the application',
    stream: 'does not answer when asked to publish', publishing: 'does not answer',
  }[phase];
  return new PublishError('timeout', phase, `${host} ${what} (${timeoutMs / 1000} s).`);
}

/** The far end closed, without a word that says why. */
export function closedByPeer(phase: PublishPhase, host: string): PublishError {
  if (phase === 'tls') return notTls(phase, host);
  const when = {
    connect: 'while connecting', handshake: 'in the RTMP handshake', app: 'when asked for the application', stream: 'when asked to publish',
    publishing: 'while publishing',
  }[phase];
  return new PublishError('closed', phase, `${host} closed the connection ${when}.`);
}

function socketErrorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  // Trying several addresses of a name at once ends in one error that holds the others.
  if (error instanceof AggregateError && error.errors.length > 0) return socketErrorCode(error.errors[0]);
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : '';
}

/**
 * What a refusing status of the far end means. Codes after Adobe's RTMP 1.0, 7.2, and what servers in use send.
 * @param code such as `NetStream.Publish.BadName`; shown only when it looks like one and does not hold the key
 */
export function fromStatus(code: unknown, phase: PublishPhase, host: string, streamName: string): PublishError {
  const plain = typeof code === 'string' && /^[A-Za-z0-9.]{1,80}$/.test(code) && !code.includes(streamName) ? code : 'no code';
  if (phase === 'app' || /^NetConnection\.Connect\./.test(plain)) {
    return new PublishError('bad-app', phase, `${host} refused the application, the path of the server address (${plain}). Check the address.`);
  }
  if (/BadName|Denied|Unauthori[sz]ed|Rejected|Authenticate|InvalidKey|Forbidden/i.test(plain)) {
    return new PublishError('bad-key', phase, `${host} refused the stream key (${plain}): it is wrong, has expired, or another encoder uses it.`);
  }
  return new PublishError('closed', phase, `${host} ended the stream (${plain}).`);
}
