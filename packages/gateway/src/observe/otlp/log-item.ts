import { tagOf, WIRE, type WireWriter } from '../../core/protobuf/wire-writer.ts';
import { ITEM_FIELD } from '../../core/otlp-batch.ts';
import {
  beginMessage,
  writeAnyValue,
  writeAttributes,
  writeHex,
  writeNumber,
  writeText,
  writeTime,
  type Attributes,
} from './otlp-values.ts';

/** A line of a log (opentelemetry/proto/logs/v1). */
export interface LogItem {
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  readonly severity: keyof typeof SEVERITIES;
  readonly body: string;
  readonly attributes: Attributes;
  /** What kind of event it is, or `''`. */
  readonly eventName: string;
  /** The span that it belongs to, in hexadecimal digits; null: none. */
  readonly span: { readonly traceId: string; readonly spanId: string; readonly flags: number } | null;
}

/** The first number of each range of severities. */
const SEVERITIES = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;

/** Writes a line of a log as an item of a batch. */
export function writeLog(writer: WireWriter, log: LogItem): void {
  const start = beginMessage(writer, ITEM_FIELD);
  writeTime(writer, 1, log.timeMs);
  writeNumber(writer, 2, SEVERITIES[log.severity]);
  writeText(writer, 3, log.severity.toUpperCase());
  writeAnyValue(writer, 5, log.body);
  writeAttributes(writer, 6, log.attributes);
  if (log.span !== null) {
    writer.varint(tagOf(8, WIRE.fixed32));
    writer.fixed32(log.span.flags);
    writeHex(writer, 9, log.span.traceId);
    writeHex(writer, 10, log.span.spanId);
  }
  writeTime(writer, 11, log.timeMs);
  writeText(writer, 12, log.eventName);
  writer.end(start);
}
