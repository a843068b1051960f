import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EndpointStates, SUPERVISOR } from '../upstream/balance/endpoint-states.ts';
import { ApplyFailed, ThreadGone, type Patience, type ThreadHome } from './running-thread.ts';
import { allocateMemory } from './shared-memory.ts';
import { hearLog, snapshotOf, STUB_THREAD, stubPool } from './threads-testing.ts';
import { seatsFor, type PoolOptions, type WorkerPool } from './worker-pool.ts';

const AT_ONCE = { preStopMs: 0, drainMs: 0 };
const PATIENTLY = { preStopMs: 0, drainMs: 20_000 };
const DIED = 'a data thread died and will be replaced';

const revisions = (pool: WorkerPool) => pool.views.map(({ revision }) => revision);
const states = (pool: WorkerPool) => pool.views.map(({ state }) => state);

/** Threads that have little time for one thing. */
function homeWith(hurry: Partial<Patience>): ThreadHome {
  return {
    entry: STUB_THREAD,
    patience: { startMs: 20_000, applyMs: 20_000, silenceMs: 20_000, ...hurry },
    writeLog: () => {},
    runErrand: () => Promise.reject(new Error('nobody runs errands here')),
  };
}

async function withPool(
  threads: number,
  use: (pool: WorkerPool, log: ReturnType<typeof hearLog>) => Promise<void>,
  options: Partial<PoolOptions> = {},
): Promise<void> {
  const log = hearLog();
  const pool = stubPool(threads, log, options);
  try {
    await pool.start(snapshotOf(1, 'web'));
    await use(pool, log);
  } finally {
    await pool.stop(AT_ONCE);
  }
}

describe('a pool of data threads', () => {
  it('has all threads serve when it has started, at the port that the first got', async () => {
    await withPool(3, async (pool) => {
      assert.deepEqual(states(pool), ['ready', 'ready', 'ready']);
      assert.deepEqual([...pool.ports], [['web', 40_000]]);
      assert.equal(pool.snapshot.listeners[0]?.address.port, 40_000);
    });
  });

  it('leaves nothing running when a thread cannot start', async () => {
    const pool = stubPool(3, hearLog());
    await assert.rejects(pool.start(snapshotOf(1, 'web', 'never-starts-1')), ThreadGone);
    assert.deepEqual(pool.views, []);
  });

  it('applies a snapshot in all threads, and keeps the ports', async () => {
    await withPool(3, async (pool) => {
      await pool.apply(snapshotOf(2, 'web', 'new'));
      assert.deepEqual(revisions(pool), [2, 2, 2]);
      assert.deepEqual(
        [...pool.ports],
        [
          ['web', 40_000],
          ['new', 40_000],
        ],
      );
    });
  });

  it('goes back in all threads when one cannot apply a snapshot', async () => {
    await withPool(3, async (pool, log) => {
      await assert.rejects(pool.apply(snapshotOf(2, 'web', 'refuses-2')), ApplyFailed);
      assert.deepEqual(revisions(pool), [1, 1, 1]);
      assert.deepEqual([...pool.ports.keys()], ['web']);
      assert.equal(log.entries.filter(({ message }) => message === DIED).length, 0);
      await pool.apply(snapshotOf(3, 'web'));
      assert.deepEqual(revisions(pool), [3, 3, 3]);
    });
  });

  it('takes the word of a replacement when a thread dies of a snapshot once', async () => {
    await withPool(2, async (pool) => {
      await pool.apply(snapshotOf(2, 'web', 'dies-1'));
      assert.deepEqual(revisions(pool), [2, 2]);
    });
  });

  it('goes back when the replacement dies of the snapshot as well', async () => {
    await withPool(2, async (pool) => {
      await assert.rejects(pool.apply(snapshotOf(2, 'web', 'never-starts-1')), ThreadGone);
      assert.deepEqual(revisions(pool), [1, 1]);
      assert.deepEqual(states(pool), ['ready', 'ready']);
    });
  });

  it('replaces a thread that does not answer', async () => {
    const home = homeWith({ applyMs: 50 });
    await withPool(
      2,
      async (pool, log) => {
        await pool.apply(snapshotOf(2, 'web', 'hangs-0'));
        assert.deepEqual(revisions(pool), [2, 2]);
        assert.match(String((await log.heard(DIED)).fields['error' as never]), /in time/);
      },
      { home },
    );
  });
});

describe('a thread that is caught in a loop', () => {
  it('is ended and replaced', async () => {
    await withPool(
      2,
      async (pool, log) => {
        await pool.apply(snapshotOf(2, 'web', 'mute-1'));
        assert.match(String((await log.heard(DIED)).fields['error' as never]), /does not answer any more/);
      },
      { home: homeWith({ silenceMs: 30 }) },
    );
  });
});

describe('a thread that dies', () => {
  it('is replaced in its place, while the others stay', async () => {
    let deaths = 0;
    await withPool(
      2,
      async (pool, log) => {
        assert.deepEqual(pool.kill(1), { kind: 'killed' });
        await log.heard(DIED);
        await pool.apply(snapshotOf(2, 'web')); // waits for the replacement
        assert.deepEqual(
          pool.views.map(({ thread, deaths, state }) => ({ thread, deaths, state })),
          [
            { thread: 0, deaths: 0, state: 'ready' },
            { thread: 1, deaths: 1, state: 'ready' },
          ],
        );
        assert.equal(deaths, 1);
      },
      { onDeath: () => deaths++ },
    );
  });

  it('gives back what it had in flight', async () => {
    const shared = allocateMemory({
      seats: seatsFor(2),
      endpoints: 4,
      replays: 8,
      counters: 8,
      leases: 8,
      keyCounts: 16,
      connectionCounts: 16,
      services: 4,
      classes: 4,
    });
    const ofThread = new EndpointStates(shared.endpointStates, 1);
    const overview = new EndpointStates(shared.endpointStates, SUPERVISOR);
    await withPool(
      2,
      async (pool, log) => {
        ofThread.begin(3);
        assert.equal(overview.inflight(3), 1);
        pool.kill(1);
        await log.heard(DIED);
        assert.equal(overview.inflight(3), 0);
      },
      { shared, release: (thread) => overview.releaseThread(thread) },
    );
  });
});

describe('a restart without loss', () => {
  it('starts the replacement under a free number before the old thread goes', async () => {
    await withPool(2, async (pool, log) => {
      assert.deepEqual(await pool.restart(1, PATIENTLY), { kind: 'restarted', replacedBy: 2 });
      await log.heard('a data thread was restarted');
      assert.deepEqual(
        pool.views.map(({ thread, state }) => ({ thread, state })),
        [
          { thread: 0, state: 'ready' },
          { thread: 2, state: 'ready' },
        ],
      );
      assert.deepEqual(await pool.restart(0, PATIENTLY), { kind: 'restarted', replacedBy: 1 });
    });
  });

  it('refuses a second one while the first thread is on its way out, and threads that are not there', async () => {
    await withPool(2, async (pool) => {
      await pool.apply(snapshotOf(2, 'busy-0'));
      assert.equal((await pool.restart(0, PATIENTLY)).kind, 'restarted');
      assert.deepEqual(await pool.restart(1, PATIENTLY), { kind: 'busy' });
      assert.deepEqual(await pool.restart(0, PATIENTLY), { kind: 'unknown' });
      assert.deepEqual(pool.kill(7), { kind: 'unknown' });
    });
  });
});

describe('stopping a pool', () => {
  it('has each thread close, and cuts nothing', async () => {
    await withPool(2, async (pool, log) => {
      assert.equal(await pool.stop(PATIENTLY), 0);
      const told = log.entries.filter(({ fields }) => fields['thread' as never] === 1);
      assert.deepEqual(
        told.map(({ message }) => message),
        ['close'],
      );
      assert.deepEqual(pool.views, []);
    });
  });

  it('ends threads that do not finish in time, and counts them', async () => {
    await withPool(2, async (pool) => {
      await pool.apply(snapshotOf(2, 'busy-1'));
      assert.equal(await pool.stop({ preStopMs: 0, drainMs: 20 }), 1);
    });
  });

  it('does not wait for the replacement of a thread that died', async () => {
    await withPool(1, async (pool, log) => {
      pool.kill(0);
      await log.heard(DIED);
      assert.equal(await pool.stop(PATIENTLY), 0);
      assert.deepEqual(pool.views, []);
    });
  });
});
