import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { NodeReport } from '../domain/fleet.ts';
import { StoreUnavailable } from '../domain/store.ts';
import { membership } from './membership.ts';
import { nodeId } from './node-id.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-node-'));
after(() => rm(root, { recursive: true }));

const LOAD = { requests: 0, errors: 0, p50Ms: 0, p99Ms: 0, inFlight: 0, cpu: 0 };
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** A member on a clock that moves when it is told to, and what it says. */
function member() {
  let now = 1_000_000;
  let revision = 1;
  let isAway = false;
  let due: { at: number; run: () => void } | null = null;
  const said: string[] = [];
  const fleet = {
    report: async (report: NodeReport) => {
      if (isAway) throw new StoreUnavailable();
      said.push(`${now} ${report.revision}`);
    },
    forget: async (before: number) => void said.push(`forget ${before}`),
  };
  const clock = {
    epoch: () => now,
    after: (ms: number, run: () => void) => {
      const one = { at: now + ms, run };
      due = one;
      return () => {
        if (due === one) due = null;
      };
    },
  };
  const about = { id: 'a', name: 'a', zone: '', version: '1', startedAt: 0, quarantined: [], load: LOAD };
  const own = membership({ fleet, clock, log: QUIET, describe: () => ({ ...about, revision }) });
  return {
    own,
    said,
    away: (away: boolean) => (isAway = away),
    at: (value: number) => (revision = value),
    isDue: () => due !== null,
    /** Lets what was begun end, then time pass. */
    async pass(ms: number) {
      await new Promise(setImmediate);
      now += ms;
      const next = due;
      if (next !== null && next.at <= now) {
        due = null;
        next.run();
      }
      await new Promise(setImmediate);
    },
  };
}

describe('a member of the fleet', () => {
  it('says how it does at once and every three seconds, and forgets old ones once a minute', async () => {
    const { own, said, pass, isDue } = member();
    own.start();
    await pass(3000);
    await pass(2999);
    await pass(1);
    assert.deepEqual(said, ['1000000 1', 'forget 400000', '1003000 1', '1006000 1']);
    await own.close();
    assert.ok(!isDue());
  });

  it('says at once what has changed, and never two things at the same time', async () => {
    const { own, said, pass, at } = member();
    own.start();
    at(2);
    own.changed();
    own.changed();
    await pass(0);
    assert.deepEqual(said, ['1000000 1', 'forget 400000', '1000000 2']);
    await own.close();
  });

  it('goes on after the database was away', async () => {
    const { own, said, pass, away } = member();
    away(true);
    own.start();
    await pass(3000);
    assert.ok(!own.isHeard());
    away(false);
    await pass(3000);
    assert.ok(own.isHeard());
    assert.deepEqual(said, ['1006000 1', 'forget 406000']);
    await own.close();
  });
});

describe('the id of a gateway', () => {
  const unexpected = (error: unknown): void => assert.fail(String(error));

  it('stays over restarts, and is the same for who comes at the same moment', async () => {
    const directory = join(root, 'state');
    const ids = await Promise.all([nodeId(directory, unexpected), nodeId(directory, unexpected)]);
    assert.match(ids[0], /^[0-9a-f-]{36}$/);
    assert.equal(ids[0], ids[1]);
    assert.equal(await nodeId(directory, unexpected), ids[0]);
    assert.equal((await stat(join(directory, 'node-id'))).mode & 0o777, 0o600);
  });

  it('is for this time only where none can be kept, and what is there stays', async () => {
    const path = join(root, 'node-id');
    await writeFile(path, 'something else');
    const problems: unknown[] = [];
    assert.match(await nodeId(root, (error) => problems.push(error)), /^[0-9a-f-]{36}$/);
    assert.equal(problems.length, 1);
    assert.equal(await readFile(path, 'utf8'), 'something else');
  });
});
