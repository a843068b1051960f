import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readEndpointSlice } from './kubernetes-slice.ts';

const HTTP = { name: 'http', port: 8080, protocol: 'TCP' };

function sliceOf(endpoint: object, ports: readonly object[] | null = [HTTP]) {
  return { ports, endpoints: [{ addresses: ['10.0.0.1'], ...endpoint }] };
}

describe('an endpoint of a slice', () => {
  for (const [conditions, expected] of [
    [undefined, 'serves'],
    [{}, 'serves'],
    [{ ready: null }, 'serves'],
    [{ ready: true, serving: true, terminating: false }, 'serves'],
    [{ ready: false, serving: true, terminating: true }, 'drains'],
    [{ ready: false, serving: false, terminating: true }, 'is gone'],
    [{ ready: false }, 'is gone'],
    [{ ready: false, serving: null }, 'is gone'],
    // Of a service that publishes addresses that are not ready.
    [{ ready: true, serving: false }, 'is gone'],
  ] as const)
    it(`${expected} with the conditions ${JSON.stringify(conditions)}`, () => {
      const [found] = readEndpointSlice(sliceOf({ conditions }), null);
      const isDraining = found !== undefined && 'isDraining' in found && found.isDraining;
      assert.equal(found === undefined ? 'is gone' : isDraining ? 'drains' : 'serves', expected);
    });

  it('is in its zone, or else in the first that it is meant for', () => {
    const hints = { forZones: [{ name: 'b' }, { name: 'c' }] };
    for (const [endpoint, zone] of [
      [{ zone: 'a', hints }, 'a'],
      [{ hints }, 'b'],
      [{ zone: null, hints: null }, null],
      [{ hints: { forZones: [] } }, null],
    ] as const) {
      const [found] = readEndpointSlice(sliceOf(endpoint), null);
      assert.ok(found !== undefined && 'zone' in found);
      assert.equal(found.zone, zone);
    }
  });

  it('is where its first address is', () => {
    const [found] = readEndpointSlice(sliceOf({ addresses: ['2001:db8::1', '2001:db8::2'] }), null);
    assert.deepEqual(found, {
      host: '2001:db8::1',
      port: 8080,
      weight: 1,
      zone: null,
      priority: 0,
      isDraining: false,
    });
  });

  it('is malformed without an address', () => {
    for (const addresses of [[], null, 'a', ['']])
      assert.ok('problem' in (readEndpointSlice(sliceOf({ addresses }), null)[0] ?? {}));
  });
});

describe('the port of a slice', () => {
  const ADMIN = { name: 'admin', port: 9090 };
  const DNS = { name: 'dns', port: 53, protocol: 'UDP' };
  const ANY = { name: 'any', port: null };
  for (const [ports, wanted, expected] of [
    [[HTTP], null, 8080],
    [[HTTP, DNS], null, 8080],
    [[HTTP, ADMIN], null, null],
    [[], null, null],
    [[ANY], null, null],
    [[HTTP, ADMIN], 'admin', 9090],
    [[HTTP, ADMIN], 'grpc', null],
    [[HTTP, DNS], 'dns', null],
    [[HTTP, ADMIN], 9090, 9090],
    [[HTTP, ADMIN], 80, null],
    [[], 80, 80],
    [null, 80, 80],
    [[ANY], 80, 80],
    [[ANY], 'any', null],
  ] as const)
    it(`is ${expected ?? 'unknown'} of ${JSON.stringify(ports)} when ${wanted ?? 'none'} is wanted`, () => {
      const [found] = readEndpointSlice(sliceOf({}, ports), wanted);
      assert.equal(found !== undefined && 'port' in found ? found.port : null, expected);
    });
});
