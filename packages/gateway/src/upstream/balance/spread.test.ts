import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endpointAt } from './balance-testing.ts';
import { Candidates, NOTHING_TRIED } from './candidates.ts';
import { EndpointStates } from './endpoint-states.ts';
import { Outlook } from './outlook.ts';
import { zoneSpread } from './spread.ts';

const NOW = 1_700_000_000_000;

/** Which part of the traffic goes to each zone from one that stands in `localZone`. `zones` is a letter an endpoint. */
function sharesFrom(
  localZone: string | null,
  zones: string,
  down: readonly number[] = [],
): Map<string, number> {
  const endpoints = Array.from(zones, (zone, slot) => endpointAt(slot, { zone: zone === '-' ? null : zone }));
  const states = new EndpointStates(EndpointStates.allocate(endpoints.length, 1), 0);
  for (const slot of down) states.setChecked(slot, false);
  const candidates = new Candidates(endpoints, localZone);
  const outlook = new Outlook(candidates, states, { slowStartMs: 0, panicThreshold: 50, panicked() {} });
  outlook.begin(NOTHING_TRIED, NOW);
  const spread = zoneSpread(outlook);
  spread.update();
  const shares = new Map<string, number>();
  spread.runs.forEach(({ from, to }, run) => {
    const share = (spread.shares[run] ?? 0) / (to - from);
    for (let at = from; at < to; at++) {
      const zone = zones[candidates.index(at)] ?? '';
      shares.set(zone, (shares.get(zone) ?? 0) + share);
    }
  });
  return shares;
}

describe('the spread over zones', () => {
  const table: readonly [string, string | null, string, Record<string, number>][] = [
    ['stays here when zones are even', 'a', 'aabbcc', { a: 1, b: 0, c: 0 }],
    ['stays here when there is more here', 'a', 'aaaabc', { a: 1, b: 0, c: 0 }],
    [
      'leaves as much as is missing here, to where there is more',
      'a',
      'abbbcccccc',
      { a: 0.3, b: 0, c: 0.7 },
    ],
    ['leaves for all that have more, as far as they have', 'a', 'abbbbccc', { a: 0.375, b: 0.5, c: 0.125 }],
    ['takes endpoints without a zone for one more', 'a', 'a-', { a: 1, '-': 0 }],
    ['goes everywhere when nothing is here', 'x', 'aab', { a: 0.6667, b: 0.3333 }],
    ['goes everywhere when nobody knows where it is', null, 'aab', { a: 0.6667, b: 0.3333 }],
    ['stays when there is no other zone', 'a', 'aa', { a: 1 }],
  ];
  for (const [title, zone, zones, expected] of table) {
    it(`${title}: ${zones} from ${zone}`, () => {
      const shares = sharesFrom(zone, zones);
      for (const [name, share] of Object.entries(expected)) {
        assert.ok(Math.abs((shares.get(name) ?? 0) - share) < 1e-3, `${name} ${shares.get(name)}`);
      }
    });
  }

  it('loads all endpoints alike when gateways stand in all zones, however uneven these are', () => {
    for (const zones of ['aabbcc', 'abbbcccccc', 'abbcccccccccc', 'aaaaaabbbbbbbccccc']) {
      const loads = ['a', 'b', 'c'].map((zone) => {
        const shares = ['a', 'b', 'c'].map((from) => sharesFrom(from, zones).get(zone) ?? 0);
        return shares.reduce((a, b) => a + b) / 3 / zones.split(zone).slice(1).length;
      });
      for (const load of loads)
        assert.ok(Math.abs(load * zones.length - 1) < 1e-9, `${zones} ${loads.join()}`);
    }
  });

  it('counts those that are healthy, and goes by weight alone in a panic', () => {
    assert.ok(Math.abs((sharesFrom('a', 'aaabbb', [0, 1]).get('a') ?? 0) - 0.5) < 1e-9);
    assert.equal(sharesFrom('a', 'aabb', [0, 1]).get('a'), 0);
    assert.ok(Math.abs((sharesFrom('a', 'aabbbbbb', [0, 1, 2, 3, 4, 5]).get('a') ?? 0) - 0.25) < 1e-9);
  });
});
