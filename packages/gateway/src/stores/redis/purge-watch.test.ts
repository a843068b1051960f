import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { manualClock } from '@turnpike/testkit';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { PurgeWatch } from './purge-watch.ts';

const CONFIG = {
  mode: 'single',
  urls: [],
  master: null,
  authorities: null,
  keyPrefix: '',
  timeoutMs: 50,
} as const;

/** A purge as it is told. */
const said = (number: number, before: number, tag: string) => `${number} ${before} ["hard","${tag}"]`;

/** A watch over a Redis that says what the test wants. */
async function world() {
  const clock = manualClock();
  const timers = new TimingWheel(() => clock.now());
  const purged: string[] = [];
  const asked: string[] = [];
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const listeners: { heard: (message: string) => void; isOpen: boolean }[] = [];
  const redis = { reply: ['100'] as unknown, isMute: false, renewals: 0 };
  const link = {
    isUp: true,
    run: async (_: unknown, _keys: readonly string[], [known = '']: readonly string[]) => {
      asked.push(known);
      if (redis.isMute) await new Promise(() => {});
      return redis.reply;
    },
    renew: () => void redis.renewals++,
    close: () => Promise.resolve(),
  };
  const open = () => {
    const listener = { heard: (message: string): void => assert.fail(message), isOpen: true };
    listeners.push(listener);
    return Promise.resolve({
      send: () => Promise.reject(new Error('it only hears')),
      sendForBytes: () => Promise.reject(new Error('it only hears')),
      subscribe: (_: string, heard: (message: string) => void) => {
        listener.heard = heard;
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
      destroy: () => void (listener.isOpen = false),
    });
  };
  const memory = {
    purge: (tags: readonly string[], kind: string) => void purged.push(`${kind} ${tags.join()}`),
  };
  const log = { debug: say, info: say, warn: say, error: say };
  const watch = new PurgeWatch(CONFIG, { link, timers, log, memory, known: 0 }, open);
  const pass = async (ms: number) => {
    clock.advance(ms);
    timers.advance();
    for (let i = 0; i < 3; i++) await turn();
  };
  await pass(0);
  const hear = (message: string) => listeners.at(-1)?.heard(message);
  return { watch, redis, purged, asked, lines, listeners, pass, hear };
}

describe('PurgeWatch', () => {
  it('begins with everything purged, because nobody knows what was missed', async () => {
    const { purged, asked, lines } = await world();
    assert.deepEqual([purged, asked, lines], [['hard *'], ['0'], []]);
  });

  it('asks again and again, with what it knows, and purges what is new', async () => {
    const { redis, purged, asked, pass } = await world();
    await pass(280);
    redis.reply = ['120', said(120, 110, 't b'), said(110, 100, 't a')];
    await pass(280);
    redis.reply = ['120'];
    await pass(280);
    assert.deepEqual(asked, ['0', '100', '100', '120']);
    assert.deepEqual(purged, ['hard *', 'hard t a', 'hard t b']);
  });

  it('hears messages in turn, each once, and asks at once when one is missing', async () => {
    const { redis, purged, asked, hear, pass } = await world();
    hear(said(110, 100, 't a'));
    hear(said(110, 100, 't a'));
    hear(said(120, 110, 't b'));
    assert.deepEqual(purged, ['hard *', 'hard t a', 'hard t b']);
    redis.reply = ['140', said(140, 130, 't d'), said(130, 120, 't c')];
    hear(said(140, 130, 't d'));
    await pass(0);
    assert.deepEqual(asked, ['0', '120']);
    assert.deepEqual(purged.slice(3), ['hard t c', 'hard t d']);
  });

  it('forgets everything when it cannot be told what it has missed', async () => {
    const { redis, purged, lines, pass } = await world();
    for (const reply of [['200'], ['300', 'garbage']]) {
      redis.reply = reply;
      await pass(280);
      assert.equal(purged.at(-1), 'hard *');
    }
    assert.equal(purged.length, 3);
    assert.match(lines.join(), /everything was purged/);
  });

  it('connects anew to hear when what it asks for is never told', async () => {
    const { redis, listeners, pass } = await world();
    redis.reply = ['110', said(110, 100, 't a')];
    await pass(280);
    redis.reply = ['120', said(120, 110, 't b')];
    await pass(280);
    assert.equal(listeners[0]?.isOpen, false);
    await pass(2100);
    assert.equal(listeners.length, 2);
  });

  it('stays connected when a message was only later than the answer', async () => {
    const { redis, listeners, hear, pass } = await world();
    for (let n = 100; n < 200; n += 10) {
      redis.reply = [`${n + 10}`, said(n + 10, n, 't a')];
      await pass(280);
      hear(said(n + 10, n, 't a'));
    }
    assert.deepEqual([listeners.length, listeners[0]?.isOpen], [1, true]);
  });

  it('gives up an answer that does not come, says so once, and connects anew', async () => {
    const { redis, lines, pass } = await world();
    redis.isMute = true;
    for (let i = 0; i < 20; i++) await pass(100);
    assert.ok(redis.renewals >= 1);
    assert.equal(lines.length, 1);
    redis.isMute = false;
    for (let i = 0; i < 5; i++) await pass(100);
    assert.match(lines.at(-1) ?? '', /tells again/);
  });

  it('takes an answer of somebody else for none', async () => {
    const { redis, purged, lines, pass } = await world();
    for (const reply of [null, [], [1], 'x', [['100']]]) {
      redis.reply = reply;
      await pass(280);
    }
    assert.deepEqual(purged, ['hard *']);
    assert.equal(lines.length, 1);
  });

  it('neither asks nor purges when it is closed', async () => {
    const { watch, purged, asked, hear, pass } = await world();
    await watch.close();
    hear(said(110, 100, 't a'));
    await pass(1000);
    assert.deepEqual([purged, asked], [['hard *'], ['0']]);
  });
});
