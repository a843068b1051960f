import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StickyConfig } from '@turnpike/config';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { Exchange } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { balancerOf, endpointAt, planOf } from './balance-testing.ts';
import { newBalancerMemory, type Balancer, type BalancingPlan } from './balancer.ts';
import { NOTHING_TRIED, type BalancedEndpoint } from './candidates.ts';
import { EndpointStates } from './endpoint-states.ts';

const NOW = 1_700_000_000_000;

function stickyPlan(fields: Partial<StickyConfig> = {}, id = 'orders'): BalancingPlan {
  return planOf({ kind: 'sticky', cookie: 'lb', secret: 'secret', lifetimeMs: 0, ...fields }, { id });
}

function some(count: number): BalancedEndpoint[] {
  return Array.from({ length: count }, (_, slot) => endpointAt(slot));
}

function setUp(endpoints: readonly BalancedEndpoint[], plan = stickyPlan()) {
  const states = new EndpointStates(EndpointStates.allocate(16, 1), 0);
  return { states, chooser: balancerOf(plan, endpoints, { states }) };
}

function withCookie(value: string | null, scheme: 'http' | 'https' = 'https'): Exchange {
  const { arrival } = exchangeFrom();
  const fields = value === null ? [] : [['Cookie', `a=1; lb=${value}; b=2`] as const];
  return exchangeFrom({ arrival: { ...arrival, scheme }, headers: headersOf(...fields) });
}

/** The value that binds to an endpoint. */
function valueFor(chooser: Balancer, index: number): string {
  const cookie = chooser.cookieFor(index, withCookie(null)) ?? assert.fail();
  return /^lb=([^;]*);/.exec(cookie)?.[1] ?? assert.fail();
}

function pick(chooser: Balancer, value: string | null, tried = NOTHING_TRIED): number {
  return chooser.pick(tried, NOW, withCookie(value));
}

describe('sticky', () => {
  it('sets a cookie that binds, for scripts and other sites out of reach', () => {
    const { chooser } = setUp(some(3));
    const cookie = chooser.cookieFor(1, withCookie(null)) ?? assert.fail();
    assert.match(cookie, /^lb=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    assert.match(chooser.cookieFor(1, withCookie(null, 'http')) ?? '', /; SameSite=Lax$/);
  });

  it('says how long it lasts', () => {
    const { chooser } = setUp(some(1), stickyPlan({ lifetimeMs: 90_500 }));
    assert.match(chooser.cookieFor(0, withCookie(null)) ?? '', /; Max-Age=91;/);
  });

  it('keeps a caller at its endpoint, however busy, and sets no cookie again', () => {
    const { chooser, states } = setUp(some(3));
    const value = valueFor(chooser, 1);
    for (let i = 0; i < 50; i++) states.begin(1);
    states.penalise(1, NOW + 1000);
    for (let i = 0; i < 20; i++) assert.equal(pick(chooser, value), 1);
    assert.equal(chooser.reason, 'sticky');
    assert.equal(chooser.cookieFor(1, withCookie(value)), null);
  });

  it('chooses adaptively for new callers', () => {
    const { chooser, states } = setUp(some(3));
    for (const slot of [0, 2]) for (let i = 0; i < 5; i++) states.begin(slot);
    assert.equal(pick(chooser, null), 1);
    assert.equal(chooser.reason, 'adaptive');
  });

  it('moves a caller whose endpoint is down, was tried, or is gone, and binds it anew', () => {
    const { chooser, states } = setUp(some(3));
    const value = valueFor(chooser, 1);
    assert.notEqual(pick(chooser, value, [1]), 1);
    assert.equal(chooser.reason, 'moved');
    states.setChecked(1, false);
    const other = pick(chooser, value);
    assert.notEqual(other, 1);
    assert.equal(chooser.reason, 'moved');
    assert.notEqual(chooser.cookieFor(other, withCookie(value)), null);
    const without = setUp(some(1)).chooser;
    assert.equal(pick(without, value), 0);
    assert.equal(without.reason, 'moved');
    assert.notEqual(without.cookieFor(0, withCookie(value)), null);
  });

  it('lets callers stay that are bound to a draining endpoint, and sends no others there', () => {
    const endpoints = [endpointAt(0, { isDraining: true }), endpointAt(1, { weight: 0 }), endpointAt(2)];
    const { chooser } = setUp(endpoints);
    assert.equal(pick(chooser, valueFor(chooser, 0)), 0);
    assert.equal(pick(chooser, valueFor(chooser, 1)), 1);
    for (let i = 0; i < 50; i++) assert.equal(pick(chooser, null), 2);
  });

  it('knows its callers in every thread and after every change', () => {
    const value = valueFor(setUp(some(3)).chooser, 2);
    const other = setUp([endpointAt(7), endpointAt(2), endpointAt(5)]).chooser;
    assert.equal(pick(other, value), 1);
  });

  it('works values out once', () => {
    const states = new EndpointStates(EndpointStates.allocate(16, 1), 0);
    const memory = newBalancerMemory();
    balancerOf(stickyPlan(), some(3), { states, memory });
    const before = new Map(memory.cookies);
    balancerOf(stickyPlan(), some(2), { states, memory });
    assert.equal(before.size, 3);
    assert.deepEqual([...memory.cookies], [...before].slice(0, 2));
  });

  it('believes no value of another secret or service', () => {
    const { chooser } = setUp(some(8));
    for (const plan of [
      stickyPlan({ secret: 'another' }),
      stickyPlan({}, 'users'),
      stickyPlan({ secret: null }),
    ]) {
      const foreign = setUp(some(8), plan).chooser;
      const values = some(8).map((_, index) => valueFor(foreign, index));
      const stuck = values.filter((value) => pick(chooser, value) >= 0 && chooser.reason === 'sticky');
      assert.deepEqual(stuck, []);
    }
  });

  it('believes no value of which a character was changed', () => {
    const { chooser } = setUp(some(4));
    const value = valueFor(chooser, 3);
    for (let at = 0; at < value.length; at++) {
      const changed = value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1);
      pick(chooser, changed);
      assert.notEqual(chooser.reason, 'sticky');
    }
    for (const odd of ['', 'x', value.slice(1), `${value}A`, value.slice(0, 12), 'é'.repeat(32)]) {
      pick(chooser, odd);
      assert.notEqual(chooser.reason, 'sticky');
    }
  });

  it('says nothing of addresses', () => {
    const { chooser } = setUp(some(1));
    const value = valueFor(chooser, 0);
    assert.doesNotMatch(value + Buffer.from(value, 'base64url').toString('latin1'), /10\.0|8080/);
  });

  it('refuses to sign with nothing', () => {
    const states = new EndpointStates(EndpointStates.allocate(1, 1), 0);
    const plan = stickyPlan({ secret: null });
    assert.throws(() => balancerOf(plan, some(1), { states, stickyKey: () => null }), /no key/);
  });
});
