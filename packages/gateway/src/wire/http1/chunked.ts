import { latin1 } from '../../core/latin1.ts';
import { FRAMING, NOT_IN_TRAILER, SINGLETON } from '../../core/header-names.ts';
import { Headers } from '../../core/headers.ts';
import { CR, LF } from './bytes.ts';
import { ChunkExtensions } from './chunk-extensions.ts';
import { headEnd, mayBecomeHead } from './head-scan.ts';
import { parseFields } from './fields.ts';

const MAX_SIZE_DIGITS = 8;
const MAX_TRAILER_BYTES = 8 * 1024;
const TRAILER_LIMITS = { headerCount: 32 } as const;

const HEX = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit;
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

const SIZE = 0;
const SIZE_LF = 1;
const DATA = 2;
const DATA_CR = 3;
const DATA_LF = 4;
const TRAILERS = 5;
const DONE = 6;
const BROKEN = 7;
const EXTENSION = 8;

const SEMICOLON = 0x3b;

/**
 * Decodes a chunked body as it arrives (RFC 9112 §7.1): hand it bytes with `next` until it says 'more' or is done.
 *
 * Stricter than the RFC where readers differ: at most eight hex digits, no white space, exact CRLF. Extensions of chunks are dropped.
 * Trailers are parsed like headers; those that frame, route or authenticate are refused, others that must not be in a
 * trailer section are dropped (RFC 9110 §6.5.1).
 */
export class ChunkedDecoder {
  #state = SIZE;
  #size = 0;
  #digits = 0;
  #extensions: ChunkExtensions | null = null;
  /** Since the last extension. */
  #dataBytes = 0;
  #trailerBytes: Buffer | null = null;

  /** After 'data': the bytes of the body are `[dataStart, dataEnd)` of the buffer given. */
  dataStart = 0;
  dataEnd = 0;
  /** Index of the first byte that was not consumed. */
  at = 0;
  /** After 'done': the trailer fields, if there were any. */
  trailers: Headers | null = null;

  /** Goes on in `bytes[from, to)` to the next piece of data, the end, or the end of the bytes. */
  next(bytes: Buffer, from: number, to: number): 'data' | 'more' | 'done' | 'bad' {
    let at = from;
    while (at < to) {
      const byte = bytes[at] as number;
      switch (this.#state) {
        case SIZE: {
          const digit = HEX[byte] as number;
          if (digit >= 0) {
            if (++this.#digits > MAX_SIZE_DIGITS) return this.#bad();
            this.#size = this.#size * 16 + digit;
          } else if (byte === CR && this.#digits > 0) {
            this.#state = SIZE_LF;
          } else if (byte === SEMICOLON && this.#digits > 0) {
            this.#beginExtension();
          } else {
            return this.#bad();
          }
          at++;
          break;
        }
        case EXTENSION: {
          const verdict = this.#extensions?.next(byte);
          if (verdict === 'bad') return this.#bad();
          if (verdict === 'done') this.#state = SIZE_LF;
          at++;
          break;
        }
        case SIZE_LF:
          if (byte !== LF) return this.#bad();
          at++;
          this.#state = this.#size === 0 ? TRAILERS : DATA;
          break;
        case DATA: {
          const length = Math.min(this.#size, to - at);
          this.#size -= length;
          this.#dataBytes += length;
          this.dataStart = at;
          this.dataEnd = this.at = at + length;
          if (this.#size === 0) this.#state = DATA_CR;
          return 'data';
        }
        case DATA_CR:
          if (byte !== CR) return this.#bad();
          at++;
          this.#state = DATA_LF;
          break;
        case DATA_LF:
          if (byte !== LF) return this.#bad();
          at++;
          this.#state = SIZE;
          this.#digits = 0;
          break;
        case TRAILERS:
          return this.#trailerSection(bytes, at, to);
        default:
          return 'bad';
      }
    }
    this.at = at;
    return 'more';
  }

  #beginExtension(): void {
    this.#extensions ??= new ChunkExtensions();
    this.#extensions.begin(this.#dataBytes);
    this.#dataBytes = 0;
    this.#state = EXTENSION;
  }

  #trailerSection(bytes: Buffer, from: number, to: number): 'more' | 'done' | 'bad' {
    const held = this.#trailerBytes;
    const section =
      held === null ? bytes.subarray(from, to) : Buffer.concat([held, bytes.subarray(from, to)]);
    const before = held === null ? 0 : held.length;
    if (section[0] === CR) {
      if (section.length === 1) return this.#holdTrailers(section, to);
      return section[1] === LF ? this.#done(from + 2 - before) : this.#bad();
    }
    const end = headEnd(section, Math.max(0, before - 3), section.length);
    if (end === -1) {
      const mayGoOn = section.length <= MAX_TRAILER_BYTES && mayBecomeHead(section, 0, section.length);
      return mayGoOn ? this.#holdTrailers(section, to) : this.#bad();
    }
    // Not only while it is incomplete: the verdict must not depend on how the bytes were cut.
    if (end > MAX_TRAILER_BYTES) return this.#bad();
    const trailers = new Headers();
    const text = latin1(section, 0, end);
    const parts = { bytes: section, text, base: 0, at: 0, end: end - 2, limits: TRAILER_LIMITS };
    if (parseFields(parts, trailers, refuseFraming) !== null) return this.#bad();
    this.trailers = withoutForbidden(trailers);
    return this.#done(from + end - before);
  }

  #holdTrailers(section: Buffer, to: number): 'more' {
    this.#trailerBytes = Buffer.from(section);
    this.at = to;
    return 'more';
  }

  #done(at: number): 'done' {
    this.#state = DONE;
    this.at = at;
    return 'done';
  }

  #bad(): 'bad' {
    this.#state = BROKEN;
    return 'bad';
  }
}

function refuseFraming(): 'BAD_REQUEST' {
  return 'BAD_REQUEST';
}

function withoutForbidden(trailers: Headers): Headers | null {
  const kept = new Headers();
  for (const [i, name] of trailers.names.entries()) {
    if ((name.flags & (NOT_IN_TRAILER | FRAMING | SINGLETON)) === 0)
      kept.appendNamed(name, trailers.values[i] ?? '');
  }
  return kept.size === 0 ? null : kept;
}
