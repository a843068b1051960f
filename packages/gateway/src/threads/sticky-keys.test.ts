import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { News } from '../core/desk.ts';
import { StickyKeys } from './sticky-keys.ts';
import { configOf, hearLog } from './threads-testing.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-sticky-'));
after(() => rm(root, { recursive: true }));
let directories = 0;

const services = { a: { endpoints: ['http://127.0.0.1:1'] }, b: { endpoints: ['http://127.0.0.1:2'] } };
const shop = (split: object) => ({ shop: { match: { path: '/*' }, services: { a: 1, b: 1 }, split } });
const STICKY = configOf({ services, routes: shop({ sticky: 'side' }) });

function rig(stateDirectory = join(root, String(++directories), 'state')) {
  const news: News[] = [];
  const log = hearLog();
  const keys = new StickyKeys({ log, stateDirectory, publish: (told) => news.push(told) });
  const key = (): string => {
    const [told] = news;
    assert.ok(told?.topic === 'sticky-key');
    return Buffer.from(told.key).toString('hex');
  };
  return { keys, news, log, key, stateDirectory, path: join(stateDirectory, 'sticky-key') };
}

describe('the key of sticky cookies', () => {
  it('is made once, and is the same after a restart', async () => {
    const first = rig();
    await first.keys.use(STICKY);
    await first.keys.use(STICKY);
    assert.equal(first.news.length, 1);
    assert.match(first.key(), /^[0-9a-f]{64}$/);
    assert.equal((await stat(first.path)).mode & 0o777, 0o600);
    const second = rig(first.stateDirectory);
    await second.keys.use(STICKY);
    assert.equal(second.key(), first.key());
  });

  it('is the same for all who begin at once', async () => {
    const one = rig();
    const others = [one, rig(one.stateDirectory), rig(one.stateDirectory)];
    await Promise.all(others.map(({ keys }) => keys.use(STICKY)));
    assert.equal(new Set(others.map(({ key }) => key())).size, 1);
  });

  it('is not made where nothing needs it', async () => {
    const { keys, news, stateDirectory } = rig();
    await keys.use(configOf({}));
    await keys.use(configOf({ services, routes: shop({}) }));
    await keys.use(configOf({ services, routes: shop({ sticky: 'side', secret: 'x'.repeat(32) }) }));
    assert.equal(news.length, 0);
    await assert.rejects(stat(stateDirectory));
  });

  it('leaves a file alone that is something else, and says nothing of what is in it', async () => {
    const { keys, log, path, key, stateDirectory } = rig();
    await rig(stateDirectory).keys.use(STICKY);
    await chmod(path, 0o600);
    await writeFile(path, 'precious');
    await keys.use(STICKY);
    assert.match(key(), /^[0-9a-f]{64}$/);
    assert.equal(await readFile(path, 'utf8'), 'precious');
    assert.equal(log.entries.length, 1);
    assert.doesNotMatch(JSON.stringify(log.entries), /precious/);
  });
});
