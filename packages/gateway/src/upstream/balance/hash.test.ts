import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HashKeyConfig } from '@turnpike/config';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { Exchange, ExchangeFields } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { random } from '../../core/random.ts';
import { balancerOf, endpointAt, planOf } from './balance-testing.ts';
import { newBalancerMemory, type Balancer, type BalancingPlan } from './balancer.ts';
import { NOTHING_TRIED, type BalancedEndpoint } from './candidates.ts';
import { EndpointStates } from './endpoint-states.ts';

const NOW = 1_700_000_000_000;
const UNBOUNDED = 1e9;

function byUser(boundedLoad = UNBOUNDED, fields: Partial<BalancingPlan> = {}): BalancingPlan {
  return planOf({ kind: 'hash', by: [{ kind: 'header', name: 'x-user' }], boundedLoad }, fields);
}

function statesFor(endpoints: readonly BalancedEndpoint[]): EndpointStates {
  return new EndpointStates(EndpointStates.allocate(endpoints.length, 1), 0);
}

function some(count: number, fields: Partial<BalancedEndpoint> = {}): BalancedEndpoint[] {
  return Array.from({ length: count }, (_, slot) => endpointAt(slot, fields));
}

function user(name: string | number): Exchange {
  return exchangeFrom({ headers: headersOf(['X-User', `user-${name}`]) });
}

function homeOf(chooser: Balancer, name: string | number): number {
  return chooser.pick(NOTHING_TRIED, NOW, user(name));
}

const USERS = Array.from({ length: 2000 }, (_, i) => i);

describe('hash', () => {
  it('gives a key the same endpoint in every thread, whatever the order of the endpoints', () => {
    const endpoints = some(10);
    const one = balancerOf(byUser(), endpoints, { states: statesFor(endpoints), random: random(1) });
    const turned = endpoints.toReversed();
    const other = balancerOf(byUser(), turned, { states: statesFor(endpoints), random: random(2) });
    for (const name of USERS) assert.equal(endpoints[homeOf(one, name)], turned[homeOf(other, name)]);
    assert.equal(one.reason, 'hash');
  });

  it('spreads keys over all, by their weights', () => {
    const endpoints = [endpointAt(0, { weight: 3 }), endpointAt(1), endpointAt(2, { weight: 0 })];
    const chooser = balancerOf(byUser(), endpoints, { states: statesFor(endpoints) });
    const homes = USERS.map((name) => homeOf(chooser, name));
    const share = homes.filter((home) => home === 0).length / homes.length;
    assert.ok(Math.abs(share - 0.75) < 0.04, `${share}`);
    assert.ok(!homes.includes(2));
  });

  const keys: readonly (readonly [HashKeyConfig, Partial<ExchangeFields>])[] = [
    [{ kind: 'ip' }, { client: { address: '192.0.2.7', family: 'ipv4', port: 1 } }],
    [{ kind: 'path' }, { path: '/a/b' }],
    [{ kind: 'header', name: 'x-user' }, { headers: headersOf(['X-User', 'u']) }],
    [{ kind: 'cookie', name: 'user' }, { headers: headersOf(['Cookie', 'a=1; user=u']) }],
    [{ kind: 'query', name: 'user' }, { query: '?a=1&user=u' }],
  ];
  for (const [key, fields] of keys) {
    it(`keeps callers together by ${key.kind}`, () => {
      const endpoints = some(50);
      const plan = planOf({ kind: 'hash', by: [key], boundedLoad: UNBOUNDED });
      const chooser = balancerOf(plan, endpoints, { states: statesFor(endpoints) });
      const homes = Array.from({ length: 20 }, () => chooser.pick(NOTHING_TRIED, NOW, exchangeFrom(fields)));
      assert.equal(new Set(homes).size, 1);
      assert.equal(chooser.reason, 'hash');
    });
  }

  it('takes the addresses of one subscriber of IPv6 together', () => {
    const endpoints = some(50);
    const plan = planOf({ kind: 'hash', by: [{ kind: 'ip' }], boundedLoad: UNBOUNDED });
    const chooser = balancerOf(plan, endpoints, { states: statesFor(endpoints) });
    const home = (address: string) =>
      chooser.pick(NOTHING_TRIED, NOW, exchangeFrom({ client: { address, family: 'ipv6', port: 1 } }));
    const homes = Array.from({ length: 20 }, (_, i) => home(`2001:db8:1:2::${i.toString(16)}`));
    const others = Array.from({ length: 20 }, (_, i) => home(`2001:db8:1:${(i + 3).toString(16)}::1`));
    assert.equal(new Set(homes).size, 1);
    assert.ok(new Set(others).size > 5);
  });

  it('takes the first key that there is, and without any chooses like adaptive', () => {
    const endpoints = some(50);
    const by: HashKeyConfig[] = [
      { kind: 'cookie', name: 'session' },
      { kind: 'header', name: 'x-user' },
    ];
    const plan = planOf({ kind: 'hash', by, boundedLoad: UNBOUNDED });
    const chooser = balancerOf(plan, endpoints, { states: statesFor(endpoints) });
    const both = exchangeFrom({ headers: headersOf(['X-User', 'u'], ['Cookie', 'session=s']) });
    const session = exchangeFrom({ headers: headersOf(['Cookie', 'session=s']) });
    const home = chooser.pick(NOTHING_TRIED, NOW, session);
    assert.equal(chooser.pick(NOTHING_TRIED, NOW, both), home);
    const homes = Array.from({ length: 50 }, () => chooser.pick(NOTHING_TRIED, NOW, exchangeFrom()));
    assert.ok(new Set(homes).size > 10);
    assert.equal(chooser.reason, 'adaptive');
  });

  it('moves the keys of an endpoint that is down, always to the same others, and no other key', () => {
    const endpoints = some(10);
    const states = statesFor(endpoints);
    const chooser = balancerOf(byUser(), endpoints, { states });
    const before = USERS.map((name) => homeOf(chooser, name));
    states.setChecked(3, false);
    const moved = USERS.map((name) => {
      const home = homeOf(chooser, name);
      assert.equal(chooser.reason, before[name] === 3 ? 'moved' : 'hash');
      return home;
    });
    USERS.forEach((name) => {
      if (before[name] !== 3) assert.equal(moved[name], before[name]);
      else assert.equal(moved[name], homeOf(chooser, name));
    });
    const hosts = new Set(USERS.filter((name) => before[name] === 3).map((name) => moved[name]));
    assert.equal(hosts.size, 9);
    states.setChecked(3, true);
    assert.deepEqual(
      USERS.map((name) => homeOf(chooser, name)),
      before,
    );
  });

  it('goes on to other endpoints until all were tried', () => {
    const endpoints = some(30);
    const chooser = balancerOf(byUser(), endpoints, { states: statesFor(endpoints) });
    const tried: number[] = [];
    for (let i = 0; i < 30; i++) tried.push(chooser.pick(tried, NOW, user(1)));
    assert.equal(new Set(tried).size, 30);
    assert.equal(chooser.reason, 'moved');
    assert.equal(chooser.pick(tried, NOW, user(1)), -1);
  });

  for (const count of [2, 5, 16]) {
    it(`never lets one of ${count} have more than its bound, however hot a key is`, () => {
      const endpoints = some(count);
      const states = statesFor(endpoints);
      const chooser = balancerOf(byUser(1.25), endpoints, { states });
      for (let underWay = 0; underWay < 40 * count; underWay++) {
        const at = homeOf(chooser, 'hot');
        assert.ok(states.inflight(at) + 1 <= Math.ceil((1.25 * (underWay + 1)) / count));
        states.begin(at);
      }
    });
  }

  it('bounds the load among many as well, though it counts them a few at a time', () => {
    const endpoints = some(500);
    const states = statesFor(endpoints);
    const chooser = balancerOf(byUser(2), endpoints, { states });
    for (let i = 0; i < 5000; i++) states.begin(homeOf(chooser, i % 3));
    const most = Math.max(...endpoints.map(({ slot }) => states.inflight(slot)));
    assert.ok(most <= 20, `${most}`);
  });

  it('keeps the keys of a level that gets less than all, and gives the others to the next', () => {
    const endpoints = [...some(4), ...some(8, { priority: 1 }).slice(4)];
    const states = statesFor(endpoints);
    const chooser = balancerOf(byUser(), endpoints, { states });
    const before = USERS.map((name) => homeOf(chooser, name));
    assert.ok(before.every((home) => home < 4));
    states.setChecked(0, false);
    states.setChecked(1, false);
    const after = USERS.map((name) => homeOf(chooser, name));
    const first = after.filter((home) => home < 4).length / USERS.length;
    assert.ok(Math.abs(first - 0.7) < 0.04, `${first}`);
    USERS.forEach((name) => {
      if ((after[name] ?? 0) < 4 && (before[name] ?? 0) > 1) assert.equal(after[name], before[name]);
    });
  });

  it('makes its table once for the same endpoints', () => {
    const endpoints = some(3);
    const memory = newBalancerMemory();
    balancerOf(byUser(), endpoints, { states: statesFor(endpoints), memory });
    const table = memory.tables.get(0);
    assert.ok(table !== undefined);
    const drained = [...endpoints, endpointAt(3, { weight: 0 })];
    balancerOf(byUser(), drained, { states: statesFor(drained), memory });
    assert.equal(memory.tables.get(0), table);
    balancerOf(byUser(), some(4), { states: statesFor(drained), memory });
    assert.notEqual(memory.tables.get(0), table);
    assert.equal(memory.tables.size, 1);
  });
});
