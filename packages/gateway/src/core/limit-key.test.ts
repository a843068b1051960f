import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import type { LimitKeyConfig } from '@turnpike/config';
import { exchangeFrom } from './exchange-testing.ts';
import { clientAt } from './addresses/addresses-testing.ts';
import type { Exchange, ExchangeFields } from './exchange.ts';
import { headersOf } from './headers.ts';
import { callerOf } from './identity-testing.ts';
import type { Identity } from './identity.ts';
import { limitKey, LONGEST_KEY, namedKey, type KeyFacts } from './limit-key.ts';

const FACTS: KeyFacts = {
  route: 'orders',
  names: ['id', 'rest'],
  compileText: (rule) => (exchange) => (rule === 'request.host' ? exchange.host : null),
};

function call(fields: Partial<ExchangeFields>, identity: Identity | null = null): Exchange {
  const exchange = exchangeFrom({ query: '', ...fields });
  exchange.identity = identity;
  return exchange;
}

function keyOf(by: LimitKeyConfig | readonly LimitKeyConfig[], exchange: Exchange): string | null {
  return limitKey('kind' in by ? [by] : by, 'skip', FACTS)(exchange);
}

const header = (name: string): LimitKeyConfig => ({ kind: 'header', name });

function keyOfTenant(value: string): string | null {
  return keyOf(header('x-tenant'), call({ headers: headersOf(['X-Tenant', value]) }));
}

describe('an address as a key', () => {
  const table: readonly (readonly [address: string, key: string])[] = [
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2::1', '20010db8:10002/64'],
    ['2001:db8:1:2:ffff:ffff:ffff:ffff', '20010db8:10002/64'],
    ['2001:db8:1:3::1', '20010db8:10003/64'],
    ['::1', '0:0/64'],
    ['fe80::1%eth0', 'fe800000:0/64'],
    ['fe80::2%1', 'fe800000:0/64'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::ffff:cb00:7109', '203.0.113.9'],
  ];
  for (const [address, key] of table) {
    it(`${address} is ${key}`, () => {
      const client = address.includes('%')
        ? ({ address, family: 'ipv6', port: 1 } as const)
        : clientAt(address);
      assert.equal(keyOf({ kind: 'ip' }, call({ client })), key);
    });
  }
});

describe('a caller as a key', () => {
  const claims = Object.assign(Object.create(null), {
    org: { id: 'o-1', size: 3 },
    admin: true,
    roles: ['a'],
    empty: '',
  });
  const caller = callerOf({
    key: 'corporate:alice',
    consumer: 'acme',
    plan: 'gold',
    metadata: { tier: 'one', seats: 5 },
    claims,
  });
  const table: readonly (readonly [LimitKeyConfig, string | null])[] = [
    [{ kind: 'identity' }, 'corporate:alice'],
    [{ kind: 'consumer' }, 'acme'],
    [{ kind: 'plan' }, 'gold'],
    [{ kind: 'metadata', name: 'tier' }, 'one'],
    [{ kind: 'metadata', name: 'seats' }, '5'],
    [{ kind: 'metadata', name: 'toString' }, null],
    [{ kind: 'claim', path: ['org', 'id'] }, 'o-1'],
    [{ kind: 'claim', path: ['org', 'size'] }, '3'],
    [{ kind: 'claim', path: ['admin'] }, 'true'],
    [{ kind: 'claim', path: ['org'] }, null],
    [{ kind: 'claim', path: ['roles'] }, null],
    [{ kind: 'claim', path: ['roles', '0'] }, null],
    [{ kind: 'claim', path: ['empty'] }, null],
    [{ kind: 'claim', path: ['org', 'id', 'length'] }, null],
    [{ kind: 'claim', path: ['constructor', 'name'] }, null],
  ];
  for (const [part, key] of table) {
    it(`${JSON.stringify(part)} is ${key}`, () => assert.equal(keyOf(part, call({}, caller)), key));
    it(`${JSON.stringify(part)} is missing without a caller`, () =>
      assert.equal(keyOf(part, call({})), null));
  }

  it('is missing where the caller is no consumer', () => {
    assert.equal(keyOf({ kind: 'consumer' }, call({}, callerOf())), null);
    assert.equal(keyOf({ kind: 'plan' }, call({}, callerOf())), null);
  });
});

describe('a request as a key', () => {
  const headers = headersOf(
    ['X-Tenant', 'a'],
    ['Cookie', 'sid=1; other=2'],
    ['x-tenant', 'b'],
    ['X-Empty', ''],
  );
  const exchange = call({
    headers,
    query: '?q=a+b&q=%63&bad=%zz&bare&%C3%BC=1',
    method: 'POST',
    host: 'api.test',
  });
  exchange.params = ['a%2Fb', '%FF'];
  const table: readonly (readonly [LimitKeyConfig, string | null])[] = [
    [header('x-tenant'), 'a, b'],
    [header('x-empty'), null],
    [header('x-none'), null],
    [{ kind: 'cookie', name: 'sid' }, '1'],
    [{ kind: 'cookie', name: 'none' }, null],
    [{ kind: 'query', name: 'q' }, 'a b, c'],
    [{ kind: 'query', name: 'bad' }, null],
    [{ kind: 'query', name: 'bare' }, null],
    [{ kind: 'query', name: 'ü' }, '1'],
    [{ kind: 'path', name: 'id' }, 'a/b'],
    [{ kind: 'path', name: 'rest' }, '%FF'],
    [{ kind: 'method' }, 'POST'],
    [{ kind: 'host' }, 'api.test'],
    [{ kind: 'route' }, 'orders'],
    [{ kind: 'rule', rule: 'request.host' }, 'api.test'],
    [{ kind: 'rule', rule: 'nothing' }, null],
  ];
  for (const [part, key] of table) {
    it(`${JSON.stringify(part)} is ${key}`, () => assert.equal(keyOf(part, exchange), key));
  }

  it('has no parameters but those of the route', () => {
    assert.throws(() => keyOf({ kind: 'path', name: 'other' }, exchange), /Unknown parameter/);
  });
});

describe('a key of several parts', () => {
  const by = [header('x-a'), header('x-b')];
  const keyFor = (a: string, b: string): string | null =>
    keyOf(by, call({ headers: headersOf(['X-A', a], ['X-B', b]) }));

  it('is another one when text moves from one part to the next', () => {
    assert.notEqual(keyFor('a', 'bc'), keyFor('ab', 'c'));
    assert.notEqual(keyFor('1:a', 'b'), keyFor('1', 'a1:b'));
  });

  it('is the same only if all parts are', () => {
    const text = fc.string({
      minLength: 1,
      maxLength: 400,
      unit: fc.constantFrom('1', ':', '#', 'a', '\u0000'),
    });
    const pair = fc.tuple(text, text);
    fc.assert(
      fc.property(pair, pair, ([a, b], [c, d]) => {
        assert.equal(keyFor(a, b) === keyFor(c, d), a === c && b === d);
      }),
    );
  });

  it('is missing when a part is', () => {
    assert.equal(keyOf(by, call({ headers: headersOf(['X-A', 'a']) })), null);
    assert.equal(keyOf(by, call({ headers: headersOf() })), null);
  });

  it('may share what is missing', () => {
    const shared = limitKey(by, 'shared', FACTS);
    const keys = [headersOf(['X-A', 'a']), headersOf(['X-A', 'b']), headersOf(['X-B', 'a']), headersOf()];
    const found = keys.map((headers) => shared(call({ headers })));
    assert.ok(found.every((key) => key !== null));
    assert.equal(new Set(found).size, 4);
    assert.equal(shared(call({ headers: headersOf(['X-A', 'a']) })), found[0]);
  });
});

describe('a key', () => {
  it('is the same for everybody when it has no parts', () => {
    assert.equal(keyOf([], call({})), keyOf([], call({ method: 'POST' })));
  });

  it('is shared by all that lack its only part, and by nobody else', () => {
    const shared = limitKey([header('x-a')], 'shared', FACTS);
    const nobody = shared(call({ headers: headersOf() }));
    assert.equal(nobody, shared(call({ headers: headersOf(['X-A', '']) })));
    assert.notEqual(nobody, shared(call({ headers: headersOf(['X-A', 'a']) })));
    assert.equal(limitKey([header('x-a')], 'deny', FACTS)(call({ headers: headersOf() })), null);
  });

  it('is never long, and differs where the text does', () => {
    const long = 'x'.repeat(LONGEST_KEY);
    const keys = [long, `${long}a`, `${long}b`, `${long}${long}`].map(keyOfTenant);
    assert.equal(keys[0], long);
    assert.equal(new Set(keys).size, 4);
    assert.ok(keys.every((key) => key !== null && key.length <= LONGEST_KEY));
  });

  it('cannot be written as what stands for a longer one', () => {
    const hashed = keyOfTenant('x'.repeat(LONGEST_KEY + 1)) ?? '';
    assert.notEqual(keyOfTenant(hashed), hashed);
  });
});

describe('a key that somebody names', () => {
  const cases: readonly (readonly [LimitKeyConfig, string, Partial<ExchangeFields>])[] = [
    [{ kind: 'header', name: 'x' }, 'ä', { headers: headersOf(['X', Buffer.from('ä').toString('latin1')]) }],
    [{ kind: 'query', name: 'q' }, 'ä b', { query: '?q=%C3%A4+b' }],
    [{ kind: 'host' }, 'Shop.Example', { host: 'shop.example' }],
    [{ kind: 'ip' }, '2001:0DB8::7', { client: { address: '2001:db8::1:2:3:4', family: 'ipv6', port: 1 } }],
    [{ kind: 'ip' }, '::ffff:192.0.2.1', { client: { address: '192.0.2.1', family: 'ipv4', port: 1 } }],
    [{ kind: 'header', name: 'x' }, 'x'.repeat(1000), { headers: headersOf(['X', 'x'.repeat(1000)]) }],
    [{ kind: 'header', name: 'x' }, '#x', { headers: headersOf(['X', '#x']) }],
  ];
  for (const [part, value, fields] of cases) {
    it(`is that of a request: ${part.kind} ${value.slice(0, 20)}`, () => {
      for (const by of [[part], [part, { kind: 'method' }, part]] as const) {
        const key = limitKey(by, 'deny', FACTS)(exchangeFrom({ method: 'GET', ...fields }));
        assert.equal(namedKey(by, by.length === 1 ? [value] : [value, 'GET', value]), key);
        assert.notEqual(key, null);
      }
    });
  }

  it('is none where a part never says that', () => {
    assert.equal(namedKey([{ kind: 'method' }, { kind: 'ip' }], ['GET', 'somewhere']), 1);
    assert.equal(namedKey([{ kind: 'ip' }], ['']), '');
  });
});
