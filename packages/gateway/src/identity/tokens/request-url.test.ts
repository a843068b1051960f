import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ExchangeFields } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { isUrlOf } from './request-url.ts';

function isUrl(url: string, fields: Partial<ExchangeFields> = {}): boolean {
  return isUrlOf(exchangeFrom({ path: '/v1/orders', query: '?page=2', ...fields }), url);
}

/** As a proxy in front of us sends it. */
function proxied(
  fields: readonly (readonly [string, string])[],
  fromTrustedProxy = true,
): Partial<ExchangeFields> {
  return {
    headers: headersOf(...fields),
    fromTrustedProxy,
    authority: '10.0.0.7:8080',
    host: '10.0.0.7',
    arrival: { ...exchangeFrom().arrival, scheme: 'http' },
  };
}

describe('isUrlOf', () => {
  it('knows the URL of a request in all its spellings', () => {
    for (const url of [
      'https://api.example.com/v1/orders',
      'HTTPS://API.example.COM/v1/orders',
      'https://api.example.com:443/v1/orders',
      'https://api.example.com./v1/orders',
      'https://api.example.com/v1/./orders',
      'https://api.example.com/v1/x/../orders',
      'https://api.example.com/v1/%6Frders',
      'https://api.example.com/v1/orders?page=9',
      'https://api.example.com/v1/orders#top',
    ]) {
      assert.equal(isUrl(url), true, url);
    }
    assert.equal(isUrl('https://api.example.com', { path: '/' }), true);
    assert.equal(isUrl('https://api.example.com?x', { path: '/' }), true);
    assert.equal(
      isUrl('https://api.example.com:8443/', { path: '/', authority: 'api.example.com:8443' }),
      true,
    );
  });

  it('does not know others', () => {
    for (const url of [
      'http://api.example.com/v1/orders',
      'https://api.example.com:8443/v1/orders',
      'https://api.example.org/v1/orders',
      'https://api.example.com.evil.org/v1/orders',
      'https://api.example.com@evil.org/v1/orders',
      'https://evil@api.example.com/v1/orders',
      'https://api.example.com/v1/orders/',
      'https://api.example.com/V1/orders',
      'https://api.example.com/v1',
      'https://api.example.com/v1/orders/1',
      'https://api.example.com/v1%2Forders',
      'https://api.example.com',
      'https:///v1/orders',
      'https:/v1/orders',
      '//api.example.com/v1/orders',
      '/v1/orders',
      'v1/orders',
      '',
      ' https://api.example.com/v1/orders',
      'https://api.example.com /v1/orders',
      'https://api.example.com\\/v1/orders',
      'ftp://api.example.com/v1/orders',
    ]) {
      assert.equal(isUrl(url), false, url);
    }
  });

  it('takes the word of a trusted proxy for what the client asked for', () => {
    const told = [
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'api.example.com'],
    ] as const;
    assert.equal(isUrl('https://api.example.com/v1/orders', proxied(told)), true);
    assert.equal(isUrl('http://10.0.0.7:8080/v1/orders', proxied(told)), false);
    assert.equal(isUrl('https://api.example.com/v1/orders', proxied(told, false)), false);
    assert.equal(isUrl('http://10.0.0.7:8080/v1/orders', proxied(told, false)), true);
    assert.equal(isUrl('http://10.0.0.7:8080/v1/orders', proxied([])), true);
  });

  it('takes what the nearest proxy said: the client may have begun the list', () => {
    const told = [
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'evil.example.org, api.example.com'],
    ] as const;
    assert.equal(isUrl('https://api.example.com/v1/orders', proxied(told)), true);
    assert.equal(isUrl('https://evil.example.org/v1/orders', proxied(told)), false);
  });
});
