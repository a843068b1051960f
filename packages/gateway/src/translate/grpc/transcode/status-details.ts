import { MessageFault } from '../../../core/grpc-schema.ts';
import type { Json } from '../../../core/identity.ts';
import { wireFields, type WireField } from './wire-fields.ts';

/** A message as ProtoJSON would have it. */
export type JsonObject = Readonly<Record<string, Json>>;

/** How a field is read. */
type Kind = 'text' | 'int64' | 'duration' | 'map' | { readonly list: Shape } | { readonly message: Shape };

/** Fields of a message by number. */
type Shape = Readonly<Record<number, readonly [name: string, kind: Kind]>>;

const LOCALIZED: Shape = { 1: ['locale', 'text'], 2: ['message', 'text'] };

/** Messages of google.rpc that say more about a failure (google/rpc/error_details.proto). */
const SHAPES: Readonly<Record<string, Shape>> = {
  'google.rpc.ErrorInfo': { 1: ['reason', 'text'], 2: ['domain', 'text'], 3: ['metadata', 'map'] },
  'google.rpc.RetryInfo': { 1: ['retryDelay', 'duration'] },
  'google.rpc.QuotaFailure': {
    1: [
      'violations',
      {
        list: {
          1: ['subject', 'text'],
          2: ['description', 'text'],
          3: ['apiService', 'text'],
          4: ['quotaMetric', 'text'],
          5: ['quotaId', 'text'],
          6: ['quotaDimensions', 'map'],
          7: ['quotaValue', 'int64'],
          8: ['futureQuotaValue', 'int64'],
        },
      },
    ],
  },
  'google.rpc.PreconditionFailure': {
    1: ['violations', { list: { 1: ['type', 'text'], 2: ['subject', 'text'], 3: ['description', 'text'] } }],
  },
  'google.rpc.BadRequest': {
    1: [
      'fieldViolations',
      {
        list: {
          1: ['field', 'text'],
          2: ['description', 'text'],
          3: ['reason', 'text'],
          4: ['localizedMessage', { message: LOCALIZED }],
        },
      },
    ],
  },
  'google.rpc.RequestInfo': { 1: ['requestId', 'text'], 2: ['servingData', 'text'] },
  'google.rpc.ResourceInfo': {
    1: ['resourceType', 'text'],
    2: ['resourceName', 'text'],
    3: ['owner', 'text'],
    4: ['description', 'text'],
  },
  'google.rpc.Help': { 1: ['links', { list: { 1: ['description', 'text'], 2: ['url', 'text'] } }] },
  'google.rpc.LocalizedMessage': LOCALIZED,
};

/** Stacks of a service are not for clients. */
const SECRET = 'google.rpc.DebugInfo';
const STATUS_DETAILS = 3;
const TYPE_URL = 1;
const VALUE = 2;
const MAX_DETAILS = 32;

/**
 * The details of a `google.rpc.Status`, each with its `@type`: those of google.rpc as JSON, all others as base64 in `value`. What
 * cannot be read is left out: the failure itself is known without it.
 */
export function statusDetails(status: Uint8Array): JsonObject[] {
  try {
    return wireFields(status)
      .filter(({ number }) => number === STATUS_DETAILS)
      .slice(0, MAX_DETAILS)
      .map(({ bytes }) => detailOf(bytes))
      .filter((detail) => typeNameOf(detail) !== SECRET);
  } catch (error) {
    if (error instanceof MessageFault) return [];
    throw error;
  }
}

/** `google.rpc.BadRequest` of a detail with that type. */
export function typeNameOf(detail: JsonObject): string {
  const url = detail['@type'];
  return typeof url === 'string' ? lastPart(url) : '';
}

function lastPart(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/** A `google.protobuf.Any`. */
function detailOf(any: Buffer): JsonObject {
  const fields = wireFields(any);
  const url = fields.findLast(({ number }) => number === TYPE_URL)?.bytes.toString() ?? '';
  const value = fields.findLast(({ number }) => number === VALUE)?.bytes ?? Buffer.alloc(0);
  const shape = SHAPES[lastPart(url)];
  return shape === undefined
    ? { '@type': url, value: value.toString('base64') }
    : { '@type': url, ...read(value, shape) };
}

function read(bytes: Buffer, shape: Shape): JsonObject {
  const found: Record<string, Json> = {};
  for (const field of wireFields(bytes)) {
    const [name, kind] = shape[field.number] ?? [];
    if (name !== undefined && kind !== undefined) found[name] = valueOf(field, kind, found[name]);
  }
  return found;
}

function valueOf({ bytes, value }: WireField, kind: Kind, before: Json | undefined): Json {
  if (kind === 'text') return bytes.toString();
  if (kind === 'int64') return String(value);
  if (kind === 'duration') return durationOf(bytes);
  if (kind === 'map') return Object.fromEntries([...Object.entries(before ?? {}), entryOf(bytes)]);
  if ('message' in kind) return read(bytes, kind.message);
  const item = read(bytes, kind.list);
  return Array.isArray(before) ? [...(before as Json[]), item] : [item];
}

function entryOf(bytes: Buffer): [string, string] {
  const fields = wireFields(bytes);
  const text = (wanted: number): string =>
    fields.findLast(({ number }) => number === wanted)?.bytes.toString() ?? '';
  return [text(1), text(2)];
}

/** `1.5s`, as ProtoJSON has it. */
function durationOf(bytes: Buffer): string {
  let [seconds, nanos] = [0, 0];
  for (const { number, value } of wireFields(bytes)) {
    if (number === 1) seconds = value;
    if (number === 2) nanos = value;
  }
  const fraction = nanos === 0 ? '' : `.${String(Math.abs(nanos)).padStart(9, '0').replace(/0+$/, '')}`;
  const sign = seconds < 0 || nanos < 0 ? '-' : '';
  return `${sign}${Math.abs(seconds)}${fraction}s`;
}
