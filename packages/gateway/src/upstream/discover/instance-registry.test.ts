import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { endpoint, type ManualTime, manualTime, sourcePorts } from './discover-testing.ts';
import { MAX_INSTANCES, type NewInstance } from './instance.ts';
import { InstanceRegistry } from './instance-registry.ts';
import type { HeardLog } from '../../threads/threads-testing.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-registry-'));
after(() => rm(root, { recursive: true }));
let files = 0;

function instance(id: string, changes: Partial<NewInstance> = {}): NewInstance {
  return { id, service: 'users', endpoint: endpoint(id), leaseSeconds: 30, metadata: {}, ...changes };
}

interface Site {
  readonly registry: InstanceRegistry;
  readonly time: ManualTime;
  readonly log: HeardLog;
  /** Hosts of `users`, as they were told. */
  readonly told: string[];
}

async function registering(
  test: (site: Site) => void | Promise<void>,
  path = join(root, `${++files}.json`),
): Promise<void> {
  const time = manualTime();
  const ports = sourcePorts(time);
  const registry = new InstanceRegistry({ ...ports, path });
  const told: string[] = [];
  const events = {
    found: (endpoints: readonly { host: string; isDraining: boolean }[]) =>
      void told.push(endpoints.map(({ host, isDraining }) => (isDraining ? `(${host})` : host)).join(' ')),
    failed: () => assert.fail(),
  };
  await registry.start();
  const source = registry.open({ kind: 'registry', name: 'users' }, events, ports);
  await time.advance(0);
  try {
    await test({ registry, time, log: ports.log, told });
  } finally {
    await source.close();
    await registry.close();
  }
  assert.deepEqual(time.waits, []);
}

describe('an instance', () => {
  it('is there as soon as it has registered, and gone as soon as it goes', async () => {
    await registering(({ registry, told }) => {
      assert.deepEqual(registry.register(instance('a')), { kind: 'new', id: 'a', leaseSeconds: 30 });
      registry.register(instance('b'));
      registry.register(instance('other', { service: 'orders' }));
      assert.equal(registry.deregister('users', 'a'), true);
      assert.equal(registry.deregister('users', 'a'), false);
      assert.deepEqual(told, ['', 'a', 'a b', 'b']);
    });
  });

  it('is not silent while nobody listens: the machine slept, or the main thread was held up', async () => {
    await registering(async ({ registry, told, time }) => {
      registry.register(instance('a', { leaseSeconds: 5 }));
      await time.advance(2000);
      time.clock.advance(60_000);
      await time.advance(1000);
      assert.equal(registry.heartbeat('users', 'a'), true);
      assert.deepEqual(told, ['', 'a']);
      await time.advance(6000);
      assert.deepEqual(told, ['', 'a', '']);
    });
  });

  it('that is silent for its lease is dropped', async () => {
    await registering(async ({ registry, told, time, log }) => {
      registry.register(instance('a', { leaseSeconds: 5 }));
      registry.register(instance('b', { leaseSeconds: 10 }));
      await time.advance(4999);
      assert.equal(told.at(-1), 'a b');
      await time.advance(1);
      assert.equal(told.at(-1), 'b');
      await time.advance(5000);
      assert.equal(told.at(-1), '');
      assert.equal(log.entries.filter(({ level }) => level === 'info').length, 2);
    });
  });

  it('that is heard of stays, and is told of once', async () => {
    await registering(async ({ registry, told, time }) => {
      registry.register(instance('a', { leaseSeconds: 5 }));
      registry.register(instance('b', { leaseSeconds: 5 }));
      for (let second = 0; second < 60; second += 3) {
        await time.advance(3000);
        assert.equal(registry.heartbeat('users', 'a'), true);
        assert.equal(registry.register(instance('b', { leaseSeconds: 5 })).kind, 'renewed');
      }
      assert.deepEqual(told, ['', 'a', 'a b']);
      assert.equal(registry.heartbeat('users', 'c'), false);
      assert.equal(registry.heartbeat('orders', 'a'), false);
    });
  });

  it('says something else when it registers again', async () => {
    await registering(({ registry, told }) => {
      registry.register(instance('a'));
      registry.register(instance('a', { endpoint: endpoint('moved') }));
      assert.deepEqual(told, ['', 'a', 'moved']);
    });
  });

  it('can be drained, until it registers again', async () => {
    await registering(({ registry, told }) => {
      registry.register(instance('a'));
      assert.deepEqual([registry.drain('users', 'a'), registry.drain('users', 'a')], [true, true]);
      assert.equal(registry.drain('users', 'b'), false);
      registry.heartbeat('users', 'a');
      registry.register(instance('a'));
      assert.deepEqual(told, ['', 'a', '(a)', 'a']);
    });
  });

  it('is in the list, with what it said and how long it may still be silent', async () => {
    await registering(async ({ registry, time }) => {
      const registeredAtMs = time.clock.epoch();
      registry.register(instance('b', { metadata: { version: '7' } }));
      registry.register(instance('a', { service: 'orders' }));
      await time.advance(500);
      assert.deepEqual(registry.list(), [
        { ...instance('a', { service: 'orders' }), registeredAtMs, expiresInSeconds: 30 },
        { ...instance('b', { metadata: { version: '7' } }), registeredAtMs, expiresInSeconds: 30 },
      ]);
    });
  });

  it('is refused when there are too many, unless it is one of them', async () => {
    await registering(({ registry }) => {
      for (let n = 0; n < MAX_INSTANCES; n++) registry.register(instance(`i${n}`, { service: 'orders' }));
      assert.deepEqual(registry.register(instance('a')), { kind: 'full' });
      assert.equal(registry.register(instance('i0', { service: 'orders' })).kind, 'renewed');
      registry.deregister('orders', 'i0');
      assert.equal(registry.register(instance('a')).kind, 'new');
    });
  });
});

describe('a restart', () => {
  it('keeps instances, for a whole lease', async () => {
    const path = join(root, `${++files}.json`);
    await registering(({ registry }) => void registry.register(instance('a')), path);
    await registering(async ({ registry, told, time }) => {
      assert.deepEqual(told, ['a']);
      await time.advance(29_999);
      assert.equal(registry.heartbeat('users', 'a'), true);
      await time.advance(29_999);
      assert.deepEqual(told, ['a']);
      await time.advance(1000);
      assert.deepEqual(told, ['a', '']);
    }, path);
  });

  it('with a damaged file is a warning', async () => {
    const path = join(root, `${++files}.json`);
    await writeFile(path, 'oops');
    await registering(({ told, log }) => {
      assert.deepEqual(told, ['']);
      assert.equal(log.entries[0]?.message, 'the saved instances cannot be read');
    }, path);
  });
});
