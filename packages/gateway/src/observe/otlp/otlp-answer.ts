import { WireReader } from '../../core/protobuf/wire-reader.ts';

/** What a collector answered. */
export interface CollectorAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** What it means for the items of the request. */
export type ExportVerdict =
  /** All were taken but so many. */
  | { readonly kind: 'taken'; readonly rejected: number; readonly message: string }
  /** It may work later; after that time, if the collector said one. */
  | { readonly kind: 'later'; readonly afterMs: number | null; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string };

/** Reads the answer of a collector (OTLP specification, "OTLP/HTTP Response"). */
export function readAnswer({ status, headers, body }: CollectorAnswer, epochMs: number): ExportVerdict {
  const message = `the collector answered with ${status}`;
  if (status >= 200 && status < 300) return { kind: 'taken', ...partialSuccess(headers, body) };
  if (!RETRIED.has(status)) return { kind: 'refused', message };
  return { kind: 'later', afterMs: retryAfterMs(headers.get('retry-after'), epochMs), message };
}

const RETRIED: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** `partial_success` of `Export…ServiceResponse`: in all of them the same. An answer that cannot be read refuses nothing. */
function partialSuccess(headers: ReadonlyMap<string, string>, body: Uint8Array) {
  const all = { rejected: 0, message: '' };
  if (body.length === 0 || headers.get('content-type')?.startsWith('application/x-protobuf') !== true)
    return all;
  try {
    const reader = new WireReader(body);
    while (reader.pos < body.length) {
      const tag = reader.varint();
      if (tag === PARTIAL_SUCCESS) return readPartial(reader.delimited());
      reader.skip(tag);
    }
  } catch {
    // It took them; what else it wanted to say is lost.
  }
  return all;
}

function readPartial(bytes: Uint8Array) {
  const reader = new WireReader(bytes);
  let [rejected, message] = [0, ''];
  while (reader.pos < bytes.length) {
    const tag = reader.varint();
    if (tag === REJECTED) rejected = reader.varint();
    else if (tag === ERROR_MESSAGE) message = reader.text();
    else reader.skip(tag);
  }
  return { rejected, message };
}

/** Tags: field and kind. */
const PARTIAL_SUCCESS = (1 << 3) | 2;
const REJECTED = 1 << 3;
const ERROR_MESSAGE = (2 << 3) | 2;

/** Seconds, or a date (RFC 9110 §10.2.3); null: it says nothing that can be read. */
function retryAfterMs(value: string | undefined, epochMs: number): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - epochMs);
}
