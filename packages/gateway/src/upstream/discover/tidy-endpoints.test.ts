import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { endpoint } from './discover-testing.ts';
import type { FoundEndpoint } from './endpoint-source.ts';
import { isSameSet, MAX_ENDPOINTS, tidyEndpoints } from './tidy-endpoints.ts';

describe('a tidy set', () => {
  it('is in the order of hosts and ports', () => {
    const { endpoints } = tidyEndpoints([endpoint('b'), endpoint('a', { port: 81 }), endpoint('a')]);
    assert.deepEqual(
      endpoints.map(({ host, port }) => `${host}:${port}`),
      ['a:80', 'a:81', 'b:80'],
    );
  });

  it('writes each host in one way', () => {
    const { endpoints } = tidyEndpoints([endpoint('Users.Internal.'), endpoint('2001:DB8:0:0::1')]);
    assert.deepEqual(
      endpoints.map(({ host }) => host),
      ['2001:db8::1', 'users.internal'],
    );
  });

  it('has an address once: preferred and strong if one of the twins is, and drained if both are', () => {
    const twins = [
      endpoint('a', { priority: 1, weight: 5, isDraining: true, zone: 'z' }),
      endpoint('A', { priority: 0, weight: 2 }),
    ];
    const expected = [endpoint('a', { priority: 0, weight: 5, zone: 'z' })];
    assert.deepEqual(tidyEndpoints(twins), { endpoints: expected, refused: 0 });
    assert.deepEqual(tidyEndpoints(twins.toReversed()), { endpoints: expected, refused: 0 });
  });

  const malformed: readonly [string, Partial<FoundEndpoint>][] = [
    ['an empty host', { host: '' }],
    ['a host with a space', { host: 'a b' }],
    ['a host with a port', { host: 'a:80' }],
    ['brackets', { host: '[::1]' }],
    ['a zone index', { host: 'fe80::1%eth0' }],
    ['half an address', { host: '127.1' }],
    ['an address with too large a number', { host: '1.2.3.256' }],
    ['an empty label', { host: 'a..b' }],
    ['a label of 64 letters', { host: 'a'.repeat(64) }],
    ['a name of 254 letters', { host: `${'a.'.repeat(126)}ab` }],
    ['a line break', { host: 'a\r\n' }],
    ['port 0', { port: 0 }],
    ['port 65536', { port: 65_536 }],
    ['half a port', { port: 80.5 }],
    ['a negative weight', { weight: -1 }],
    ['a weight that is no number', { weight: Number.NaN }],
    ['a negative priority', { priority: -1 }],
    ['a zone of 129 letters', { zone: 'z'.repeat(129) }],
  ];
  for (const [name, changes] of malformed) {
    it(`leaves out and counts ${name}`, () => {
      const found = [endpoint('good'), endpoint('bad', changes)];
      assert.deepEqual(tidyEndpoints(found), { endpoints: [endpoint('good')], refused: 1 });
    });
  }

  it('is bounded, and the same whatever the order', () => {
    const found = Array.from({ length: MAX_ENDPOINTS + 7 }, (_, n) => endpoint(`h${n}`));
    const { endpoints, refused } = tidyEndpoints(found);
    assert.deepEqual([endpoints.length, refused], [MAX_ENDPOINTS, 7]);
    assert.ok(isSameSet(endpoints, tidyEndpoints(found.toReversed()).endpoints));
  });

  const any = fc.record({
    host: fc.oneof(fc.constantFrom('a', 'A', 'b.', '::1', '0:0::1', '10.0.0.1', '%'), fc.string()),
    port: fc.constantFrom(0, 80, 81),
    weight: fc.constantFrom(0, 1, 7),
    zone: fc.constantFrom(null, 'x', 'y'),
    priority: fc.constantFrom(0, 1),
    isDraining: fc.boolean(),
  });

  it('does not depend on order or repetition, and is tidy', () => {
    fc.assert(
      fc.property(fc.array(any), (found) => {
        const { endpoints } = tidyEndpoints(found);
        assert.ok(isSameSet(endpoints, tidyEndpoints([...found.toReversed(), ...found]).endpoints));
        assert.deepEqual(tidyEndpoints(endpoints), { endpoints, refused: 0 });
      }),
    );
  });
});

describe('two sets', () => {
  it('differ in whatever an endpoint says', () => {
    const one = [endpoint('a')];
    const changes = [{ host: 'b' }, { port: 81 }, { weight: 2 }, { zone: 'z' }, { priority: 1 }];
    for (const change of [...changes, { isDraining: true }])
      assert.ok(!isSameSet(one, [endpoint('a', change)]), JSON.stringify(change));
    assert.ok(!isSameSet(one, []) && !isSameSet([], one) && isSameSet(one, [endpoint('a')]));
  });
});
