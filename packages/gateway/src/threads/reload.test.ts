import { CacheAreas } from './cache-areas.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayConfig, Issue } from '@turnpike/config';
import type { Loaded } from '@turnpike/config/load';
import { EndpointStates, SUPERVISOR } from '../upstream/balance/endpoint-states.ts';
import { Slots } from '../upstream/balance/slots.ts';
import { fixedSource } from './config-source.ts';
import type { SnapshotData } from './protocol.ts';
import { FILES_CHANGED, Reload } from './reload.ts';
import { Revisions } from './revisions.ts';
import { configOf, hearLog } from './threads-testing.ts';

const ISSUE: Issue = {
  code: 'UNKNOWN_KEY',
  message: 'unknown key',
  file: 'a.yaml',
  line: 3,
  column: 1,
  pointer: '/rutes',
  severity: 'error',
};

const saying = (body: string): GatewayConfig =>
  configOf({ routes: { ping: { match: { path: '/ping' }, respond: { status: 200, body } } } });

const withEndpoints = (...urls: readonly string[]): GatewayConfig =>
  configOf({
    services: { s: { endpoints: urls } },
    routes: { all: { match: { path: '/*' }, service: 's' } },
  });

/** A reload whose configurations and threads are in the hands of the test; the first is in use already. */
async function bench(first: GatewayConfig) {
  const log = hearLog();
  const states = new EndpointStates(EndpointStates.allocate(3, 1), SUPERVISOR);
  const revisions = new Revisions(
    { endpoints: new Slots(states, 0), services: new Slots(states, 0) },
    new CacheAreas(1),
    log,
  );
  const applied: SnapshotData[] = [];
  const told: string[] = [];
  const hands: { next: Loaded; apply: () => void } = {
    next: await fixedSource(first).load(),
    apply: () => {},
  };
  const reload = new Reload(
    {
      source: { names: ['a.yaml'], load: async () => hands.next, fallbackStateDirectory: () => null },
      revisions,
      log,
      apply: async (snapshot) => {
        hands.apply();
        applied.push(snapshot);
      },
      onLoaded: () => told.push('loaded'),
      onUsed: (_, revision) => told.push(`used ${revision?.number ?? 'again'}`),
      onFailed: () => told.push('failed'),
    },
    first,
  );
  await revisions.advance(first, async (snapshot) => void applied.push(snapshot));
  const give = (part: Partial<Loaded>) => (hands.next = { ...hands.next, ...part });
  return { reload, revisions, applied, told, hands, give, log };
}

describe('a reload', () => {
  it('brings what is new into use', async () => {
    const { reload, revisions, told, give } = await bench(saying('one'));
    give({ config: saying('two') });
    const result = await reload.run('test');
    assert.equal(result.kind, 'applied');
    assert.equal(revisions.current?.number, 2);
    assert.deepEqual(result.kind === 'applied' && result.changes, [
      { kind: 'changed', section: 'route', id: 'ping' },
    ]);
    assert.deepEqual(told, ['loaded', 'used 2']);
  });

  it('does nothing when the configuration means the same', async () => {
    const { reload, applied, told, give } = await bench(saying('one'));
    give({ config: saying('one') });
    assert.deepEqual(await reload.run('test'), { kind: 'unchanged', revision: 1 });
    assert.equal(applied.length, 1);
    assert.deepEqual(told, ['loaded', 'used again']);
  });

  it('keeps the old configuration when the new one has errors, and names all of them', async () => {
    const { reload, revisions, told, give, log } = await bench(saying('one'));
    give({ config: null, issues: [ISSUE, { ...ISSUE, line: 4 }] });
    assert.deepEqual(await reload.run('test'), { kind: 'rejected', issues: [ISSUE, { ...ISSUE, line: 4 }] });
    assert.equal(revisions.current?.number, 1);
    assert.deepEqual(told, ['loaded', 'failed']);
    const { fields } = await log.heard('the new configuration has errors; the old one stays in use');
    assert.deepEqual(fields['issues' as never], [
      'a.yaml:3:1: error: unknown key',
      'a.yaml:4:1: error: unknown key',
    ]);
  });

  it('reports the same errors once, if the files were only written again', async () => {
    const { reload, told, give } = await bench(saying('one'));
    give({ config: null, issues: [ISSUE] });
    await reload.run(FILES_CHANGED);
    await reload.run(FILES_CHANGED);
    assert.deepEqual(told, ['loaded', 'failed', 'loaded']);
    await reload.run('admin');
    assert.deepEqual(told.slice(3), ['loaded', 'failed']);
  });

  it('keeps the old configuration when the threads cannot apply the new one', async () => {
    const { reload, revisions, hands, give } = await bench(saying('one'));
    give({ config: saying('two') });
    hands.apply = () => {
      throw new Error('address in use');
    };
    assert.deepEqual(await reload.run('test'), { kind: 'failed', message: 'address in use' });
    assert.equal(revisions.current?.number, 1);
    hands.apply = () => {};
    assert.equal((await reload.run('test')).kind, 'applied');
    assert.equal(revisions.current?.number, 2);
  });

  it('gives no slot away that the old configuration uses, when the new one fails', async () => {
    const [a, b, c] = ['http://a:1', 'http://b:1', 'http://c:1'] as const;
    const { reload, hands, give, applied } = await bench(withEndpoints(a, b));
    give({ config: withEndpoints(c) });
    hands.apply = () => {
      throw new Error('no');
    };
    await reload.run('test');
    hands.apply = () => {};
    give({ config: withEndpoints(a, b, c) });
    assert.equal((await reload.run('test')).kind, 'applied');
    const slots = applied.map(({ services }) => services[0]?.members?.map(({ slot }) => slot));
    assert.deepEqual(slots[1]?.slice(0, 2), slots[0]);
    assert.equal(new Set(slots[1]).size, 3);
  });

  it('fails, and changes nothing, when there are more endpoints than slots', async () => {
    const { reload, revisions, give } = await bench(withEndpoints('http://a:1'));
    give({ config: withEndpoints('http://a:1', 'http://b:1', 'http://c:1', 'http://d:1') });
    const result = await reload.run('test');
    assert.equal(result.kind, 'failed');
    assert.equal(revisions.current?.number, 1);
  });

  it('says which settings wait for a restart', async () => {
    const { reload, give, log } = await bench(saying('one'));
    give({ config: configOf({ runtime: { threads: 7 } }) });
    const result = await reload.run('test');
    assert.deepEqual(result.kind === 'applied' && result.restartNeeded, ['runtime.threads']);
    await log.heard('some settings take effect only after a restart');
  });
});
