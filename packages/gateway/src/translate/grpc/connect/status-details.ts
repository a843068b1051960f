import type { ConnectDetail } from '../../../core/connect-error.ts';

const TYPE_PREFIX = /^.*\//;
/** `details` of google.rpc.Status; `type_url` and `value` of google.protobuf.Any. */
const DETAILS = 3;
const TYPE_URL = 1;
const VALUE = 2;

/** The details in a `google.rpc.Status`. Of bytes that are none there are as many as can be read: the code is elsewhere. */
export function statusDetails(status: Uint8Array | null): readonly ConnectDetail[] {
  if (status === null) return [];
  return fieldsOf(status)
    .filter(({ number }) => number === DETAILS)
    .map(({ bytes }) => detailOf(bytes));
}

function detailOf(any: Uint8Array): ConnectDetail {
  const fields = fieldsOf(any);
  const last = (wanted: number): Buffer =>
    Buffer.from(fields.findLast(({ number }) => number === wanted)?.bytes ?? []);
  return {
    type: last(TYPE_URL).toString().replace(TYPE_PREFIX, ''),
    value: last(VALUE).toString('base64').replace(/=+$/, ''),
  };
}

/** A field of a message whose value is bytes: text, or another message. */
interface BytesField {
  readonly number: number;
  readonly bytes: Uint8Array;
}

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** The fields of a message that are bytes, as far as it can be read (Protocol Buffers, "Encoding"). */
function fieldsOf(message: Uint8Array): readonly BytesField[] {
  const found: BytesField[] = [];
  const reader = new WireReader(message);
  while (!reader.isAtEnd) {
    const tag = reader.varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case VARINT:
        reader.varint();
        break;
      case FIXED_64:
        reader.bytes(8);
        break;
      case LENGTH_DELIMITED:
        found.push({ number, bytes: reader.bytes(reader.varint()) });
        break;
      case FIXED_32:
        reader.bytes(4);
        break;
      default:
        return found;
    }
  }
  return found;
}

class WireReader {
  readonly #message: Uint8Array;
  #at = 0;

  constructor(message: Uint8Array) {
    this.#message = message;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#message.length;
  }

  /** Of ten bytes at most. Exact up to 2⁵³, beyond which no length can be. */
  varint(): number {
    let value = 0;
    for (let i = 0; i < 10 && !this.isAtEnd; i++) {
      const byte = this.#message[this.#at++] ?? 0;
      value += (byte & 0x7f) * 128 ** i;
      if (byte < 0x80) break;
    }
    return value;
  }

  /** No more than there are. */
  bytes(count: number): Uint8Array {
    const from = this.#at;
    this.#at = Math.min(from + count, this.#message.length);
    return this.#message.subarray(from, this.#at);
  }
}
