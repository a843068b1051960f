import { createRequire } from 'node:module';
import type { OtlpSignal } from '../../core/otlp-batch.ts';

/** A value as JSON: 64-bit numbers as text. */
export interface DecodedValue {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values: readonly DecodedValue[] };
}

export interface DecodedAttribute {
  readonly key: string;
  readonly value: DecodedValue;
}

/** Ids are in base64. */
export interface DecodedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly DecodedAttribute[];
  readonly events: readonly {
    readonly name: string;
    readonly timeUnixNano: string;
    readonly attributes: readonly DecodedAttribute[];
  }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string; readonly flags: number }[];
  readonly status?: { readonly code?: string; readonly message?: string };
}

export interface DecodedLog {
  readonly timeUnixNano: string;
  readonly severityNumber: string;
  readonly severityText: string;
  readonly body: DecodedValue;
  readonly attributes: readonly DecodedAttribute[];
  readonly flags?: number;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly eventName?: string;
}

export interface DecodedPoint {
  readonly attributes: readonly DecodedAttribute[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly count?: string;
  readonly sum?: number;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
  readonly scale?: number;
  readonly zeroCount?: string;
  readonly zeroThreshold?: number;
  readonly positive?: { readonly offset: number; readonly bucketCounts: readonly string[] };
  readonly exemplars?: readonly { readonly asDouble: number; readonly traceId: string }[];
}

interface DecodedData {
  readonly dataPoints: readonly DecodedPoint[];
  readonly aggregationTemporality?: string;
  readonly isMonotonic?: boolean;
}

export interface DecodedMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly gauge?: DecodedData;
  readonly sum?: DecodedData;
  readonly histogram?: DecodedData;
  readonly exponentialHistogram?: DecodedData;
}

/** What the items of each signal are. */
export interface DecodedItems {
  readonly traces: DecodedSpan;
  readonly logs: DecodedLog;
  readonly metrics: DecodedMetric;
}

/** What an export says: attributes of its resource, its scope, and its items. */
export interface DecodedExport<Item> {
  readonly resource: readonly DecodedAttribute[];
  readonly scope: { readonly name: string; readonly version: string };
  readonly items: readonly Item[];
}

interface Codec {
  decode(bytes: Uint8Array): unknown;
  toObject(message: unknown, options: object): Record<string, unknown>;
}

// What the OpenTelemetry project has generated of its .proto files.
const load = createRequire(import.meta.url);
const { opentelemetry } = load('@opentelemetry/otlp-transformer/build/src/generated/root.js') as {
  opentelemetry: { proto: { collector: Record<string, { v1: Record<string, Codec> }> } };
};

const REQUESTS = {
  traces: ['trace', 'ExportTraceServiceRequest', 'resourceSpans', 'scopeSpans', 'spans'],
  logs: ['logs', 'ExportLogsServiceRequest', 'resourceLogs', 'scopeLogs', 'logRecords'],
  metrics: ['metrics', 'ExportMetricsServiceRequest', 'resourceMetrics', 'scopeMetrics', 'metrics'],
} as const;

/** For tests: reads the body of an export with the official definitions. Throws if it is none, or not of one resource and scope. */
export function decodeExport<Signal extends OtlpSignal>(
  signal: Signal,
  bytes: Uint8Array,
): DecodedExport<DecodedItems[Signal]> {
  const [service, name, resources, scopes, items] = REQUESTS[signal];
  const codec = opentelemetry.proto.collector[service]?.v1[name];
  if (codec === undefined) throw new Error(`there is no ${name}`);
  const json = codec.toObject(codec.decode(bytes), {
    longs: String,
    enums: String,
    bytes: String,
    arrays: true,
  });
  const inResource = only(json[resources]);
  const inScope = only(inResource[scopes]);
  return {
    resource: (inResource['resource'] as { attributes: readonly DecodedAttribute[] }).attributes,
    scope: inScope['scope'] as DecodedExport<never>['scope'],
    items: inScope[items] as readonly DecodedItems[Signal][],
  };
}

function only(list: unknown): Record<string, unknown> {
  if (!Array.isArray(list) || list.length !== 1) throw new Error('there is not exactly one');
  return list[0] as Record<string, unknown>;
}

/** For tests: ids are base64 in a decoded message. */
export function hexOf(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString('hex');
}

/** For tests: attributes by name, as plain values. */
export function plain(attributes: readonly DecodedAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue(value: DecodedValue): unknown {
  if (value.arrayValue !== undefined) return value.arrayValue.values.map(plainValue);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.doubleValue ?? value.boolValue;
}
