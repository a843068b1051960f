import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClientAddress } from '../exchange.ts';
import { headersOf } from '../headers.ts';
import { callerOf } from './forwarded.ts';

const PEER: ClientAddress = { address: '10.0.0.1', family: 'ipv4', port: 1 };
/** All of 10.0.0.0/8 are proxies of ours. */
const TRUST = { isTrusted: ({ address }: ClientAddress) => address.startsWith('10.') };

function callerBy(...fields: readonly (readonly [string, string])[]): string {
  return callerOf(headersOf(...fields), PEER, TRUST).address;
}

describe('the caller behind proxies', () => {
  const byList: readonly (readonly [list: string, caller: string])[] = [
    ['203.0.113.9', '203.0.113.9'],
    ['6.6.6.6, 203.0.113.9', '203.0.113.9'],
    ['6.6.6.6, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['203.0.113.9:4711', '203.0.113.9'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['6.6.6.6, unknown', '10.0.0.1'],
    ['6.6.6.6, _hidden, 10.0.0.2', '10.0.0.2'],
    ['6.6.6.6,', '10.0.0.1'],
    ['6.6.6.6,,203.0.113.9', '203.0.113.9'],
    ['"203.0.113.9"', '10.0.0.1'],
    ['203.0.113.9 6.6.6.6', '10.0.0.1'],
    [`${'6.6.6.6,'.repeat(1000)} 203.0.113.9`, '203.0.113.9'],
    ['', '10.0.0.1'],
  ];
  for (const [list, caller] of byList) {
    it(`is ${caller} for X-Forwarded-For: ${list.slice(0, 50)}`, () =>
      assert.equal(callerBy(['X-Forwarded-For', list]), caller));
  }

  const byElement: readonly (readonly [element: string, caller: string])[] = [
    ['for=203.0.113.9', '203.0.113.9'],
    ['For = "203.0.113.9:4711" ; proto=http', '203.0.113.9'],
    ['proto=http;for="[2001:db8::1]:4711";by=10.0.0.2', '2001:db8::1'],
    ['for=6.6.6.6, for=203.0.113.9, for=10.0.0.2', '203.0.113.9'],
    ['for=unknown', '10.0.0.1'],
    ['for=203.0.113.9, for="_hidden"', '10.0.0.1'],
    ['for=203.0.113.9, host=a', '10.0.0.1'],
    ['for=203.0.113.9;for=6.6.6.6', '10.0.0.1'],
    ['for=203.0.113.9\\', '10.0.0.1'],
    // What a client sent as its Host, in the quotes of the proxy.
    ['for=203.0.113.9;host="a,for=6.6.6.6"', '203.0.113.9'],
    ['for=203.0.113.9;host="a;for=6.6.6.6"', '203.0.113.9'],
    ['host="a;for=6.6.6.6";for=203.0.113.9', '203.0.113.9'],
    ['for=203.0.113.9;host="a\\",for=6.6.6.6;x=\\"b"', '203.0.113.9'],
    ['for=203.0.113.9;host="a\\\\"', '203.0.113.9'],
    // What a client sent as its `Forwarded`, before the proxy wrote behind it.
    ['for="6.6.6.6, for=203.0.113.9', '203.0.113.9'],
    ['for=6.6.6.6;host="a, for=203.0.113.9;host="b"', '203.0.113.9'],
    ['host="\\, for=203.0.113.9', '203.0.113.9'],
    [`${','.repeat(5000)}for=203.0.113.9`, '203.0.113.9'],
  ];
  for (const [element, caller] of byElement) {
    it(`is ${caller} for Forwarded: ${element.slice(0, 50)}`, () =>
      assert.equal(callerBy(['Forwarded', element]), caller));
  }

  it('is found in several fields as in one list', () => {
    assert.equal(callerBy(['Forwarded', 'for="6.6.6.6'], ['Forwarded', 'for=203.0.113.9']), '203.0.113.9');
    assert.equal(callerBy(['X-Forwarded-For', '6.6.6.6'], ['x-forwarded-for', '203.0.113.9']), '203.0.113.9');
  });
});
