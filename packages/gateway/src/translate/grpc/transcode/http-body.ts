import type { MessageCodec } from '../../../core/grpc-schema.ts';
import { delimited, delimitedTag, wireFields } from './wire-fields.ts';

/** A body of any media type as a message. */
export const HTTP_BODY = 'google.api.HttpBody';

/** What such a message holds. */
export interface RawBody {
  readonly contentType: string;
  readonly data: Buffer;
}

const CONTENT_TYPE = 1;
const DATA = 2;

/** The bytes of a `google.api.HttpBody`. */
export function httpBodyBytes({ contentType, data }: RawBody): Buffer {
  const type = contentType === '' ? [] : [delimited(delimitedTag(CONTENT_TYPE), Buffer.from(contentType))];
  return Buffer.concat([...type, delimited(delimitedTag(DATA), data)]);
}

/** Reads a `google.api.HttpBody`. */
export function readHttpBody(bytes: Uint8Array): RawBody {
  let contentType = '';
  let data: Buffer = NOTHING;
  for (const field of wireFields(bytes)) {
    if (field.number === CONTENT_TYPE) contentType = field.bytes.toString();
    if (field.number === DATA) data = field.bytes;
  }
  return { contentType, data };
}

/** The number of a field of a message type that is itself a message; schemas tell names only, so we see how it is written. */
export function messageFieldNumber(codec: MessageCodec, name: string): number {
  const [field] = wireFields(codec.fromJson(`{"${name}":{}}`));
  if (field === undefined) throw new TypeError(`${codec.typeName}.${name} is written as nothing`);
  return field.number;
}

const NOTHING = Buffer.alloc(0);
