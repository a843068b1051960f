import assert from 'node:assert/strict';
import { it } from 'node:test';
import { plainSource } from './source.ts';
import { without } from './without.ts';

it('takes one part out of the files that have it, and changes nothing in place', () => {
  const first = { routes: { a: { policies: { rateLimit: [1, 2, 3] } }, b: {} } };
  const second = { routes: { c: {} }, services: {} };
  const sources = [plainSource('1', first), plainSource('2', second)];
  const values = (path: (string | number)[]) => without(sources, path).map(({ value }) => value);
  assert.deepEqual(values(['routes', 'a', 'policies', 'rateLimit', 1]), [
    { routes: { a: { policies: { rateLimit: [1, 3] } }, b: {} } },
    second,
  ]);
  assert.deepEqual(values(['routes', 'c']), [first, { routes: {}, services: {} }]);
  assert.deepEqual(values(['routes', 'a', 'match', 'path']), [first, second]);
  assert.deepEqual(first.routes.a.policies.rateLimit, [1, 2, 3]);
});
