import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainSource, readConfig } from '@turnpike/config';
import { compileLogField } from '@turnpike/config/expression';
import { exchangeFrom } from './core/exchange-testing.ts';
import type { Exchange, ExchangeFields } from './core/exchange.ts';
import { headersOf } from './core/headers.ts';
import { callerOf } from './core/identity-testing.ts';
import { logFields } from './route-log-fields.ts';

const NAMES: Readonly<Record<string, readonly string[]>> = { orders: ['id'], '': [] };

/** What fields of these texts say of an exchange. */
function told(fields: Record<string, string>, exchange: Exchange, redact: readonly string[] = []) {
  const { config, issues } = readConfig([
    plainSource('/g.yaml', { telemetry: { accessLog: { fields, redact } } }),
  ]);
  const [log] = config?.telemetry.accessLog ?? [];
  assert.ok(log !== undefined, JSON.stringify(issues));
  const clock = { now: () => 0, epoch: () => Date.UTC(2026, 10, 23) };
  const of = logFields(log, { compileLogField, clock, pathNames: (route) => NAMES[route] ?? [] });
  const own = of?.(exchange.record.route) ?? [];
  return Object.fromEntries(own.map(({ name, read }) => [name, read(exchange)]));
}

function request(fields: Partial<ExchangeFields> = {}): Exchange {
  const headers = headersOf(
    ['X-Tenant', 'acme'],
    ['Authorization', 'Bearer s3cret'],
    ['Cookie', 'sid=s3cret'],
  );
  const exchange = exchangeFrom({ headers, query: '?page=2&access_token=s3cret&Mine=s3cret', ...fields });
  exchange.params = ['4%2F2'];
  const responseHeaders = headersOf(['X-Cache', 'hit'], ['Set-Cookie', 'sid=s3cret']);
  exchange.reply = { status: 200, headers: responseHeaders, body: null, code: '', tunnel: null };
  return exchange;
}

describe('the fields of a log', () => {
  it('are none where none are asked for', () => {
    const [log] = readConfig([plainSource('/g.yaml', {})]).config?.telemetry.accessLog ?? [];
    assert.ok(log !== undefined);
    const clock = { now: () => 0, epoch: () => 0 };
    assert.equal(logFields(log, { compileLogField, clock, pathNames: () => [] }), null);
  });

  it('come from templates and rules, with their types', () => {
    const exchange = request();
    exchange.identity = callerOf({ plan: 'gold', claims: { org: { id: 7 } } });
    const fields = {
      tenant: 'is {header.x-tenant}',
      page: '{query.page}',
      id: '{path.id}',
      plan: 'rule:identity.plan',
      org: 'rule:identity.claims.org.id',
      gold: 'rule:identity.plan == "gold"',
      status: 'rule:response.status',
      cache: 'rule:response.headers["x-cache"]',
      year: 'rule:now.getFullYear()',
      order: 'rule:request.params.id',
    };
    assert.deepEqual(told(fields, exchange), {
      tenant: 'is acme',
      page: '2',
      id: '4/2',
      plan: 'gold',
      org: 7,
      gold: true,
      status: 200,
      cache: 'hit',
      year: 2026,
      order: '4/2',
    });
  });

  it('are null where there is no such thing, or it cannot be worked out', () => {
    const fields = {
      header: '{header.x-none}',
      plan: '{identity.plan}',
      rule: 'rule:identity.plan',
      object: 'rule:identity.claims["org"]',
      response: 'rule:response.headers["x-none"]',
      path: '{path.other}',
      param: 'rule:request.params.id',
    };
    const exchange = request({ headers: headersOf() });
    exchange.params = ['%ff'];
    const nothing = Object.fromEntries(Object.keys(fields).map((name) => [name, null]));
    assert.deepEqual(told(fields, exchange), nothing);
    exchange.record.route = '';
    exchange.reply = null;
    assert.deepEqual(told(fields, exchange), nothing);
  });

  it('never say what no log shows, however they ask for it', () => {
    const fields = {
      header: 'a {header.AUTHORIZATION} b',
      cookie: '{cookie.sid}',
      query: '{query.access_token}',
      mine: '{query.Mine}',
      ruleHeader: 'rule:request.headers.authorization',
      ruleCookie: 'rule:request.headers["cookie"]',
      ruleQuery: 'rule:request.query.access_token',
      ruleMine: 'rule:request.query.Mine',
      ruleResponse: 'rule:response.headers["set-cookie"]',
    };
    const values = told(fields, request(), ['mine']);
    assert.deepEqual(new Set(Object.values(values)), new Set(['[redacted]']));
    const all = { all: 'rule:request.headers.exists(h, request.headers[h].contains("s3cret"))' };
    assert.deepEqual(told(all, request()), { all: false });
  });

  it('see the parameters of the route as it is now', () => {
    let names: readonly string[] = ['id'];
    const accessLog = { fields: { id: '{path.id}' } };
    const [log] =
      readConfig([plainSource('/g.yaml', { telemetry: { accessLog } })]).config?.telemetry.accessLog ?? [];
    assert.ok(log !== undefined);
    const clock = { now: () => 0, epoch: () => 0 };
    const of = logFields(log, { compileLogField, clock, pathNames: () => names });
    const exchange = exchangeFrom();
    exchange.params = ['first', 'second'];
    const read = () => of?.('orders')[0]?.read(exchange);
    assert.equal(read(), 'first');
    names = ['shop', 'id'];
    assert.equal(read(), 'second');
  });
});
