import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { srvEndpoints } from './srv-endpoints.ts';

/** `priority weight address…` to `address priority weight`. */
function endpointsOf(...records: readonly string[]): readonly string[] {
  const resolved = records.map((text) => {
    const [priority = '', weight = '', ...addresses] = text.split(' ');
    const numbers = { priority: Number(priority), weight: Number(weight), port: 80 };
    return { record: { type: 'SRV', target: 'x', ...numbers } as const, addresses };
  });
  return srvEndpoints(resolved).map(({ host, priority, weight }) => `${host} ${priority} ${weight}`);
}

describe('SRV records', () => {
  it('have tiers by priority, counted from 0', () => {
    assert.deepEqual(endpointsOf('20 1 b', '10 1 a', '20 1 c'), ['b 1 1', 'a 0 1', 'c 1 1']);
  });

  it('keep their weights where they can', () =>
    assert.deepEqual(endpointsOf('0 60 a', '0 40 b'), ['a 0 60', 'b 0 40']));

  it('of weight 0 get a little, or as much as the others', () => {
    assert.deepEqual(endpointsOf('0 0 a', '0 100 b'), ['a 0 1', 'b 0 100']);
    assert.deepEqual(endpointsOf('0 0 a', '0 0 b'), ['a 0 1', 'b 0 1']);
  });

  it('of large weights are scaled down', () => {
    assert.deepEqual(endpointsOf('0 65535 a', '0 32768 b', '0 1 c'), ['a 0 1000', 'b 0 500', 'c 0 1']);
  });

  it('share their weight among the addresses of a target', () => {
    assert.deepEqual(endpointsOf('0 1 a', '0 1 b c'), ['a 0 1000', 'b 0 500', 'c 0 500']);
    assert.deepEqual(endpointsOf('0 0 a', '0 0 b c'), ['a 0 1000', 'b 0 500', 'c 0 500']);
  });
});
