import assert from 'node:assert/strict';
import { it } from 'node:test';
import { hrefOf, placeOf } from '../router/location.ts';
import { duration, millis, share } from '../ui/format.ts';
import { readMetrics } from './metrics.ts';

it('expositions of Prometheus are read, with what is escaped', () => {
  const text = '# HELP x\nx_total{route="a\\"b",code="2xx"} 3\nx_total 1e3\ny_total 5\n';
  assert.deepEqual(readMetrics(text, ['x_']), [
    { name: 'x_total', labels: { route: 'a\\"b', code: '2xx' }, value: 3 },
    { name: 'x_total', labels: {}, value: 1000 },
  ]);
});

it('addresses say where one is, whatever a name has in it', () => {
  const place = placeOf(hrefOf(['routes', 'a/b?c'], { tab: 'x & y', q: '' }));
  assert.deepEqual(place.path, ['routes', 'a/b?c']);
  assert.deepEqual([...place.query], [['tab', 'x & y']]);
  assert.deepEqual(placeOf('#/%zz').path, ['%zz']);
});

it('numbers have the unit that fits', () => {
  assert.deepEqual([0, 0.4, 3.21, 87.6, 1234].map(millis), ['0 ms', '400 µs', '3.2 ms', '88 ms', '1.2 s']);
  assert.deepEqual([0, 45, 300, 3700, 90_000].map(duration), ['0 s', '45 s', '5 m', '1 h 1 m', '1 d 1 h']);
  assert.deepEqual([0, 0.0004, 0.021].map(share), ['0%', '<0.1%', '2.1%']);
});
