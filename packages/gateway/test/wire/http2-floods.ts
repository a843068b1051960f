import { block, END_HEADERS, END_STREAM, frame, get, pseudo, TYPE, uint32 } from './http2-frames.ts';

/** Frames that nobody sends in earnest. */
export interface Flood {
  /** As what it is counted. */
  readonly kind: string;
  /** With which the connection ends; without: ENHANCE_YOUR_CALM. */
  readonly code?: number;
  part(round: number): Buffer;
}

const PROTOCOL_ERROR = 1;
const FLOW_CONTROL_ERROR = 3;
const STREAM_CLOSED = 5;
export const ENHANCE_YOUR_CALM = 11;

/** What a connection may be ended for, and the frames that do it: a part at a time, until it is ended. */
export const FLOODS: Readonly<Record<string, Flood>> = {
  'rapid resets': {
    kind: 'reset',
    part: (round) =>
      many(20, (i) => [get(id(round, 20, i)), frame(TYPE.rst, 0, id(round, 20, i), uint32(8))]),
  },
  'resets that it makes us send, by more data after the end': {
    kind: 'frames',
    code: STREAM_CLOSED,
    part: (round) =>
      many(20, (i) => [get(id(round, 20, i), '/slow'), frame(TYPE.data, 0, id(round, 20, i), Buffer.of(1))]),
  },
  'resets that it makes us send, by another head after the end': {
    kind: 'frames',
    code: STREAM_CLOSED,
    part: (round) => many(20, (i) => [get(id(round, 20, i), '/slow'), get(id(round, 20, i), '/slow')]),
  },
  'resets that it makes us send, by malformed requests': {
    kind: 'frames',
    part: (round) =>
      many(20, (i) => [
        frame(
          TYPE.headers,
          END_STREAM | END_HEADERS,
          id(round, 20, i),
          block([...pseudo(), ['connection', 'close']]),
        ),
      ]),
  },
  'a window that overflows': {
    kind: 'frames',
    code: FLOW_CONTROL_ERROR,
    part: (round) =>
      many(20, (i) => [
        get(id(round, 20, i), '/slow'),
        frame(TYPE.windowUpdate, 0, id(round, 20, i), uint32(2 ** 31 - 1)),
      ]),
  },
  'a window update of nothing': {
    kind: 'frames',
    code: PROTOCOL_ERROR,
    part: (round) =>
      many(20, (i) => [
        get(id(round, 20, i), '/slow'),
        frame(TYPE.windowUpdate, 0, id(round, 20, i), uint32(0)),
      ]),
  },
  'a header block that never ends': {
    kind: 'frames',
    code: PROTOCOL_ERROR,
    part: (round) =>
      round === 0
        ? frame(TYPE.headers, END_STREAM, 1, block(pseudo()))
        : many(4, (i) => [frame(TYPE.continuation, 0, 1, block([[`x-${round}-${i}`, 'y']]))]),
  },
  SETTINGS: { kind: 'settings', part: () => many(5, () => [frame(TYPE.settings, 0, 0)]) },
  PING: { kind: 'ping', part: () => many(10, () => [frame(TYPE.ping, 0, 0, Buffer.alloc(8))]) },
  'empty DATA': {
    kind: 'frames',
    part: (round) =>
      round === 0
        ? frame(TYPE.headers, END_HEADERS, 1, block(pseudo('POST', '/slow')))
        : many(10, () => [frame(TYPE.data, 0, 1)]),
  },
  'window updates': {
    kind: 'chatter',
    part: () => many(2000, () => [frame(TYPE.windowUpdate, 0, 0, uint32(1))]),
  },
  priorities: {
    kind: 'frames',
    part: () => many(2000, () => [frame(TYPE.priority, 0, 3, Buffer.of(0, 0, 0, 0, 1))]),
  },
  'frames of an unknown type': {
    kind: 'chatter',
    part: () => many(20, () => [frame(TYPE.unknown, 0, 0, Buffer.alloc(2000))]),
  },
  'more streams than it may have': {
    kind: 'refused',
    part: (round) => many(50, (i) => [get(id(round, 50, i), '/slow')]),
  },
  'heads that name one large field again and again': {
    kind: 'chatter',
    part: (round) =>
      round === 0
        ? frame(TYPE.headers, END_STREAM | END_HEADERS, 1, Buffer.concat([block(pseudo()), LARGE_ENTRY]))
        : frame(
            TYPE.headers,
            END_STREAM | END_HEADERS,
            id(round, 1, 0),
            Buffer.concat([block(pseudo()), Buffer.alloc(16_000, NEWEST_ENTRY)]),
          ),
  },
};

/** What is allowed, and made to cost us more than the client: nobody is thrown out for it, so it has to be cheap. */
export const BURDENS: Readonly<Record<string, Pick<Flood, 'part'>>> = {
  'answers that nobody takes': {
    part: (round) =>
      round === 0
        ? Buffer.concat([
            frame(TYPE.settings, 0, 0, Buffer.of(0, 4, 0, 0, 0, 0)),
            many(60, (i) => [get(id(0, 60, i), '/large')]),
          ])
        : Buffer.alloc(0),
  },
};

/** A field of 4,000 bytes that goes into the table (RFC 7541 §6.2.1), and the byte that names the last one that did. */
const LARGE_ENTRY = Buffer.concat([
  Buffer.of(0x40, 1),
  Buffer.from('x'),
  Buffer.of(127, 0xa1, 0x1e),
  Buffer.alloc(4000, 'y'),
]);
const NEWEST_ENTRY = 0xbe;

function id(round: number, each: number, i: number): number {
  return 2 * (round * each + i) + 1;
}

function many(count: number, part: (i: number) => readonly Buffer[]): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => part(i)).flat());
}
