import assert from 'node:assert/strict';
import { it } from 'node:test';
import { headersOf } from '../headers.ts';
import { schemeOf } from './scheme.ts';

const arrival = {
  listener: 'web',
  port: 80,
  bodyBytes: 0,
  forwardedClientCert: false,
  forwardsClientCert: false,
};

const table: readonly (readonly [
  scheme: 'http' | 'https',
  trusted: boolean,
  told: readonly string[],
  expected: string,
])[] = [
  ['http', false, [], 'http'],
  ['https', false, [], 'https'],
  ['http', false, ['https'], 'http'],
  ['https', false, ['http'], 'https'],
  ['http', true, [], 'http'],
  ['http', true, ['https'], 'https'],
  ['http', true, ['HTTPS'], 'https'],
  ['https', true, ['http'], 'http'],
  ['http', true, ['https, http'], 'http'],
  ['http', true, ['http,https'], 'https'],
  ['http', true, ['http', ' https '], 'https'],
  ['http', true, ['wss'], 'http'],
  ['https', true, [''], 'https'],
];
for (const [scheme, fromTrustedProxy, told, expected] of table) {
  const who = fromTrustedProxy ? 'a trusted proxy' : 'a client';
  it(`is ${expected} over ${scheme} when ${who} says ${JSON.stringify(told)}`, () => {
    const headers = headersOf(...told.map((value) => ['X-Forwarded-Proto', value] as const));
    assert.equal(schemeOf({ arrival: { ...arrival, scheme }, fromTrustedProxy, headers }), expected);
  });
}
