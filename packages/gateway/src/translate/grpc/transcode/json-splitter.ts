import { GatewayError } from '../../../core/errors.ts';

/** Cuts a stream of bytes into the texts of messages. */
export interface Splitter {
  /** Throws a `GatewayError` for what cannot be cut, and for a message that is too large. */
  feed(chunk: Buffer): void;
  end(): void;
}

/** How messages are cut. */
export interface SplitRules {
  readonly maxBytes: number;
  /** Gets each message; its memory is valid during the call only. */
  readonly take: (json: Buffer) => void;
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What has come of a message that is not complete; at most `maxBytes` of it. */
class Rest {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  keep(piece: Buffer): void {
    this.#check(piece);
    if (piece.length === 0) return;
    this.#pieces.push(Buffer.from(piece));
    this.#length += piece.length;
  }

  /** All of the message, whose last piece this is. */
  with(piece: Buffer): Buffer {
    this.#check(piece);
    if (this.#length === 0) return piece;
    const whole = Buffer.concat([...this.#pieces, piece]);
    this.#pieces = [];
    this.#length = 0;
    return whole;
  }

  #check(piece: Buffer): void {
    if (this.#length + piece.length > this.#maxBytes)
      throw new GatewayError('BODY_TOO_LARGE', 'a message in a stream is too large', {
        detail: 'One message of the stream is too large',
      });
  }
}

/** Messages on lines of their own (NDJSON). Empty lines are none. */
export function lineSplitter({ maxBytes, take }: SplitRules): Splitter {
  const rest = new Rest(maxBytes);
  const takeLine = (line: Buffer): void => {
    if (!isBlank(line)) take(line);
  };
  return {
    feed(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        takeLine(rest.with(chunk.subarray(from, at)));
        from = at + 1;
      }
      rest.keep(chunk.subarray(from));
    },
    end: () => takeLine(rest.with(NOTHING)),
  };
}

/**
 * Messages that are the items of a JSON array. Looks at strings and brackets only, to find the commas between the items; whether an
 * item is JSON is for those to say who read it.
 */
export class ArraySplitter implements Splitter {
  readonly #take: (json: Buffer) => void;
  readonly #rest: Rest;
  #place: 'before' | 'inside' | 'after' = 'before';
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #hasItems = false;

  constructor({ maxBytes, take }: SplitRules) {
    this.#take = take;
    this.#rest = new Rest(maxBytes);
  }

  feed(chunk: Buffer): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#place !== 'inside') {
        this.#outside(byte);
        from = at + 1;
      } else if (this.#isBorder(byte)) {
        this.#item(this.#rest.with(chunk.subarray(from, at)), byte);
        from = at + 1;
      }
    }
    if (this.#place === 'inside') this.#rest.keep(chunk.subarray(from));
  }

  end(): void {
    if (this.#place !== 'after') throw malformed('is no JSON array, or breaks off');
  }

  #outside(byte: number): void {
    if (isSpace(byte)) return;
    if (this.#place === 'after' || byte !== OPEN_ARRAY) throw malformed('is no JSON array');
    this.#place = 'inside';
  }

  /** Whether an item ends here. */
  #isBorder(byte: number): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isInString = false;
      return false;
    }
    if (byte === QUOTE) this.#isInString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#depth++;
    else if (this.#depth > 0 && (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY)) this.#depth--;
    else return this.#depth === 0 && (byte === COMMA || byte === CLOSE_ARRAY);
    return false;
  }

  #item(item: Buffer, border: number): void {
    const isEmptyArray = border === CLOSE_ARRAY && !this.#hasItems;
    this.#hasItems = true;
    if (border === CLOSE_ARRAY) this.#place = 'after';
    if (!isBlank(item)) this.#take(item);
    else if (!isEmptyArray) throw malformed('has a comma too many');
  }
}

const NOTHING = Buffer.alloc(0);

function isBlank(bytes: Buffer): boolean {
  return bytes.every(isSpace);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function malformed(detail: string): GatewayError {
  return new GatewayError('INVALID_REQUEST', `a stream of messages ${detail}`, {
    detail: `The body ${detail}`,
  });
}
