import { MessageFault } from '../../../core/grpc-schema.ts';
import type { Binding } from './binding.ts';
import { textOf } from './body-type.ts';
import { httpBodyBytes, type RawBody } from './http-body.ts';
import { joinedAlong, type PathFields } from './path-fields.ts';
import { delimited } from './wire-fields.ts';

/**
 * The bytes of a message, of which the JSON of the body is a part and `fields` the rest. What comes later in them wins, so the
 * path wins over the body. Throws `MessageFault`, whose pointer is one into the body.
 */
export function messageOf(binding: Binding, json: string, fields: Uint8Array): Uint8Array {
  const { body, method, path } = binding;
  if (body.kind !== 'field') return joined(method.input.fromJson(json), path, fields);
  return joined(fieldMessage(binding, body.name, json), path, fields);
}

/** The bytes of a message that has a body of any media type. */
export function rawMessageOf({ body, path }: Binding, raw: RawBody, fields: Uint8Array): Uint8Array {
  const bytes = httpBodyBytes(raw);
  const tag = body.kind === 'raw' ? body.tag : null;
  return joined(tag === null ? bytes : delimited(tag, bytes), path, fields);
}

/** Without the check, a body could end its field and begin another: `1,"owner":"me"`. */
function fieldMessage({ method }: Binding, name: string, json: string): Uint8Array {
  mustBeJson(json);
  try {
    return method.input.fromJson(`{"${name}":${json}}`);
  } catch (error) {
    if (error instanceof MessageFault)
      throw new MessageFault(error.message, error.pointer.replace(/^\/[^/]*/, ''));
    throw error;
  }
}

function mustBeJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new MessageFault('is not JSON');
  }
}

function joined(body: Uint8Array, { zeros, ways }: PathFields, fields: Uint8Array): Uint8Array {
  if (zeros.length + fields.length === 0) return body;
  return joinedAlong(ways, Buffer.concat([body, zeros, fields]));
}

/** The same, of bytes that are JSON. Throws `MessageFault`. */
export function encodeJson(binding: Binding, bytes: Buffer, fields: Uint8Array): Uint8Array {
  const json = textOf(bytes);
  if (json === null) throw new MessageFault('is not UTF-8');
  return messageOf(binding, json, fields);
}
