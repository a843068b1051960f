import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExchangeFields } from '../../../core/exchange.ts';
import { headersOf } from '../../../core/headers.ts';
import { exchangeFrom } from '../../../core/exchange-testing.ts';
import { callerOf } from '../../../core/identity-testing.ts';
import { asking, keyOf, type Question } from './question.ts';

function questionOf(
  fields: Partial<ExchangeFields>,
  requestHeaders: readonly string[] = ['x-tenant'],
  route = 'orders',
): Question {
  return asking(route, requestHeaders)(exchangeFrom(fields), 1_700_000_000_123);
}

describe('a question', () => {
  it('has what the decision point is to know', () => {
    const headers = headersOf(
      ['Authorization', 'Bearer t'],
      ['Cookie', 'a=1'],
      ['X-Tenant', 'blue'],
      ['x-tenant', 'red'],
      ['X-Other', 'secret'],
    );
    const question = questionOf({ headers, method: 'POST', query: '?a=b' });
    assert.deepEqual(question, {
      id: 'r-1',
      askedAtMs: 1_700_000_000_123,
      method: 'POST',
      scheme: 'https',
      authority: 'api.example.com',
      target: '/v1/orders?a=b',
      version: '1.1',
      client: '203.0.113.9',
      caller: '',
      port: 443,
      route: 'orders',
      headers: [
        ['authorization', 'Bearer t'],
        ['cookie', 'a=1'],
        ['x-tenant', 'blue, red'],
        ['x-forwarded-for', '203.0.113.9'],
        ['x-forwarded-proto', 'https'],
        ['x-forwarded-host', 'api.example.com'],
        ['x-forwarded-uri', '/v1/orders?a=b'],
        ['x-forwarded-method', 'POST'],
      ],
    });
  });

  it('says who is calling, in the fields that services get', () => {
    const exchange = exchangeFrom({});
    exchange.identity = callerOf({ scopes: ['a', 'b'] });
    const { caller, headers } = asking('r', [])(exchange, 0);
    assert.equal(caller, 'corporate alice');
    const told = headers.filter(([name]) => name.startsWith('x-identity-'));
    assert.deepEqual(told, [
      ['x-identity-subject', 'alice'],
      ['x-identity-provider', 'corporate'],
      ['x-identity-scopes', 'a b'],
    ]);
  });

  it('has the query without the credentials that were in it', () => {
    const exchange = exchangeFrom({ query: '?key=secret&a=b' });
    exchange.targetQuery = '?a=b';
    assert.equal(asking('r', [])(exchange, 0).target, '/v1/orders?a=b');
  });

  it('does not let the client say where it comes from, or how the question is framed', () => {
    const names = [
      'x-forwarded-for',
      'x-forwarded-uri',
      'x-forwarded-method',
      'host',
      'content-length',
      'te',
      'connection',
    ];
    const headers = headersOf(...names.map((name) => [name, 'spoofed'] as const));
    const { headers: fields } = questionOf({ headers }, names);
    assert.ok(fields.every(([, value]) => value !== 'spoofed'));
    assert.equal(fields.length, 5);
  });
});

function key(fields: Partial<ExchangeFields>, caller: string | null = 'alice'): string {
  return keyOf(questionOf(fields), caller);
}

describe('the key of a question', () => {
  it('is the same for what differs in nothing but id and time', () => {
    const later = { ...questionOf({ id: 'r-2' }), askedAtMs: 5 };
    assert.equal(keyOf(later, 'alice'), key({}));
    assert.equal(
      key({ headers: headersOf(['X-Other', '1']) }),
      key({ headers: headersOf(['X-Other', '2']) }),
    );
  });

  it('differs in everything that the decision point gets, and in who is calling', () => {
    const client = { address: '203.0.113.10', family: 'ipv4', port: 40_000 } as const;
    const keys = [
      key({}),
      key({}, null),
      key({}, ''),
      key({}, '-'),
      key({}, 'bob'),
      key({ method: 'POST' }),
      key({ authority: 'api.example.com:8443' }),
      key({ path: '/v1/orders/1' }),
      key({ query: '' }),
      key({ query: '?token=other' }),
      key({ version: '1.0' }),
      key({ client }),
      key({ headers: headersOf(['Authorization', 'Bearer a']) }),
      key({ headers: headersOf(['Authorization', 'Bearer b']) }),
      key({ headers: headersOf(['Cookie', 'Bearer b']) }),
      key({ headers: headersOf(['X-Tenant', 'blue']) }),
      key({ headers: headersOf(['X-Tenant', '']) }),
      keyOf(questionOf({}, ['x-tenant'], 'other'), 'alice'),
    ];
    assert.equal(new Set(keys).size, keys.length);
  });

  it('does not confuse a caller whose name looks like a header', () => {
    assert.notEqual(key({}, 'x\ny:z'), key({ headers: headersOf(['X-Tenant', 'x\ny:z']) }));
  });
});
