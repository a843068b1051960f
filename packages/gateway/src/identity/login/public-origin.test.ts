import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headersOf } from '../../core/headers.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { keepsCookies, publicOrigin } from './public-origin.ts';

const arrivedBy = (scheme: 'http' | 'https') =>
  ({
    listener: 'web',
    scheme,
    port: 8080,
    bodyBytes: 0,
    forwardedClientCert: false,
    forwardsClientCert: false,
  }) as const;

const FORWARDED = headersOf(
  ['X-Forwarded-Proto', 'http, HTTPS'],
  ['X-Forwarded-Host', 'evil.example, App.Example.com'],
);

describe('the origin under which a browser sees us', () => {
  const rows: readonly (readonly [string | null, Parameters<typeof exchangeFrom>[0]])[] = [
    ['https://api.example.com', {}],
    ['http://localhost:8080', { authority: 'localhost:8080', arrival: arrivedBy('http') }],
    ['http://[::1]:8080', { authority: '[::1]:8080', arrival: arrivedBy('http') }],
    ['https://api.example.com', { authority: 'API.example.com:443' }],
    ['http://api.example.com', { authority: 'api.example.com:80', arrival: arrivedBy('http') }],
    [null, { authority: '' }],
    [null, { authority: 'a@evil.example' }],
    ['https://app.example.com', { headers: FORWARDED, fromTrustedProxy: true, arrival: arrivedBy('http') }],
    ['http://api.example.com', { headers: FORWARDED, arrival: arrivedBy('http') }],
    [
      'https://api.example.com',
      {
        headers: headersOf(['X-Forwarded-Proto', 'gopher'], ['X-Forwarded-Host', 'a/b']),
        fromTrustedProxy: true,
      },
    ],
  ];
  for (const [origin, fields] of rows) {
    it(`is ${origin} for ${JSON.stringify(fields?.authority ?? 'api.example.com')}`, () => {
      assert.equal(publicOrigin(exchangeFrom(fields)), origin);
    });
  }
});

describe('browsers', () => {
  const KEEPING = [
    'https://a.example',
    'http://localhost:1',
    'http://app.localhost',
    'http://127.0.0.1',
    'http://[::1]:9',
  ];
  for (const origin of KEEPING) it(`keep our cookies for ${origin}`, () => assert.ok(keepsCookies(origin)));

  const REFUSING = ['http://a.example', 'http://localhost.example', 'http://10.0.0.1', 'http://[::2]'];
  for (const origin of REFUSING) it(`keep none for ${origin}`, () => assert.ok(!keepsCookies(origin)));
});
