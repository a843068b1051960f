import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createLoader } from '@turnpike/config/load';
import { manualClock } from '@turnpike/testkit';
import { Checker, type Judging } from '../src/checker.ts';
import { openSealer } from '../src/db/open-sealer.ts';
import type { ObjectVersion, StoredObject } from '../src/domain/objects.ts';
import { CheckUnavailable, judge, type Wish } from '../src/domain/plan.ts';
import { type Clock, type Log, systemClock } from '../src/domain/ports.ts';
import { type Steering, steeredLoad } from '../src/domain/quarantine.ts';
import { openDocument } from '../src/domain/secrets.ts';
import { objectsOf } from '../src/domain/steering-testing.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const entry = new URL('check-thread-testing.ts', import.meta.url);
const FILE = `
listeners: { web: { address: "127.0.0.1:1" } }
stores: { database: { url: "sqlite:./a.db" } }
services: { pinned: { endpoints: ["http://10.0.0.1"] } }
`;
const service = { endpoints: ['http://10.0.0.2'] };
const route = (path: string, to = 'pinned') => ({ match: { path }, service: to });
const CONSUMER = { keys: [{ key: 'a-secret-key-of-16-characters', expires: '2099-01-01' }] };

/** A checker and the rules that it is to be like. */
async function world(
  t: TestContext,
  { url, clock = systemClock, history = [] }: { url?: string; clock?: Clock; history?: ObjectVersion[] } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'turnpike-checker-'));
  const path = join(folder, 'g.yaml');
  await writeFile(path, FILE);
  const start = { paths: [path], url: url ?? `sqlite:${join(folder, 'a.db')}`, keys: ['k'.repeat(32)] };
  const asked: string[] = [];
  const older = async (ref: { name: string }): Promise<ObjectVersion[]> => {
    asked.push(ref.name);
    return history.filter(({ name }) => name === ref.name);
  };
  const checker = new Checker({ entry, start, history: older, clock, log: silent });
  t.after(async () => {
    await checker.close();
    await rm(folder, { recursive: true });
  });
  const sealer = openSealer(start);
  const steering: Steering = {
    load: createLoader({ env: {} }),
    paths: [path],
    history: older,
    open: (ref, document) => openDocument(ref, document, sealer),
  };
  const here = async ({ now, wishes, workspaces, takesExpired }: Judging) =>
    judge(wishes, { steering, sealer, workspaces, takesExpired, now });
  return { checker, here, steering, asked, path };
}

const wish = (kind: Wish['kind'], name: string, document: object | null): Wish => ({
  kind,
  name,
  workspace: 'default',
  document: document as Wish['document'],
});

const task = (
  now: readonly StoredObject[],
  wishes: readonly Wish[],
  more: Partial<Judging> = {},
): Judging => ({
  now,
  wishes,
  workspaces: [],
  load: 1,
  takesExpired: false,
  ...more,
});

/** Sealed anew each time, so the text differs. */
const unsealed = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll(/sealed:1:[\w:-]+/g, 'sealed'));

describe('the thread that checks changes', () => {
  const now = objectsOf({ 'services.users': service, 'routes.a': route('/a', 'users') });
  const bad = objectsOf({ 'routes.bad': { match: { path: 'x' }, service: 'pinned' } });
  for (const [what, judging] of [
    ['a change that fits', task(now, [wish('routes', 'b', route('/b', 'users'))])],
    ['nothing', task(now, [wish('services', 'users', service)])],
    ['a removal that others need', task(now, [wish('services', 'users', null)])],
    ['nonsense', task(now, [wish('routes', 'b', { nonsense: true })])],
    ['a secret', task(now, [wish('consumers', 'acme', CONSUMER)])],
    ['what a file owns', task(now, [wish('services', 'pinned', service)])],
    ['what was in quarantine before', task(bad, [wish('routes', 'b', route('/b'))])],
    [
      'the bounds of a workspace',
      task(now, [{ ...wish('routes', 'b', route('/b')), workspace: 'team' }], {
        workspaces: [{ name: 'team', description: '', hosts: ['team.test'], paths: [] }],
      }),
    ],
  ] as const) {
    it(`says of ${what} what the main thread says`, async (t) => {
      const { checker, here } = await world(t);
      assert.deepEqual(unsealed(await checker.judge(judging)), unsealed(await here(judging)));
    });
  }

  it('knows what came and went between its tasks, and files that have changed', async (t) => {
    const { checker, here, path } = await world(t);
    const states = [now, now.slice(0, 1), [...now, ...objectsOf({ 'routes.c': route('/c') })], []];
    for (const [load, state] of states.entries()) {
      const judging = task(state, [wish('routes', 'b', route('/b', 'users'))], { load });
      assert.deepEqual(await checker.judge(judging), await here(judging));
    }
    await writeFile(path, FILE.replace('10.0.0.1', '10.0.0.9'));
    const judging = task(now, [wish('routes', 'b', route('/b', 'pinned'))], { load: 9 });
    assert.deepEqual(await checker.judge(judging), await here(judging));
  });

  it('takes what a restored database has, though its revisions have the same numbers', async (t) => {
    const { checker, here, steering } = await world(t);
    const other = now.map((one) => (one.name === 'a' ? { ...one, document: route('/b', 'users') } : one));
    await checker.load(now, 1);
    const loaded = await checker.load(other, 2);
    assert.deepEqual(loaded.loaded.config, (await steeredLoad(steering, other)).loaded.config);
    const judging = task(now, [wish('routes', 'b', route('/b', 'users'))], { load: 2 });
    assert.deepEqual(await checker.judge(judging), await here(judging));
  });

  it('loads what the main thread loads, with older versions that it asks for', async (t) => {
    const old = { ...now[1], document: route('/old', 'users'), revision: 1 } as ObjectVersion;
    const broken = now.map((one) =>
      one.name === 'a' ? { ...one, document: { match: {} }, revision: 5 } : one,
    );
    const { checker, steering, asked } = await world(t, { history: [old] });
    const [there, here] = [await checker.load(broken, 1), await steeredLoad(steering, broken)];
    assert.deepEqual(there.loaded.config, here.loaded.config);
    assert.ok(Object.isFrozen(there.loaded.config?.routes[0]?.match));
    assert.deepEqual([...there.exceptions], [...here.exceptions]);
    assert.deepEqual(there.loaded.issues, here.loaded.issues);
    assert.deepEqual(there.loaded.files, here.loaded.files);
    assert.deepEqual(there.loaded.entriesIn('services'), here.loaded.entriesIn('services'));
    assert.deepEqual(there.loaded.inFiles('services', 'pinned'), here.loaded.inFiles('services', 'pinned'));
    assert.equal(there.exceptions.get('routes.a')?.usedRevision, 1);
    assert.deepEqual(asked, ['a', 'a']);
  });

  it('fails its tasks when it dies, and is replaced with the next', async (t) => {
    const { checker } = await world(t, { url: 'dies' });
    const judging = task(now, [wish('routes', 'b', route('/b'))]);
    for (let i = 0; i < 2; i++) await assert.rejects(checker.judge(judging), CheckUnavailable);
  });

  it('is given up when it takes too long, and takes so many tasks at once', async (t) => {
    const time = manualClock(0);
    const timers: { at: number; run: () => void }[] = [];
    const clock: Clock = {
      epoch: () => time.epoch(),
      after(ms, run) {
        const timer = { at: ms, run };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
    };
    const { checker } = await world(t, { url: 'sleeps', clock });
    const waiting = Array.from({ length: 32 }, () => checker.read('a: 1'));
    await assert.rejects(checker.read('a: 1'), /too many changes wait/);
    assert.equal(timers.length, 1);
    timers[0]?.run();
    for (const one of waiting) await assert.rejects(one, /took too long/);
  });
});
