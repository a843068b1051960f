import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { metricsBuffer } from './metric-memory.ts';
import { ThreadMetrics } from './metrics.ts';
import { exposition } from './prometheus.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A strict reader of the text format 0.0.4. */
function parse(text: string): { types: Map<string, string>; samples: Sample[] } {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  const helped = new Set<string>();
  for (const line of text === '' ? [] : text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line);
    if (comment !== null) {
      const [, kind, name = '', rest = ''] = comment;
      if (kind === 'HELP') {
        assert.ok(!helped.has(name), `HELP twice: ${name}`);
        helped.add(name);
      } else {
        types.set(name, rest);
      }
      continue;
    }
    const sample = /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? ([^ ]+)$/.exec(line);
    assert.ok(sample !== null, `not a sample: ${line}`);
    const [, name = '', labelText = '', value = ''] = sample;
    const base = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
    assert.ok(types.has(base) && helped.has(base), `no type or help: ${line}`);
    assert.ok(!labelText.endsWith(','), line);
    const labels: Record<string, string> = {};
    for (const [, label = '', raw = ''] of labelText.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)) {
      assert.ok(!(label in labels), `label twice: ${line}`);
      labels[label] = raw.replaceAll(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character));
    }
    samples.push({ name, labels, value: Number(value.replace('Inf', 'Infinity')) });
  }
  const keys = samples.map(({ name, labels }) => JSON.stringify([name, labels]));
  assert.equal(new Set(keys).size, keys.length, 'a series is there twice');
  return { types, samples };
}

function threadWith(thread: string, fill: (metrics: ThreadMetrics) => void) {
  const buffer = metricsBuffer();
  fill(new ThreadMetrics(buffer));
  return { thread, buffer };
}

describe('the exposition', () => {
  it('is empty without metrics', () => {
    assert.equal(exposition([threadWith('1', () => {})], null), '');
  });

  it('adds up the threads and the supervisor', () => {
    const threads = ['1', '2', '3'].map((thread) =>
      threadWith(thread, (metrics) => {
        metrics.counter('turnpike_connections_accepted_total', { listener: 'a' }).add(Number(thread));
        metrics.gauge('turnpike_connections', { listener: `only-${thread}`, state: 'idle' }).set(1);
      }),
    );
    const supervisor = threadWith('main', (metrics) => {
      metrics.counter('turnpike_connections_accepted_total', { listener: 'a' }).add(100);
    });
    const { samples } = parse(exposition(threads, supervisor));
    const accepted = samples.filter(({ name }) => name === 'turnpike_connections_accepted_total');
    assert.deepEqual(accepted, [
      { name: 'turnpike_connections_accepted_total', labels: { listener: 'a' }, value: 106 },
    ]);
    assert.equal(samples.filter(({ labels }) => labels['state'] === 'idle').length, 3);
  });

  it('keeps threads apart where the catalogue says so', () => {
    const threads = ['1', '2'].map((thread) =>
      threadWith(thread, (metrics) =>
        metrics.gauge('turnpike_event_loop_lag_seconds', { stat: 'max' }).set(Number(thread)),
      ),
    );
    const { samples } = parse(exposition(threads, null));
    const lags = samples.filter(({ labels }) => labels['stat'] === 'max');
    assert.deepEqual(
      lags.map(({ labels, value }) => [labels['thread'], value]),
      [
        ['1', 1],
        ['2', 2],
      ],
    );
  });

  it('brings any label value back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (listener) => {
        const thread = threadWith('1', (metrics) =>
          metrics.counter('turnpike_connections_accepted_total', { listener }).add(1),
        );
        const { samples } = parse(exposition([thread], null));
        assert.equal(samples[0]?.labels['listener'], listener);
      }),
    );
  });

  it('gives histograms whose buckets grow up to the count', () => {
    const seconds = fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(seconds, seconds, (...spreads) => {
        const threads = spreads.map((values, i) =>
          threadWith(String(i), (metrics) => {
            const histogram = metrics.histogram('turnpike_request_duration_seconds', { route: 'r' });
            for (const value of values) histogram.observe(value);
          }),
        );
        const all = spreads.flat();
        const { samples, types } = parse(exposition(threads, null));
        assert.equal(types.get('turnpike_request_duration_seconds'), 'histogram');
        const buckets = samples.filter(({ name }) => name.endsWith('_bucket'));
        assert.equal(buckets.length, 17);
        for (const { labels, value } of buckets) {
          const bound = Number((labels['le'] ?? '').replace('Inf', 'Infinity'));
          assert.equal(value, all.filter((seconds) => seconds <= bound).length);
        }
        assert.equal(buckets.at(-1)?.labels['le'], '+Inf');
        assert.equal(samples.find(({ name }) => name.endsWith('_count'))?.value, all.length);
        const sum = samples.find(({ name }) => name.endsWith('_sum'))?.value ?? NaN;
        assert.ok(Math.abs(sum - all.reduce((total, value) => total + value, 0)) < 1e-6);
      }),
    );
  });

  for (const value of [0.1, -2, 1e21, Infinity, -Infinity, NaN]) {
    it(`writes ${value}`, () => {
      const thread = threadWith('1', (metrics) => metrics.gauge('turnpike_config_revision', {}).set(value));
      assert.equal(parse(exposition([thread], null)).samples[0]?.value, value);
    });
  }
});
