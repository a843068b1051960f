import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLoader } from '@turnpike/config/load';
import type { GatewayConfig } from '@turnpike/config';
import { afterNews, newsOf } from './config-news.ts';

const FILE = JSON.stringify({ listeners: { web: { address: '127.0.0.1:1' } } });
const service = (port: number) => ({ endpoints: [`http://10.0.0.1:${port}`] });
const route = (to: string) => ({ match: { path: `/${to}` }, service: to });

/** Loads one state after another, as the thread that checks does. */
function loading() {
  const load = createLoader({
    env: {},
    files: { read: () => Promise.resolve(Buffer.from(FILE)), list: () => Promise.resolve(null) },
  });
  return async (documents: Readonly<Record<string, object>>): Promise<GatewayConfig> => {
    const entries = Object.entries(documents).map(([name, value]) => ({
      file: `database:default/${name}`,
      section: name.split('.')[0] ?? '',
      name: name.split('.')[1] ?? '',
      value,
    }));
    const { config, issues } = await load(['/g.yaml'], entries);
    assert.ok(config !== null, JSON.stringify(issues));
    return config;
  };
}

describe('news of a configuration', () => {
  const first = {
    'services.a': service(1),
    'services.b': service(2),
    'routes.a': route('a'),
    'routes.b': route('b'),
  };

  it('make what another has into what it is, with what is the same as the same objects', async () => {
    const load = loading();
    const states = [
      first,
      { ...first, 'routes.c': { ...route('b'), match: { path: '/c' } } },
      { ...first, 'services.a': service(3) },
      { 'services.b': service(2), 'routes.b': route('b') },
      { ...first, 'lists.office': { addresses: ['10.0.0.0/8'] } },
    ];
    let there: GatewayConfig | null = null;
    let here: GatewayConfig | null = null;
    for (const state of states) {
      const newer = await load(state);
      const told = await afterNews(here, newsOf(there, newer));
      assert.deepEqual(told, newer);
      assert.ok(Object.isFrozen(told) && told.routes.every((one) => Object.isFrozen(one.match)));
      const isKept = newer.routes.every(
        (one, i) =>
          there?.routes.includes(one) !== true || here?.routes.includes(told.routes[i] ?? one) === true,
      );
      assert.ok(isKept);
      [there, here] = [newer, told];
    }
  });

  it('of one route are about that route, however many there are', async () => {
    const load = loading();
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`routes.r${i}`, { match: { path: `/r${i}` }, service: 'a' }]),
    );
    const before = await load({ 'services.a': service(1), ...many });
    const after = await load({ 'services.a': service(1), ...many, 'routes.new': route('a') });
    const { whole, parts } = newsOf(before, after);
    assert.deepEqual([whole, Object.keys(parts)], ['{}', ['routes']]);
    const told = (parts.routes ?? []).flatMap((text) => JSON.parse(text) as unknown[]);
    assert.equal(told.filter((part) => typeof part !== 'number').length, 1);
  });

  it('of thousands that are new come in slices', async () => {
    const load = loading();
    const many = Object.fromEntries(
      Array.from({ length: 1200 }, (_, i) => [`routes.r${i}`, { match: { path: `/r${i}` }, service: 'a' }]),
    );
    const all = await load({ 'services.a': service(1), ...many });
    const news = newsOf(null, all);
    assert.equal(news.parts.routes?.length, 3);
    assert.deepEqual(await afterNews(null, news), all);
  });
});
