import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { LoadHistory } from './load-history.ts';
import { metricsBuffer } from './metric-memory.ts';
import { ThreadMetrics } from './metrics.ts';
import { SeriesBook } from './series-book.ts';

/** A history of a thread that counts what it is told. */
function started() {
  const clock = manualClock();
  const buffer = metricsBuffer();
  const metrics = new ThreadMetrics(buffer);
  const book = new SeriesBook();
  let micros = 0;
  const history = new LoadHistory({
    clock,
    families: () => book.families([{ thread: '0', buffer }]),
    cpuMicros: () => micros,
  });
  const serve = (route: string, code: '2xx' | '5xx', seconds: number): void => {
    metrics.counter('turnpike_requests_total', { route, service: 's', code }).add(1);
    metrics.histogram('turnpike_request_duration_seconds', { route }).observe(seconds);
  };
  const pass = (seconds: number): void => {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1000);
      micros += 500_000;
      history.tick();
    }
  };
  return { history, serve, pass };
}

describe('the history of the load', () => {
  it('begins with nothing', () => {
    assert.deepEqual(started().history.samples, []);
    assert.equal(started().history.recent.requests, 0);
  });

  it('has what came in each ten seconds, by route and service', () => {
    const { history, serve, pass } = started();
    pass(10);
    for (let i = 0; i < 90; i++) serve('a', '2xx', 0.004);
    for (let i = 0; i < 10; i++) serve('b', '5xx', 0.4);
    pass(10);
    serve('a', '2xx', 0.004);
    pass(10);
    const [first, second, third] = history.samples;
    assert.equal(first?.requests, 0);
    assert.equal(second?.requests, 100);
    assert.equal(second?.errors, 10);
    assert.ok((second?.p50Ms ?? 0) > 2.5 && (second?.p50Ms ?? 0) <= 5);
    assert.ok((second?.p99Ms ?? 0) > 250 && (second?.p99Ms ?? 0) <= 500);
    assert.deepEqual(
      second?.routes.map(({ name, requests }) => [name, requests]),
      [
        ['a', 90],
        ['b', 10],
      ],
    );
    assert.deepEqual(
      second?.services.map(({ name, errors }) => [name, errors]),
      [['s', 10]],
    );
    assert.equal(third?.requests, 1);
    assert.ok(Math.abs((third?.cpu ?? 0) - 0.5) < 1e-9);
  });

  it('tells of the last ten seconds at any moment', () => {
    const { history, serve, pass } = started();
    pass(15);
    serve('a', '5xx', 0.1);
    pass(3);
    assert.equal(history.recent.errors, 1);
    pass(10);
    assert.equal(history.recent.errors, 0);
  });

  it('keeps an hour', () => {
    const { history, pass } = started();
    pass(3700);
    assert.equal(history.samples.length, 360);
  });
});
