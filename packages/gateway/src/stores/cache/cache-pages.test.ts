import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rig, store } from './shared-cache-testing.ts';

const BODY = Buffer.alloc(0);

describe('pages of what is stored', () => {
  it('have what a purge of one of their tags would reach, and nothing else', () => {
    const cache = rig();
    store(cache.a, 'one', BODY, 'red', 'round');
    store(cache.a, 'two', BODY, 'blue', 'round');
    store(cache.a, 'three', BODY, 'green');
    const keys = (...tags: string[]) => cache.desk.page(0, 100, tags).entries.map(({ key }) => key);
    assert.deepEqual(keys('round'), ['one', 'two']);
    assert.deepEqual(keys('red', 'green'), ['one', 'three']);
    assert.deepEqual(keys('white'), []);
    assert.deepEqual(keys(), ['one', 'two', 'three']);
    cache.desk.purge(['red'], 'hard');
    assert.deepEqual(keys('round'), ['two']);
  });

  it('end after so many places, and say where to go on', () => {
    const cache = rig(32 * 1024 * 1024);
    for (let i = 0; i < 17_000; i++) store(cache.a, `key ${i}`, BODY, 'many');
    store(cache.a, 'last', BODY, 'rare');
    const pages = [];
    for (let from: number | null = 0; from !== null;) {
      const page = cache.desk.page(from, 100, ['rare']);
      pages.push(page.entries.map(({ key }) => key));
      from = page.next;
    }
    assert.deepEqual(pages, [[], ['last']]);
  });
});
