import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callerOf } from '../core/identity-testing.ts';
import { exchangeFrom } from '../core/exchange-testing.ts';
import { FairShares, UNCOUNTED } from './fair-shares.ts';
import { KeyCounts } from './key-counts.ts';
import { ServiceLimits } from './service-limits.ts';

const ROOM = 100;
const NOW_MS = 1_700_000_000_000;

function setUp() {
  const limits = new ServiceLimits(ServiceLimits.allocate(1, 1), 0);
  const counts = new KeyCounts(KeyCounts.allocate(1024, 1), 0);
  return new FairShares('service', limits.line(0), counts);
}

function caller(key: string) {
  return Object.assign(exchangeFrom(), { identity: callerOf({ key }) });
}

function at(address: string) {
  return exchangeFrom({ client: { address, family: 'ipv6', port: 1 } });
}

describe('fair shares', () => {
  it('leave a fifth of the room to others, once one has half of it', () => {
    const shares = setUp();
    const [greedy, other] = [caller('greedy'), caller('other')];
    const places = Array.from({ length: 50 }, () => shares.enter(greedy, 60, ROOM));
    assert.equal(shares.isUsedUp(other, 80, ROOM, NOW_MS), false);
    assert.equal(shares.isUsedUp(greedy, 79, ROOM, NOW_MS), false);
    assert.equal(shares.isUsedUp(greedy, 80, ROOM, NOW_MS), true);
    assert.equal(shares.isUsedUp(other, 99, ROOM, NOW_MS), false);
    shares.leave(places[0] ?? UNCOUNTED);
    assert.equal(shares.isUsedUp(greedy, 80, ROOM, NOW_MS), false);
  });

  it('leave everything to one who is alone, until ten seconds after somebody else came', () => {
    const shares = setUp();
    const greedy = caller('greedy');
    for (let i = 0; i < 80; i++) shares.enter(greedy, 60, ROOM);
    assert.equal(shares.isUsedUp(greedy, 99, ROOM, NOW_MS), false);
    shares.isUsedUp(caller('other'), 99, ROOM, NOW_MS);
    assert.equal(shares.isUsedUp(greedy, 99, ROOM, NOW_MS + 5000), true);
    assert.equal(shares.isUsedUp(greedy, 99, ROOM, NOW_MS + 15_000), false);
  });

  it('count nobody where there is enough for everybody', () => {
    const shares = setUp();
    assert.equal(shares.enter(caller('one'), 49, ROOM), UNCOUNTED);
    assert.notEqual(shares.enter(caller('one'), 50, ROOM), UNCOUNTED);
    shares.leave(UNCOUNTED);
  });

  it('know callers without credentials by their network', () => {
    const shares = setUp();
    for (let i = 0; i < 50; i++) shares.enter(at(`2001:db8::${i.toString(16)}`), 60, ROOM);
    shares.isUsedUp(caller('other'), 80, ROOM, NOW_MS);
    assert.equal(shares.isUsedUp(at('2001:db8::ffff'), 80, ROOM, NOW_MS), true);
    assert.equal(shares.isUsedUp(at('2001:db8:0:1::1'), 80, ROOM, NOW_MS), false);
  });
});
