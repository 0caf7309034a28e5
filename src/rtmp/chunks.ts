/** The chunk stream of Adobe RTMP 1.0, section 5.3: what both of its directions go by. */

export const DEFAULT_CHUNK_SIZE = 128;
/** Stands for a timestamp, or a step of one, that does not fit in 24 bits and follows the header. */
export const EXTENDED = 0xffffff;
/** Of a message header, by the chunk's type. */
export const HEADER_BYTES = [11, 7, 3, 0] as const;
