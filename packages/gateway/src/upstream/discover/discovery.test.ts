import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { DiscoveryConfig } from '@turnpike/config';
import { eventually } from '@turnpike/testkit';
import { endpoint, fleet, type ManualTime, manualTime, type PuppetSource } from './discover-testing.ts';
import { puppetOpeners, sourcePorts } from './discover-testing.ts';
import { Discovery } from './discovery.ts';
import type { HeardLog } from '../../threads/threads-testing.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-discovery-'));
after(() => rm(root, { recursive: true }));
let directories = 0;

interface Site {
  readonly discovery: Discovery;
  readonly time: ManualTime;
  readonly log: HeardLog;
  readonly puppets: readonly PuppetSource[];
  /** What was published, as `service: number of endpoints`. */
  readonly news: string[];
  readonly directory: string;
}

async function discovering(
  test: (site: Site) => Promise<void>,
  directory = join(root, String(++directories)),
): Promise<void> {
  const time = manualTime();
  const ports = sourcePorts(time);
  const { openers, puppets } = puppetOpeners();
  const news: string[] = [];
  const publish = (service: string, found: readonly unknown[]) =>
    void news.push(`${service}: ${found.length}`);
  const discovery = new Discovery({ ...ports, openers, stateDirectory: directory, publish });
  try {
    await test({ discovery, time, log: ports.log, puppets, news, directory });
  } finally {
    await discovery.close();
  }
  assert.ok(puppets.every(({ isClosed }) => isClosed()));
  assert.deepEqual(time.waits, []);
}

const registry = (name: string): DiscoveryConfig => ({ kind: 'registry', name });
const service = (id: string, name = id) => ({ id, discovery: registry(name) });

/** The puppet that was opened last, when it is there: what is on disk is read before. */
async function opened(puppets: readonly PuppetSource[], count = 1): Promise<PuppetSource> {
  await eventually(() => puppets.length >= count, 'the source is open');
  const puppet = puppets[count - 1];
  assert.ok(puppet);
  return puppet;
}

describe('services that are discovered', () => {
  it('are published at once, with the first answer, and then only when they change', async () => {
    await discovering(async ({ discovery, puppets, news, time }) => {
      const used = discovery.use([service('a')]);
      const puppet = await opened(puppets);
      puppet.found(fleet(2), '1');
      assert.deepEqual(news, ['a: 2']);
      await used;
      await time.advance(1000);
      puppet.found(fleet(2).toReversed(), '2');
      assert.deepEqual(news, ['a: 2']);
      puppet.found(fleet(3), '3');
      assert.deepEqual(news, ['a: 2', 'a: 3']);
      assert.equal(discovery.status[0]?.version, '3');
    });
  });

  it('share a watch when they say the same', async () => {
    await discovering(async ({ discovery, puppets, news }) => {
      const used = discovery.use([service('a', 'x'), service('b', 'x'), { id: 'c', discovery: null }]);
      const puppet = await opened(puppets);
      puppet.found(fleet(2), '');
      await used;
      assert.deepEqual([puppets.length, news], [1, ['a: 2', 'b: 2']]);
      await discovery.use([service('b', 'x'), service('late', 'x')]);
      assert.deepEqual([puppets.length, news.at(-1), puppet.isClosed()], [1, 'late: 2', false]);
      assert.deepEqual(
        discovery.status.map(({ service: id }) => id),
        ['b', 'late'],
      );
    });
  });

  it('are watched elsewhere when their configuration says so, and no more when they are gone', async () => {
    await discovering(async ({ discovery, puppets, news }) => {
      const first = discovery.use([service('a', 'x')]);
      (await opened(puppets)).found(fleet(1), '');
      await first;
      const second = discovery.use([service('a', 'y')]);
      const other = await opened(puppets, 2);
      assert.deepEqual([puppets[0]?.isClosed(), other.name], [true, 'y']);
      puppets[0]?.found(fleet(9), '');
      other.found(fleet(2), '');
      await second;
      assert.deepEqual(news, ['a: 1', 'a: 2']);
      await discovery.use([]);
      assert.ok(other.isClosed());
      assert.deepEqual(discovery.status, []);
    });
  });

  it('are not waited for when their source says nothing', async () => {
    await discovering(async ({ discovery, puppets, time, news }) => {
      let isUsed = false;
      const used = discovery.use([service('a')]).then(() => (isUsed = true));
      await opened(puppets);
      await time.advance(2999);
      assert.ok(!isUsed);
      await time.advance(1);
      await used;
      assert.deepEqual(news, []);
      assert.deepEqual(discovery.status[0]?.from, 'nothing');
    });
  });

  it('are asked for again on demand, but once a second', async () => {
    await discovering(async ({ discovery, puppets, time }) => {
      const used = discovery.use([service('a')]);
      const puppet = await opened(puppets);
      puppet.found([], '');
      await used;
      for (let n = 0; n < 5; n++) discovery.refresh('a');
      discovery.refresh('unknown');
      assert.equal(puppet.refreshes(), 1);
      await time.advance(1000);
      discovery.refresh('a');
      assert.equal(puppet.refreshes(), 2);
    });
  });

  it('have a problem when their source cannot even be opened', async () => {
    await discovering(async ({ discovery, log, puppets }) => {
      const config: DiscoveryConfig = { kind: 'file', path: '/x' };
      void discovery.use([{ id: 'a', discovery: config }]);
      await log.heard('endpoints cannot be discovered');
      assert.equal(discovery.status[0]?.problem, 'there is no such source here');
      await discovery.use([]);
      assert.equal(puppets.length, 0);
    });
  });
});

describe('a burst', () => {
  it('is published first at once, then as its last state', async () => {
    await discovering(async ({ discovery, puppets, time, news }) => {
      const used = discovery.use([service('a')]);
      const puppet = await opened(puppets);
      puppet.found(fleet(1), '');
      await used;
      for (let size = 2; size < 60; size++) puppet.found(fleet(size), '');
      assert.deepEqual(news, ['a: 1']);
      await time.advance(99);
      assert.deepEqual(news, ['a: 1']);
      await time.advance(1);
      assert.deepEqual(news, ['a: 1', 'a: 59']);
      assert.equal(discovery.status[0]?.changes, 2);
    });
  });

  it('of fifty changes a second costs ten publications a second', async () => {
    await discovering(async ({ discovery, puppets, time, news }) => {
      const used = discovery.use([service('a')]);
      const puppet = await opened(puppets);
      for (let n = 0; n < 500; n++) {
        puppet.found(fleet(20 + (n % 7)), String(n));
        await time.advance(20);
      }
      await used;
      assert.ok(news.length >= 90 && news.length <= 101, String(news.length));
    });
  });
});

describe('an answer that is not believed', () => {
  it('shows in the status and the log, and is published when its time has come', async () => {
    await discovering(async ({ discovery, puppets, time, news, log }) => {
      const used = discovery.use([service('a')]);
      const puppet = await opened(puppets);
      puppet.found(fleet(10), '');
      await used;
      await time.advance(1000);
      puppet.found([], '');
      assert.deepEqual(discovery.status[0]?.pending, { endpoints: 0, reason: 'it is empty', seconds: 10 });
      assert.equal(log.entries.at(-1)?.message, 'what a registry says is not believed yet');
      await time.advance(9999);
      assert.deepEqual(news, ['a: 10']);
      await time.advance(1);
      assert.deepEqual(news, ['a: 10', 'a: 0']);
      assert.equal(discovery.status[0]?.pending, null);
    });
  });

  it('does not come true while the source fails', async () => {
    await discovering(async ({ discovery, puppets, time, news, log }) => {
      const used = discovery.use([service('a')]);
      const puppet = await opened(puppets);
      puppet.found(fleet(10), '7');
      await used;
      await time.advance(1000);
      puppet.found([], '8');
      for (let n = 0; n < 600; n++) {
        puppet.failed('connection refused');
        await time.advance(1000);
      }
      assert.deepEqual(news, ['a: 10']);
      const { problem, ageSeconds, from } = discovery.status[0] ?? {};
      assert.deepEqual(
        { problem, ageSeconds, from },
        { problem: 'connection refused', ageSeconds: 600, from: 'source' },
      );
      puppet.found(fleet(11), '9');
      assert.deepEqual(news, ['a: 10', 'a: 11']);
      const told = log.entries.map(({ level, message }) => `${level} ${message}`);
      assert.deepEqual(told, [
        'debug endpoints changed',
        'warn what a registry says is not believed yet',
        'warn endpoints cannot be discovered',
        'info endpoints can be discovered again',
        'debug endpoints changed',
      ]);
    });
  });
});

describe('the last good set', () => {
  /** Lets a registry say this, and stops. */
  async function savedBefore(directory: string, name = 'a'): Promise<void> {
    await discovering(async ({ discovery, puppets }) => {
      const used = discovery.use([service('a', name)]);
      (await opened(puppets)).found([endpoint('old', { zone: 'z', port: 8080 })], '1');
      await used;
    }, directory);
  }

  it('is on disk, for the eyes of its owner, and nothing else is left there', async () => {
    const directory = join(root, String(++directories));
    await savedBefore(directory);
    const path = join(directory, 'endpoints', 'a.json');
    assert.deepEqual(await readdir(join(directory, 'endpoints')), ['a.json']);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.match(await readFile(path, 'utf8'), /"host":"old"/);
  });

  it('is used when the source fails at the start', async () => {
    const directory = join(root, String(++directories));
    await savedBefore(directory);
    await discovering(async ({ discovery, puppets, news, time }) => {
      time.clock.advance(60_000);
      const used = discovery.use([service('a')]);
      const puppet = await opened(puppets);
      puppet.failed('down');
      await used;
      assert.deepEqual(news, ['a: 1']);
      const { from, ageSeconds, problem } = discovery.status[0] ?? {};
      assert.deepEqual({ from, ageSeconds, problem }, { from: 'disk', ageSeconds: 60, problem: 'down' });
      puppet.found(fleet(3), '');
      await time.advance(100);
      assert.deepEqual([news.at(-1), discovery.status[0]?.from], ['a: 3', 'source']);
    }, directory);
  });

  it('is used when the source says nothing for a second', async () => {
    const directory = join(root, String(++directories));
    await savedBefore(directory);
    await discovering(async ({ discovery, puppets, news, time }) => {
      const used = discovery.use([service('a')]);
      await opened(puppets);
      await time.advance(999);
      assert.deepEqual(news, []);
      await time.advance(1);
      await used;
      assert.deepEqual(news, ['a: 1']);
    }, directory);
  });

  it('stands against an empty answer at the start', async () => {
    const directory = join(root, String(++directories));
    await savedBefore(directory);
    await discovering(async ({ discovery, puppets, news, time }) => {
      const used = discovery.use([service('a')]);
      (await opened(puppets)).found([], '');
      await used;
      assert.deepEqual(news, ['a: 1']);
      await time.advance(10_000);
      assert.deepEqual(news, ['a: 1', 'a: 0']);
    }, directory);
  });

  it('is not that of another source', async () => {
    const directory = join(root, String(++directories));
    await savedBefore(directory, 'other');
    await discovering(async ({ discovery, puppets, news }) => {
      const used = discovery.use([service('a')]);
      const puppet = await opened(puppets);
      puppet.failed('down');
      assert.deepEqual(news, []);
      puppet.found([], '');
      await used;
      assert.deepEqual(news, ['a: 0']);
    }, directory);
  });

  for (const [name, damage] of [
    ['cut off', (text: string) => text.slice(0, -20)],
    ['changed', (text: string) => text.replace('old', 'odd')],
    ['empty', () => ''],
    ['something else', () => '{}\n{}'],
  ] as const) {
    it(`that is ${name} is a warning, and as good as none`, async () => {
      const directory = join(root, String(++directories));
      await savedBefore(directory);
      const path = join(directory, 'endpoints', 'a.json');
      await writeFile(path, damage(await readFile(path, 'utf8')));
      await discovering(async ({ discovery, puppets, news, log }) => {
        const used = discovery.use([service('a')]);
        const puppet = await opened(puppets);
        assert.equal(log.entries[0]?.message, 'saved endpoints cannot be read');
        puppet.found([], '');
        await used;
        assert.deepEqual(news, ['a: 0']);
      }, directory);
    });
  }

  it('is no longer than it must be: a disk that cannot be written is one warning', async () => {
    const blocked = join(root, String(++directories));
    await writeFile(blocked, '');
    await discovering(async ({ discovery, puppets, log, time }) => {
      const used = discovery.use([service('a')]);
      const puppet = await opened(puppets);
      puppet.found(fleet(1), '');
      await used;
      await log.heard('what was discovered could not be saved');
      await time.advance(5000);
      puppet.found(fleet(2), '');
      await time.advance(100);
    }, blocked);
  });
});
