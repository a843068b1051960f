import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { EndedSessions, SessionNews } from '../../core/desk.ts';
import { EndedSessionList } from './ended-sessions.ts';
import { manualClockwork, warnings } from './providers-testing.ts';
import { StateFiles } from './state-files.ts';

const LIFETIME_MS = 3_600_000;
const root = await mkdtemp(join(tmpdir(), 'turnpike-sessions-'));
after(() => rm(root, { recursive: true }));

let directories = 0;

function setUp(directory = join(root, String(++directories))) {
  const clockwork = manualClockwork();
  const { log, heard } = warnings();
  const published: SessionNews[] = [];
  const publish = (news: SessionNews): void => void published.push(news);
  const files = new StateFiles(directory, log);
  const shared: string[] = [];
  const share = ({ session }: EndedSessions): void => void shared.push(session ?? '');
  const list = new EndedSessionList('corporate', { log, clockwork, publish, files, share });
  return {
    clockwork,
    list,
    shared,
    published,
    warned: heard,
    directory,
    /** Ends sessions together. */
    async end(...sessions: readonly string[]) {
      const endedAtMs = clockwork.clock.epoch();
      const ends = sessions.map((session) =>
        list.end({ provider: 'corporate', session, subject: null, endedAtMs }),
      );
      clockwork.advance(50);
      await Promise.all(ends);
    },
    told: () => published.at(-1)?.ended.map(({ session }) => session),
  };
}

describe('ended sessions', () => {
  it('are told together when they end together, and once each', async () => {
    const { list, end, told, published } = setUp();
    await list.use(LIFETIME_MS);
    await end('a', 'b', 'a');
    assert.deepEqual(told(), ['b', 'a']);
    assert.equal(published.length, 1);
    await end('c');
    assert.deepEqual(told(), ['b', 'a', 'c']);
  });

  it('are forgotten when no cookie of them is good any more', async () => {
    const { list, end, told, clockwork } = setUp();
    await list.use(LIFETIME_MS);
    await end('a');
    clockwork.advance(LIFETIME_MS - 101);
    await end('b');
    assert.deepEqual(told(), ['a', 'b']);
    await end('c');
    assert.deepEqual(told(), ['b', 'c']);
  });

  it('are told to other gateways, and what these told is not told again', async () => {
    const { list, end, shared, told, clockwork } = setUp();
    await list.use(LIFETIME_MS);
    await end('a');
    const endedAtMs = clockwork.clock.epoch();
    const heard = list.hear({ provider: 'corporate', session: 'b', subject: null, endedAtMs });
    clockwork.advance(50);
    await heard;
    assert.deepEqual([shared, told()], [['a'], ['a', 'b']]);
    assert.deepEqual(
      list.all.map(({ session }) => session),
      ['a', 'b'],
    );
  });

  it('do not come back with a restart', async () => {
    const { list, end, directory } = setUp();
    await list.use(LIFETIME_MS);
    await end('a');
    const next = setUp(directory);
    await next.list.use(LIFETIME_MS);
    assert.deepEqual(next.told(), ['a']);
    await next.list.use(LIFETIME_MS / 2);
    assert.equal(next.published.length, 1);
  });

  it('are told and kept when the gateway stops meanwhile', async () => {
    const { list, told, clockwork, directory } = setUp();
    await list.use(LIFETIME_MS);
    const endedAtMs = clockwork.clock.epoch();
    const end = list.end({ provider: 'corporate', session: null, subject: 'alice', endedAtMs });
    await list.close();
    await end;
    assert.deepEqual(told(), [null]);
    const next = setUp(directory);
    await next.list.use(LIFETIME_MS);
    assert.equal(next.published[0]?.ended[0]?.subject, 'alice');
  });

  it('are ten thousand at most, and it is said when the oldest come back', async () => {
    const { list, end, published, warned } = setUp();
    await list.use(LIFETIME_MS);
    await end(...Array.from({ length: 200 }, (_, index) => `old ${index}`));
    const many = Array.from({ length: 9_900 }, (_, index) => `new ${index}`);
    await end(...many);
    assert.equal(published.at(-1)?.ended.length, 10_000);
    assert.equal(published.at(-1)?.ended[0]?.session, 'old 100');
    assert.equal(warned.length, 1);
  });
});
