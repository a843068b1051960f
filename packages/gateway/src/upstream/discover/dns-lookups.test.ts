import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import type { DnsAnswer } from './dns-client.ts';
import { DnsLookups } from './dns-lookups.ts';

const never = new AbortController().signal;
const HOUR = 3_600_000;

/** What the servers say: addresses by family, `gone`, or `failing`. */
interface Says {
  A: readonly string[] | 'gone' | 'failing';
  AAAA: readonly string[] | 'gone' | 'failing';
}

function lookups(says: Says) {
  const clock = manualClock();
  const asked: string[] = [];
  const names = new DnsLookups({
    clock,
    ask: async ({ name, type }): Promise<DnsAnswer> => {
      asked.push(`${type} ${name}`);
      const said = type === 'SRV' ? [] : says[type];
      if (said === 'failing') throw new Error(`${type} SERVFAIL`);
      const ttlSeconds = type === 'A' ? 30 : 20;
      const addresses = said === 'gone' ? [] : said;
      const records = addresses.map((address) => ({ type: 'A', name, ttlSeconds, address }) as const);
      return { exists: said !== 'gone', records, ttlSeconds, additionals: [] };
    },
  });
  /** `addresses ttl`, `stale addresses: problem`. */
  const look = async (name = 'a.test'): Promise<string> => {
    const { isFresh, items, ttlMs, problem } = await names.addresses(name, never);
    return isFresh ? `${items.join(' ')} ${ttlMs}`.trim() : `stale ${items.join(' ')}: ${problem}`;
  };
  return { clock, asked, names, look };
}

describe('the addresses of a name', () => {
  it('are those of both families, for the shorter of their times', async () => {
    const { look } = lookups({ A: ['1.1.1.1', '1.1.1.2'], AAAA: ['::1'] });
    assert.equal(await look(), '1.1.1.1 1.1.1.2 ::1 20000');
  });

  it('are known for as long as the family that has any says', async () => {
    const { look } = lookups({ A: ['1.1.1.1'], AAAA: [] });
    assert.equal(await look(), '1.1.1.1 30000');
  });

  it('are none when there are none of either family', async () => {
    assert.equal(await lookups({ A: [], AAAA: [] }).look(), '5000');
  });

  it('of a family that fails are those from before, for an hour', async () => {
    const says: Says = { A: ['1.1.1.1'], AAAA: ['::1'] };
    const { look, clock } = lookups(says);
    await look();
    says.AAAA = 'failing';
    clock.advance(HOUR);
    assert.equal(await look(), '1.1.1.1 ::1 30000');
    clock.advance(1);
    assert.equal(await look(), '1.1.1.1 30000');
  });

  it('are unknown when one family has none and the other does not say', async () => {
    assert.equal(await lookups({ A: [], AAAA: 'failing' }).look(), 'stale : AAAA SERVFAIL');
  });

  it('are stale when nobody says anything', async () => {
    const says: Says = { A: ['1.1.1.1'], AAAA: [] };
    const { look } = lookups(says);
    await look();
    says.A = says.AAAA = 'failing';
    assert.equal(await look(), 'stale 1.1.1.1: A SERVFAIL');
  });

  it('are gone when the name is gone twice in a row', async () => {
    const says: Says = { A: ['1.1.1.1'], AAAA: [] };
    const { look } = lookups(says);
    await look();
    says.A = says.AAAA = 'gone';
    assert.equal(await look(), 'stale 1.1.1.1: A a.test: NXDOMAIN');
    says.A = says.AAAA = ['1.1.1.1'];
    await look();
    says.A = says.AAAA = 'gone';
    assert.equal(await look(), 'stale 1.1.1.1 1.1.1.1: A a.test: NXDOMAIN');
    assert.equal(await look(), '5000');
    assert.equal(await look(), '5000');
  });

  it('are those of one family where servers wrongly deny the name for the other', async () => {
    assert.equal(await lookups({ A: ['1.1.1.1'], AAAA: 'gone' }).look(), '1.1.1.1 30000');
  });
});

describe('a name', () => {
  it('without a dot is tried with each search domain, then as it is', async () => {
    const { look, names, asked } = lookups({ A: 'gone', AAAA: 'gone' });
    names.begin({ servers: [], search: ['x.test', 'y.test'], hosts: '' });
    await look('users');
    const ofA = asked.filter((one) => one.startsWith('A '));
    assert.deepEqual(ofA, ['A users.x.test', 'A users.y.test', 'A users']);
  });

  it('with a dot is tried as it is', async () => {
    const { look, names, asked } = lookups({ A: ['1.1.1.1'], AAAA: [] });
    names.begin({ servers: [], search: ['x.test'], hosts: '' });
    await look('users.');
    await look('users.test');
    assert.deepEqual(asked.sort(), ['A users', 'A users.test', 'AAAA users', 'AAAA users.test']);
  });

  it('that is in the hosts file, or is an address, is not asked for', async () => {
    const { look, names, asked } = lookups({ A: 'failing', AAAA: 'failing' });
    names.begin({ servers: [], search: [], hosts: '10.0.0.1 users' });
    assert.equal(await look('users'), '10.0.0.1 5000');
    assert.equal(await look('::1'), '::1 5000');
    assert.deepEqual(asked, []);
  });
});
