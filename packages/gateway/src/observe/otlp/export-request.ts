import { WireWriter } from '../../core/protobuf/wire-writer.ts';
import type { OtlpBatch } from '../../core/otlp-batch.ts';
import { beginMessage, writeAttributes, writeText, type Attributes } from './otlp-values.ts';

/** Who tells it: the same for all that this process exports. */
export interface OtlpOrigin {
  /** Attributes of the resource, with `service.name`. */
  readonly resource: Attributes;
  /** Of Turnpike, which is the scope. */
  readonly version: string;
}

/** Which semantic conventions our names are from. */
const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.37.0';

/**
 * The body of a request to a collector: `ExportTraceServiceRequest`, `ExportLogsServiceRequest` or `ExportMetricsServiceRequest`,
 * which differ in nothing but the items.
 */
export function exportRequest(batches: readonly Pick<OtlpBatch, 'bytes'>[], origin: OtlpOrigin): Uint8Array {
  const writer = new WireWriter();
  const resourceItems = beginMessage(writer, 1);
  const resource = beginMessage(writer, 1);
  writeAttributes(writer, 1, origin.resource);
  writer.end(resource);
  const scopeItems = beginMessage(writer, 2);
  const scope = beginMessage(writer, 1);
  writeText(writer, 1, 'turnpike');
  writeText(writer, 2, origin.version);
  writer.end(scope);
  for (const { bytes } of batches) writer.raw(bytes);
  writeText(writer, 3, SCHEMA_URL);
  writer.end(scopeItems);
  writeText(writer, 3, SCHEMA_URL);
  writer.end(resourceItems);
  return writer.finish();
}
