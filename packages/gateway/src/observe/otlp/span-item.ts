import { tagOf, WIRE, type WireWriter } from '../../core/protobuf/wire-writer.ts';
import { ITEM_FIELD } from '../../core/otlp-batch.ts';
import {
  beginMessage,
  writeAttributes,
  writeHex,
  writeNumber,
  writeText,
  writeTime,
  type Attributes,
} from './otlp-values.ts';
import { SPAN_ATTRIBUTES, type PreparedAttributes } from './prepared-attributes.ts';

/** A span that is over (opentelemetry/proto/trace/v1). Ids are hexadecimal digits in lower case. */
export interface SpanItem {
  readonly traceId: string;
  readonly spanId: string;
  /** `''`: there is none. */
  readonly parentSpanId: string;
  /** Whether the parent is somebody else's. */
  readonly isParentRemote: boolean;
  /** Those of W3C Trace Context. */
  readonly flags: number;
  readonly traceState: string;
  readonly name: string;
  readonly kind: keyof typeof SPAN_KINDS;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
  /** Attributes that other spans have too; they come first. */
  readonly common: PreparedAttributes;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  /** Why it failed; null: it did not, or nobody knows. */
  readonly error: { readonly message: string } | null;
}

/** Something that happened during a span. */
export interface SpanEvent {
  readonly name: string;
  readonly timeMs: number;
  readonly attributes: Attributes;
}

/** A span of another trace that has to do with it. */
export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
}

const SPAN_KINDS = { internal: 1, server: 2, client: 3 } as const;
/** Of the flags: whether the parent (or the linked one) is remote is known, and it is. */
const KNOWS_REMOTE = 0x100;
const IS_REMOTE = 0x200;
const STATUS_ERROR = 2;

/** Writes a span as an item of a batch. */
export function writeSpan(writer: WireWriter, span: SpanItem): void {
  const start = beginMessage(writer, ITEM_FIELD);
  writeHex(writer, 1, span.traceId);
  writeHex(writer, 2, span.spanId);
  writeText(writer, 3, span.traceState);
  writeHex(writer, 4, span.parentSpanId);
  writeText(writer, 5, span.name);
  writeNumber(writer, 6, SPAN_KINDS[span.kind]);
  writeTime(writer, 7, span.startMs);
  writeTime(writer, 8, span.endMs);
  writer.raw(span.common.bytes);
  writeAttributes(writer, SPAN_ATTRIBUTES, span.attributes);
  for (const event of span.events) writeEvent(writer, event);
  for (const link of span.links) writeLink(writer, link);
  if (span.error !== null) writeError(writer, span.error.message);
  writeFlags(writer, 16, span.flags | KNOWS_REMOTE | (span.isParentRemote ? IS_REMOTE : 0));
  writer.end(start);
}

function writeEvent(writer: WireWriter, { name, timeMs, attributes }: SpanEvent): void {
  const start = beginMessage(writer, 11);
  writeTime(writer, 1, timeMs);
  writeText(writer, 2, name);
  writeAttributes(writer, 3, attributes);
  writer.end(start);
}

function writeLink(writer: WireWriter, { traceId, spanId, flags }: SpanLink): void {
  const start = beginMessage(writer, 13);
  writeHex(writer, 1, traceId);
  writeHex(writer, 2, spanId);
  writeFlags(writer, 6, flags | KNOWS_REMOTE | IS_REMOTE);
  writer.end(start);
}

function writeError(writer: WireWriter, message: string): void {
  const start = beginMessage(writer, 15);
  writeText(writer, 2, message);
  writeNumber(writer, 3, STATUS_ERROR);
  writer.end(start);
}

function writeFlags(writer: WireWriter, field: number, flags: number): void {
  writer.varint(tagOf(field, WIRE.fixed32));
  writer.fixed32(flags);
}
