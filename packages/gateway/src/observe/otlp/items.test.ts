// What is written is read with the official definitions of OTLP.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WireWriter } from '../../core/protobuf/wire-writer.ts';
import { exportRequest } from './export-request.ts';
import { writeLog, type LogItem } from './log-item.ts';
import { writeMetric, type MetricItem } from './metric-item.ts';
import { ITEM_FIELD, type OtlpSignal } from '../../core/otlp-batch.ts';
import { decodeExport, hexOf, plain, type DecodedItems, type DecodedMetric } from './otlp-testing.ts';
import { beginMessage, writeAttributes, type Attributes } from './otlp-values.ts';
import {
  attributeName,
  SPAN_ATTRIBUTES,
  writeCommon,
  writeCountAttribute,
  writeError,
  writeEvent,
  writeFrame,
  writeLink,
  writeSpanFlags,
  writeTextAttribute,
} from './span-fields.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const RESOURCE: Attributes = [['service.name', 'gateway']];

/** The items of an export, decoded. */
function written<Signal extends OtlpSignal, Item>(
  signal: Signal,
  items: readonly Item[],
  write: (writer: WireWriter, item: Item) => void,
): readonly DecodedItems[Signal][] {
  // Each in a batch of its own, as if they came from different threads.
  const batches = items.map((item) => {
    const writer = new WireWriter();
    write(writer, item);
    return { bytes: writer.finish() };
  });
  const found = decodeExport(signal, exportRequest(batches, { resource: RESOURCE, version: '1.2.3' }));
  assert.deepEqual(found.resource, [{ key: 'service.name', value: { stringValue: 'gateway' } }]);
  assert.deepEqual({ ...found.scope }, { name: 'turnpike', version: '1.2.3', attributes: [] });
  return found.items;
}

/** A span of an export, of which `write` has written what is special. */
function spanOf(write: (writer: WireWriter) => void): DecodedItems['traces'] {
  const [span] = written('traces', [write], (writer, inside) => {
    const start = beginMessage(writer, ITEM_FIELD);
    inside(writer);
    writer.end(start);
  });
  assert.ok(span !== undefined);
  return span;
}

describe('a span of an export', () => {
  it('has ids, times, kind, state and flags', () => {
    const span = spanOf((writer) => {
      writeFrame(writer, {
        traceId: TRACE_ID,
        spanId: SPAN_ID,
        parentSpanId: '00f067aa0ba902b7',
        state: 'a=1,b=2',
        startMs: 1_763_900_000_123.456,
        endMs: 1_763_900_000_124,
      });
      writeCommon(writer, 'GET /orders/{id}', { kind: 'server', attributes: [['url.scheme', 'https']] });
      writeSpanFlags(writer, 3, 'remote');
    });
    assert.equal(hexOf(span.traceId), TRACE_ID);
    assert.equal(hexOf(span.spanId), SPAN_ID);
    assert.equal(hexOf(span.parentSpanId), '00f067aa0ba902b7');
    assert.equal(span.traceState, 'a=1,b=2');
    assert.equal(span.name, 'GET /orders/{id}');
    assert.equal(span.kind, 'SPAN_KIND_SERVER');
    assert.equal(span.flags, 0x303);
    assert.match(span.startTimeUnixNano, /^1763900000123456\d{3}$/);
    assert.equal(span.endTimeUnixNano, '1763900000124000000');
    assert.deepEqual(plain(span.attributes), { 'url.scheme': 'https' });
    assert.equal(span.status, undefined);
  });

  it('has attributes of every kind', () => {
    const attributes: Attributes = [
      ['text', 'Gürtel €'],
      ['empty', ''],
      ['whole', 503],
      ['large', 2 ** 40 + 1],
      ['negative', -2],
      ['fraction', 0.25],
      ['double', { double: 5 }],
      ['yes', true],
      ['no', false],
      ['list', ['a', '', 'b']],
    ];
    const span = spanOf((writer) => writeAttributes(writer, SPAN_ATTRIBUTES, attributes));
    const found = Object.fromEntries(span.attributes.map(({ key, value }) => [key, value]));
    assert.deepEqual(found, {
      text: { stringValue: 'Gürtel €' },
      empty: { stringValue: '' },
      whole: { intValue: '503' },
      large: { intValue: String(2 ** 40 + 1) },
      negative: { intValue: '-2' },
      fraction: { doubleValue: 0.25 },
      double: { doubleValue: 5 },
      yes: { boolValue: true },
      no: { boolValue: false },
      list: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: '' }, { stringValue: 'b' }] } },
    });
  });

  it('has texts and counts of any length', () => {
    const name = attributeName('url.path');
    const texts = [
      '',
      '/a',
      'x'.repeat(112),
      'x'.repeat(113),
      'x'.repeat(114),
      'x'.repeat(5000),
      'Gürtel €',
      '\u007f',
    ];
    const counts = [0, 1, 127, 128, 8080, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 40 + 1];
    const span = spanOf((writer) => {
      for (const text of texts) writeTextAttribute(writer, name, text);
      for (const count of counts) writeCountAttribute(writer, name, count);
    });
    const values = span.attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? Number(value.intValue),
    ]);
    assert.deepEqual(
      values,
      [...texts, ...counts].map((value) => ['url.path', value]),
    );
  });

  it('has events, links and whether it failed', () => {
    const span = spanOf((writer) => {
      writeEvent(writer, 'retry', { timeMs: 1_763_900_000_123.5, attributes: [['n', 1]] });
      writeLink(writer, { traceId: TRACE_ID, parentId: SPAN_ID, flags: 1 });
      writeError(writer);
      writeSpanFlags(writer, 3, 'ours');
    });
    assert.equal(span.flags, 0x103);
    const [event] = span.events;
    assert.equal(event?.name, 'retry');
    assert.equal(event?.timeUnixNano, '1763900000123500000');
    assert.deepEqual(event?.attributes, [{ key: 'n', value: { intValue: '1' } }]);
    assert.equal(hexOf(span.links[0]?.traceId), TRACE_ID);
    assert.equal(span.links[0]?.flags, 0x301);
    assert.deepEqual(span.status, { code: 'STATUS_CODE_ERROR' });
  });

  it('stands beside those of other batches', () => {
    const names = ['a', 'x'.repeat(5000), 'b'];
    const spans = written('traces', names, (writer, name) => {
      const start = beginMessage(writer, ITEM_FIELD);
      writeCommon(writer, name, { kind: 'client', attributes: [] });
      writer.end(start);
    });
    assert.deepEqual(
      spans.map(({ name }) => name),
      names,
    );
  });
});

describe('a line of a log in an export', () => {
  const LINE: LogItem = {
    timeMs: 1_763_900_000_123,
    severity: 'warn',
    body: 'the service is slow',
    attributes: [['route', 'orders']],
    eventName: 'turnpike.access',
    span: { traceId: TRACE_ID, spanId: SPAN_ID, flags: 1 },
  };

  it('has its time, severity, text and span', () => {
    const [line] = written('logs', [LINE], writeLog);
    assert.equal(line?.timeUnixNano, '1763900000123000000');
    assert.equal(line?.severityNumber, 'SEVERITY_NUMBER_WARN');
    assert.equal(line?.severityText, 'WARN');
    assert.deepEqual(line?.body, { stringValue: 'the service is slow' });
    assert.equal(hexOf(line?.traceId), TRACE_ID);
    assert.equal(hexOf(line?.spanId), SPAN_ID);
    assert.equal(line?.flags, 1);
    assert.deepEqual(line?.attributes, [{ key: 'route', value: { stringValue: 'orders' } }]);
  });

  it('needs no span', () => {
    const [line] = written('logs', [{ ...LINE, span: null, eventName: '' }], writeLog);
    assert.equal(line?.traceId, undefined);
  });
});

describe('a metric of an export', () => {
  const AT = { startMs: 1_763_900_000_000, timeMs: 1_763_900_060_000, attributes: [['route', 'a']] } as const;
  const NAMED = { name: 'requests', description: 'How many.', unit: '{request}' };

  function one(metric: MetricItem): DecodedMetric {
    const [found] = written('metrics', [metric], writeMetric);
    assert.ok(found !== undefined);
    assert.equal(found.name, 'requests');
    assert.equal(found.unit, '{request}');
    return found;
  }

  it('may be a counter or a gauge', () => {
    const points = [{ ...AT, value: 7.5 }];
    const { sum } = one({ ...NAMED, kind: 'counter', points });
    assert.equal(sum?.isMonotonic, true);
    assert.equal(sum?.aggregationTemporality, 'AGGREGATION_TEMPORALITY_CUMULATIVE');
    assert.equal(sum?.dataPoints[0]?.asDouble, 7.5);
    assert.equal(sum?.dataPoints[0]?.startTimeUnixNano, '1763900000000000000');
    assert.equal(one({ ...NAMED, kind: 'gauge', points }).gauge?.dataPoints[0]?.asDouble, 7.5);
    assert.ok(one({ ...NAMED, kind: 'up-down-counter', points }).sum?.isMonotonic !== true);
  });

  it('may be a histogram with exemplars', () => {
    const exemplars = [{ timeMs: AT.timeMs, value: 0.3, traceId: TRACE_ID, spanId: SPAN_ID }];
    const point = { ...AT, count: 6, sum: 2.5, bucketCounts: [1, 2, 2 ** 33], bounds: [0.1, 1], exemplars };
    const { histogram } = one({ ...NAMED, kind: 'histogram', points: [point] });
    const [found] = histogram?.dataPoints ?? [];
    assert.deepEqual(found?.bucketCounts, ['1', '2', String(2 ** 33)]);
    assert.deepEqual(found?.explicitBounds, [0.1, 1]);
    assert.equal(found?.count, '6');
    assert.equal(found?.sum, 2.5);
    assert.equal(hexOf(found?.exemplars?.[0]?.traceId), TRACE_ID);
    assert.equal(found?.exemplars?.[0]?.asDouble, 0.3);
  });

  it('may be an exponential histogram', () => {
    const positive = { offset: -25, counts: [1, 0, 300] };
    const point = { ...AT, count: 302, sum: 9, scale: 3, zeroCount: 1, zeroThreshold: 1e-6, positive };
    const points = [{ ...point, exemplars: [] }];
    const { exponentialHistogram } = one({ ...NAMED, kind: 'exponential-histogram', points });
    const [found] = exponentialHistogram?.dataPoints ?? [];
    assert.equal(found?.scale, 3);
    assert.equal(found?.count, '302');
    assert.equal(found?.zeroCount, '1');
    assert.equal(found?.zeroThreshold, 1e-6);
    assert.deepEqual(found?.positive, { offset: -25, bucketCounts: ['1', '0', '300'] });
    const coarse = { ...point, scale: -2, exemplars: [] };
    const again = one({ ...NAMED, kind: 'exponential-histogram', points: [coarse] });
    assert.equal(again.exponentialHistogram?.dataPoints[0]?.scale, -2);
  });
});
