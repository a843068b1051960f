import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { BOUNDS_BYTES, BOUNDS_SECONDS, histogramLayout } from './histogram-layout.ts';
import { metricsBuffer, DEFAULT_CAPACITY } from './metric-memory.ts';
import { ThreadMetrics } from './metrics.ts';
import { bucketOf, MOST_BUCKETS, PER_OCTAVE, SCALE, shownBuckets } from './native-buckets.ts';
import { SeriesBook } from './series-book.ts';

/** Lower bound of a bucket, as it is defined. */
const bound = (bucket: number, scale: number = SCALE): number => 2 ** (bucket / 2 ** scale);

/** Values from less than a microsecond to twelve days, as evenly over the octaves as they come. */
const value = fc.double({ min: -20.9, max: 40.9, noNaN: true }).map((exponent) => 2 ** exponent);

function nativeOf(buffers: readonly SharedArrayBuffer[]) {
  const families = new SeriesBook().families(buffers.map((buffer, i) => ({ thread: `${i}`, buffer })));
  const { metric, series } = families[0] ?? assert.fail('nothing was counted');
  const [only, ...others] = series;
  assert.equal(others.length, 0);
  return (only ?? assert.fail()).readNative(histogramLayout(metric.name));
}

function counting(values: readonly number[], capacity = DEFAULT_CAPACITY): SharedArrayBuffer {
  const buffer = metricsBuffer(capacity);
  const histogram = new ThreadMetrics(buffer).histogram('turnpike_request_duration_seconds', { route: 'r' });
  for (const one of values) histogram.observe(one);
  return buffer;
}

describe('the bucket of a value', () => {
  it('has the value above its lower bound and not above its upper bound', () => {
    fc.assert(
      fc.property(value, (one) => {
        const bucket = bucketOf(one);
        // Powers are exact to a bit or two only.
        assert.ok(one >= bound(bucket) * (1 - 1e-14), `${one} in ${bucket}`);
        assert.ok(one <= bound(bucket + 1) * (1 + 1e-14), `${one} in ${bucket}`);
      }),
    );
  });

  for (const [one, bucket] of [
    [1, -1],
    [1.0000001, 0],
    [2, 7],
    [2.0000001, 8],
    [0.5, -9],
    [2 ** 0.5, 3],
    [1.09, 0],
    [1.0906, 1],
    [1.99, 7],
  ] as const) {
    it(`of ${one} is ${bucket}`, () => assert.equal(bucketOf(one), bucket));
  }
});

describe('a native histogram', () => {
  it('holds what all threads counted, in 160 buckets at most', () => {
    const values = fc.array(value, { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, values, (...spreads) => {
        const native = nativeOf(spreads.map((spread) => counting(spread))) ?? assert.fail();
        const all = spreads.flat();
        const end = 2 ** 20;
        assert.equal(native.count, all.length);
        assert.equal(native.zeroCount, all.filter((one) => one <= native.zeroThreshold).length);
        assert.ok(native.counts.length <= MOST_BUCKETS);
        assert.ok(native.counts.length <= 1 || (native.counts[0] ?? 0) > 0);
        for (const [i, count] of native.counts.entries()) {
          const lower = bound(native.offset + i, native.scale);
          const upper = bound(native.offset + i + 1, native.scale);
          const held = all.filter((one) => {
            const shown = Math.min(one, end);
            return shown > native.zeroThreshold && shown > lower * (1 + 1e-12) && shown < upper * (1 - 1e-12);
          });
          assert.ok(count >= held.length, `bucket ${i}`);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('makes two buckets one until there are 160', () => {
    const counts = new Float64Array(40 * PER_OCTAVE).fill(1);
    const shown = shownBuckets(counts, -160);
    assert.deepEqual([shown.scale, shown.offset, shown.counts.length], [2, -80, 160]);
    assert.deepEqual(new Set(shown.counts), new Set([2]));
  });

  it('begins in the middle of a pair, and ends there', () => {
    const counts = new Float64Array(40 * PER_OCTAVE).fill(1, 1, 180);
    const shown = shownBuckets(counts, -160);
    assert.deepEqual([shown.scale, shown.offset, shown.counts.length], [2, -80, 90]);
    assert.deepEqual([shown.counts[0], shown.counts[1], shown.counts.at(-1)], [1, 2, 2]);
  });

  it('is left out when a value had no room in it, and the classic buckets have them all', () => {
    const buffer = counting([0.001, 0.1, 1000, 0.1], { ...DEFAULT_CAPACITY, octaves: 2 });
    assert.equal(nativeOf([buffer]), null);
  });

  it('counts what is beyond its end in the last bucket, and what is no number as zero', () => {
    const native = nativeOf([counting([1e9, Infinity, 0, -1, NaN])]) ?? assert.fail();
    assert.deepEqual([native.count, native.zeroCount, native.offset, native.counts], [5, 3, 159, [2]]);
  });
});

describe('classic buckets', () => {
  for (const [name, bounds] of [
    ['turnpike_request_duration_seconds', BOUNDS_SECONDS],
    ['turnpike_upstream_response_size_bytes', BOUNDS_BYTES],
  ] as const) {
    it(`of ${name} are further apart than native ones are wide`, () => {
      for (const [i, upper] of bounds.entries())
        assert.ok(i === 0 || upper / (bounds[i - 1] ?? 0) > 2 ** (1 / PER_OCTAVE));
    });
  }
});
