import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { RtmpGuard, type GuardHandler, type Verdict } from '../../../src/ingest/guard.js';
import { decodeAmf0, EcmaArray, encodeAmf0 } from '../../../src/rtmp/amf0.js';
import { ChunkReader } from '../../../src/rtmp/chunk-reader.js';
import { ChunkWriter } from '../../../src/rtmp/chunk-writer.js';
import { RtmpError } from '../../../src/rtmp/errors.js';
import { ClientHandshake } from '../../../src/rtmp/handshake.js';
import {
  acknowledgement, commandMessage, connectCommand, createStreamCommand, deleteStreamCommand, fcPublishCommand, MessageType, parseCommand,
  parseUserControl, publishCommand, releaseStreamCommand, userControl, type RtmpMessage,
} from '../../../src/rtmp/messages.js';

const VIDEO_HEADER = Buffer.from('17000000000142c01effe100', 'hex');

/** A guard with a client's side to drive it, and all that it said. */
function meet(verdict = (key: string): Verdict | 'later' => (key === 'right' ? 'accepted' : 'bad-key')) {
  const said: string[] = [];
  const media: RtmpMessage[] = [];
  let out: Buffer[] = [];
  const handler: GuardHandler = {
    write: (pieces) => out.push(...pieces),
    opened: () => said.push('opened'),
    publish: (key) => {
      said.push(`publish ${key}`);
      return verdict(key);
    },
    media: (type, timestampMs, payload) => media.push({ type, timestampMs, streamId: 1, payload }),
    unpublish: () => said.push('unpublish'),
    refuse: (reason, answer) => {
      said.push(`refuse ${reason}`);
      out.push(...answer);
    },
  };
  const guard = new RtmpGuard(handler);
  const writer = new ChunkWriter();
  const reader = new ChunkReader();
  const send = (...messages: RtmpMessage[]): void => guard.push(Buffer.concat(messages.flatMap((message) => writer.write(message))));
  const answers = (): RtmpMessage[] => {
    const bytes = Buffer.concat(out);
    out = [];
    return [...reader.push(bytes)];
  };
  const greet = (): void => {
    guard.push(Buffer.concat([new ClientHandshake().start(), Buffer.alloc(1536)]));
    out = [];
  };
  const publish = (): void => {
    greet();
    send(connectCommand({ app: 'live', tcUrl: 'rtmp://host:1935/live' }), createStreamCommand(2), publishCommand(3, 'right', 1));
    answers();
  };
  return { guard, said, media, send, answers, greet, publish };
}

describe('the guard', () => {
  it('answers what OBS and FFmpeg say before they publish', () => {
    const { said, send, answers, greet } = meet();
    greet();
    send(
      connectCommand({ app: 'live', tcUrl: 'rtmp://host/live' }),
      releaseStreamCommand(2, 'right'),
      fcPublishCommand(3, 'right'),
      createStreamCommand(4),
      commandMessage('_checkbw', 5, [null]),
    );
    const results = answers().filter((one) => one.type === MessageType.command).map((one) => parseCommand(one));
    expect(results.map((one) => [one.name, one.transactionId])).toEqual([['_result', 1], ['_result', 2], ['_result', 3], ['_result', 4]]);
    expect(results[3]?.args).toEqual([null, 1]);
    send(publishCommand(6, 'right?backup=1', 1));
    expect(said).toEqual(['opened', 'publish right']);
  });

  it.each([
    ['another app', connectCommand({ app: 'other', tcUrl: 'rtmp://host/other' }), 'refuse bad-app'],
    ['no address', commandMessage('connect', 1, [{ app: 'live' }]), 'refuse bad-url'],
    ['publish at once', publishCommand(1, 'right', 1), 'refuse out-of-order'],
    ['play', commandMessage('play', 1, [null, 'right'], 1), 'refuse play'],
  ])('refuses %s', (_what, message, reason) => {
    const { said, send, greet } = meet();
    greet();
    send(message);
    expect(said).toEqual(['opened', reason]);
    send(connectCommand({ app: 'live', tcUrl: 'rtmp://host/live' }), publishCommand(1, 'right', 1));
    expect(said.length).toBe(2);
  });

  it('takes a slash or a query behind the app', () => {
    for (const app of ['live/', 'live?x=1']) {
      const { said, send, greet } = meet();
      greet();
      send(connectCommand({ app, tcUrl: `rtmp://host/${app}` }), publishCommand(1, 'right', 1));
      expect(said).toEqual(['opened', 'publish right']);
    }
  });

  it('lets no media through before, beside or after an acceptance', () => {
    const frame: RtmpMessage = { type: 9, streamId: 1, timestampMs: 0, payload: VIDEO_HEADER };
    const { guard, media, send, greet } = meet();
    greet();
    send(frame, connectCommand({ app: 'live', tcUrl: 'rtmp://host/live' }), frame, createStreamCommand(2), frame);
    send(publishCommand(3, 'wrong', 1), frame);
    send(frame);
    expect(media).toEqual([]);
    guard.close();
  });

  it('passes media on with its time unwrapped, and metadata as it writes it', () => {
    const { media, send, publish } = meet();
    publish();
    send(
      { type: 18, streamId: 1, timestampMs: 0, payload: encodeAmf0(['@setDataFrame', 'onMetaData', { width: 5 }]) },
      { type: 18, streamId: 1, timestampMs: 0, payload: encodeAmf0(['onTextData', {}]) },
      { type: 9, streamId: 1, timestampMs: 2 ** 32 - 20, payload: VIDEO_HEADER },
      { type: 9, streamId: 1, timestampMs: 20, payload: Buffer.from('170100000000', 'hex') },
    );
    expect(media.map((one) => [one.type, one.timestampMs])).toEqual([[18, 0], [9, -20], [9, 20]]);
    const [name, fields] = decodeAmf0(media[0]?.payload ?? Buffer.alloc(0));
    expect(name).toBe('onMetaData');
    expect(fields).toBeInstanceOf(EcmaArray);
  });

  it.each([
    ['accepted', [[9, 0], [9, 40]], 'publish right'], ['key-in-use', [], 'refuse key-in-use'], ['bad-key', [], 'refuse bad-key'],
  ] as const)('whose key is judged later, as %s, holds what came meanwhile', (verdict, passed, last) => {
    const { guard, said, media, send, answers, greet } = meet(() => 'later');
    greet();
    send(
      connectCommand({ app: 'live', tcUrl: 'rtmp://host/live' }), createStreamCommand(2), publishCommand(3, 'right', 1),
      { type: 9, streamId: 1, timestampMs: 0, payload: VIDEO_HEADER }, { type: 9, streamId: 1, timestampMs: 40, payload: Buffer.from('170100000000', 'hex') },
    );
    expect(media).toEqual([]);
    answers();
    guard.decide(verdict);
    expect(media.map((one) => [one.type, one.timestampMs])).toEqual(passed);
    expect(said.at(-1)).toBe(last);
    expect(answers().some((one) => one.type === MessageType.command && parseCommand(one).name === 'onStatus')).toBe(verdict !== 'accepted');
  });

  it('keeps an accepted publisher that garbles beside its media', () => {
    const { guard, media, send, publish } = meet();
    publish();
    send({ type: 18, streamId: 1, timestampMs: 0, payload: Buffer.from([2, 0]) }, { type: 20, streamId: 0, timestampMs: 0, payload: Buffer.from([9]) });
    send({ type: 9, streamId: 1, timestampMs: 0, payload: Buffer.alloc(0) }, { type: 9, streamId: 1, timestampMs: 0, payload: VIDEO_HEADER });
    expect(media.length).toBe(1);
    expect(guard.dropped).toBe(3);
  });

  it('allows an accepted publisher longer messages than a stranger', () => {
    const long: RtmpMessage = { type: 9, streamId: 1, timestampMs: 40, payload: Buffer.concat([Buffer.from('1701000000', 'hex'), Buffer.alloc(2 ** 20)]) };
    const { media, send, publish } = meet();
    publish();
    send({ type: 9, streamId: 1, timestampMs: 0, payload: VIDEO_HEADER }, long);
    expect(media.length).toBe(2);
    const stranger = meet();
    stranger.greet();
    expect(() => stranger.send(long)).toThrow(expect.objectContaining({ code: 'MESSAGE_SIZE' }));
  });

  it('acknowledges what it received and answers pings', () => {
    const { send, answers, publish } = meet();
    publish();
    for (let count = 0; count < 3; count += 1) {
      send({ type: 9, streamId: 1, timestampMs: 0, payload: Buffer.concat([Buffer.from('1701000000', 'hex'), Buffer.alloc(600_000)]) });
    }
    send(userControl(6, 1234));
    const back = answers();
    expect(back.filter((one) => one.type === acknowledgement(0).type).length).toBeGreaterThanOrEqual(1);
    expect(back.filter((one) => one.type === MessageType.userControl).map(parseUserControl)).toEqual([{ event: 7, value: 1234 }]);
  });

  it('ends with the publisher', () => {
    const { said, media, send, publish } = meet();
    publish();
    send(deleteStreamCommand(5, 1), { type: 9, streamId: 1, timestampMs: 0, payload: VIDEO_HEADER });
    expect(said.at(-1)).toBe('unpublish');
    expect(media).toEqual([]);
  });

  it('answers any bytes of a stranger or a publisher with nothing worse than an RtmpError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.boolean(), (bytes, accepted) => {
        const { guard, greet, publish } = meet();
        if (accepted) publish();
        else greet();
        try {
          guard.push(Buffer.from(bytes));
        } catch (error) {
          if (!(error instanceof RtmpError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
