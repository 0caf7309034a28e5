/** Every way in which bytes of a peer can be wrong. The code is stable and safe to log: it never holds peer data. */
export type RtmpErrorCode =
  | 'AMF_TRUNCATED'
  | 'AMF_DEPTH'
  | 'AMF_KEYS'
  | 'AMF_STRING'
  | 'AMF_VALUES'
  | 'AMF_UNSUPPORTED'
  | 'CHUNK_SIZE'
  | 'CHUNK_STREAMS'
  | 'CHUNK_HEADER'
  | 'CHUNK_PENDING'
  | 'MESSAGE_SIZE'
  | 'CONTROL_MESSAGE'
  | 'COMMAND'
  | 'HANDSHAKE';

/** The only error that this folder throws. Messages name limits and markers, never what the peer sent. */
export class RtmpError extends Error {
  readonly code: RtmpErrorCode;

  constructor(code: RtmpErrorCode, message: string) {
    super(message);
    this.name = 'RtmpError';
    this.code = code;
  }
}
