import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import { DEFAULT_CAPACITY, metricsBuffer, type MetricCapacity } from '../../src/observe/metric-memory.ts';
import { ThreadMetrics } from '../../src/observe/metrics.ts';
import { expositionFormat } from '../../src/observe/negotiate-exposition.ts';
import { SeriesBook, type Reading } from '../../src/observe/series-book.ts';
import { exchangeFrom } from '../../src/core/exchange-testing.ts';

const PROTO = fileURLToPath(new URL('client_model.proto', import.meta.url));
const MODEL = loadSync(PROTO, { longs: Number, keepCase: true, defaults: true });
const FAMILY = MODEL['io.prometheus.client.MetricFamily'] as MessageTypeDefinition<object, Family>;

interface Histogram {
  readonly sample_count: number;
  readonly sample_sum: number;
  readonly bucket: readonly {
    readonly cumulative_count: number;
    readonly upper_bound: number;
    readonly exemplar: unknown;
  }[];
  readonly schema: number;
  readonly zero_threshold: number;
  readonly zero_count: number;
  readonly positive_span: readonly { readonly offset: number; readonly length: number }[];
  readonly positive_delta: readonly number[];
  readonly exemplars: readonly unknown[];
}

interface Family {
  readonly name: string;
  readonly type: number;
  readonly metric: readonly {
    readonly label: readonly { readonly name: string; readonly value: string }[];
    readonly counter: { readonly value: number } | null;
    readonly gauge: { readonly value: number } | null;
    readonly histogram: Histogram | null;
  }[];
}

/** Splits messages that have their length before them. */
function delimited(bytes: Uint8Array): Family[] {
  const families: Family[] = [];
  for (let at = 0; at < bytes.length;) {
    let [length, shift] = [0, 0];
    for (let byte = 0x80; byte >= 0x80; shift += 7) {
      byte = bytes[at++] ?? assert.fail('cut off');
      length += (byte & 0x7f) * 2 ** shift;
    }
    families.push(FAMILY.deserialize(Buffer.from(bytes.subarray(at, at + length))));
    at += length;
  }
  return families;
}

function exposed(
  fill: (metrics: ThreadMetrics) => void,
  capacity: MetricCapacity = DEFAULT_CAPACITY,
  readings: readonly Reading[] = [],
) {
  const buffer = metricsBuffer(capacity);
  fill(new ThreadMetrics(buffer));
  const book = new SeriesBook();
  const { write } = expositionFormat('application/vnd.google.protobuf');
  const body = write(book.families([{ thread: '1', buffer }], readings), () => book.exemplars());
  return delimited(typeof body === 'string' ? assert.fail() : body);
}

function only(families: readonly Family[], name: string): Family['metric'][number] {
  const [metric, ...others] = families.find((family) => family.name === name)?.metric ?? [];
  assert.equal(others.length, 0);
  return metric ?? assert.fail(name);
}

describe('the metrics as Protocol Buffers', () => {
  it('are counters and gauges with their labels', () => {
    const reading: Reading = { name: 'turnpike_service_panic', labels: { service: 's' }, values: [1] };
    const families = exposed(
      (metrics) => metrics.counter('turnpike_config_reloads_total', { result: 'failure' }).add(3),
      DEFAULT_CAPACITY,
      [reading],
    );
    const reloads = families.find(({ name }) => name === 'turnpike_config_reloads_total');
    assert.equal(reloads?.type, 0);
    assert.deepEqual(
      reloads?.metric.map(({ label, counter }) => [label, counter?.value]),
      [
        [[{ name: 'result', value: 'success' }], 0],
        [[{ name: 'result', value: 'failure' }], 3],
      ],
    );
    assert.equal(only(families, 'turnpike_service_panic').gauge?.value, 1);
  });

  it('bring every character of a label', () => {
    const listener = 'a"b\\c\nd, é=€😀{}';
    const families = exposed((metrics) =>
      metrics.counter('turnpike_connections_accepted_total', { listener }).add(1),
    );
    assert.deepEqual(only(families, 'turnpike_connections_accepted_total').label, [
      { name: 'listener', value: listener },
    ]);
  });

  it('have histograms with classic and native buckets', () => {
    const families = exposed((metrics) => {
      const histogram = metrics.histogram('turnpike_request_duration_seconds', { route: 'r' });
      for (const value of [0, 1, 1, 1.05, 4, 30]) histogram.observe(value);
    });
    const { histogram } = only(families, 'turnpike_request_duration_seconds');
    assert.equal(histogram?.sample_count, 6);
    assert.equal(histogram.sample_sum, 37.05);
    assert.deepEqual(
      histogram.bucket.map(({ cumulative_count }) => cumulative_count),
      [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 4, 5, 5, 5, 6],
    );
    assert.equal(histogram.bucket.at(-1)?.upper_bound, Infinity);
    assert.deepEqual([histogram.schema, histogram.zero_threshold, histogram.zero_count], [3, 2 ** -20, 1]);
    // Bucket 0 ends with 1 (2^(0/8)), bucket 1 has 1.05, bucket 16 ends with 4, bucket 40 has 30.
    assert.deepEqual(histogram.positive_span, [{ offset: 0, length: 41 }]);
    const counts: number[] = [];
    for (const delta of histogram.positive_delta) counts.push((counts.at(-1) ?? 0) + delta);
    const filled = counts.flatMap((count, i) => (count === 0 ? [] : [[i, count]]));
    assert.deepEqual(filled, [
      [0, 2],
      [1, 1],
      [16, 1],
      [40, 1],
    ]);
  });

  it('have classic buckets only where there was no room for native ones', () => {
    const families = exposed(
      (metrics) => metrics.histogram('turnpike_request_duration_seconds', { route: 'r' }).observe(0.1),
      { ...DEFAULT_CAPACITY, octaves: 0 },
    );
    const { histogram } = only(families, 'turnpike_request_duration_seconds');
    assert.deepEqual(
      [histogram?.sample_count, histogram?.zero_threshold, histogram?.positive_span],
      [1, 0, []],
    );
  });

  it('point to the trace of the last request in a bucket', () => {
    const trace = {
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      epochMs: 1_800_000_000_250,
    };
    const families = exposed((metrics) => metrics.route('r', '').record(exchangeFrom().record, 40, trace));
    const { histogram } = only(families, 'turnpike_request_duration_seconds');
    const exemplar = {
      label: [
        { name: 'trace_id', value: trace.traceId },
        { name: 'span_id', value: trace.spanId },
      ],
      value: 0.04,
      timestamp: { seconds: 1_800_000_000, nanos: 250_000_000 },
    };
    assert.deepEqual(histogram?.exemplars, [exemplar]);
    assert.deepEqual(histogram.bucket[5]?.exemplar, exemplar);
    assert.equal(histogram.bucket[4]?.exemplar, null);
  });
});
