import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import type { Exchange } from '../../core/exchange.ts';
import { remoteLists } from './remote-lists.ts';
import type { RemoteList } from './remote-server.ts';

/** A caller, as far as a list depends on it. */
function caller(key: string): Exchange {
  return { identity: { key } } as unknown as Exchange;
}

/** A server whose lists come when the test says so. */
function server() {
  const waiting: ((list: RemoteList | null) => void)[] = [];
  const list = () => new Promise<RemoteList | null>((resolve) => waiting.push(resolve));
  const answer = (plan: Partial<RemoteList> | null): void =>
    waiting.pop()?.(plan === null ? null : { entries: [], ttlMs: 1000, isPublic: true, bytes: 100, ...plan });
  return { list, waiting, answer };
}

describe('the lists of a server', () => {
  it('are asked for once by all who want to know at the same time', async () => {
    const { list, waiting, answer } = server();
    const lists = remoteLists(list, manualClock());
    const all = [lists.get(caller('a')), lists.get(caller('a')), lists.get(caller('a'))];
    assert.equal(waiting.length, 1);
    answer({ ttlMs: 0 });
    const [first, ...others] = await Promise.all(all);
    for (const other of others) assert.equal(other, first);
  });

  it('are kept for as long as the server says', async () => {
    const clock = manualClock();
    const { list, waiting, answer } = server();
    const lists = remoteLists(list, clock);
    const asked = lists.get(caller('a'));
    answer({});
    const first = await asked;
    assert.equal(await lists.get(caller('b')), first, 'a public one is for everybody');
    clock.advance(1001);
    void lists.get(caller('b'));
    assert.equal(waiting.length, 1);
  });

  it('are for each caller alone where the server says so', async () => {
    const { list, waiting, answer } = server();
    const lists = remoteLists(list, manualClock());
    const mine = lists.get(caller('a'));
    answer({ isPublic: false });
    const first = await mine;
    void lists.get(caller('b'));
    assert.equal(waiting.length, 1);
    assert.equal(await lists.get(caller('a')), first);
  });

  it('are not shown to others when what was for everybody no longer is', async () => {
    const clock = manualClock();
    const { list, waiting, answer } = server();
    const lists = remoteLists(list, clock);
    const first = lists.get(caller('a'));
    answer({});
    await first;
    clock.advance(1001);
    const mine = lists.get(caller('a'));
    const others = lists.get(caller('b'));
    assert.equal(waiting.length, 1, 'one asks for both');
    answer({ isPublic: false });
    const private1 = await mine;
    // The answer was not for b, who asks again.
    await Promise.resolve();
    assert.equal(waiting.length, 1);
    answer({ isPublic: false });
    assert.notEqual(await others, private1);
    assert.notEqual(await lists.get(caller('b')), private1);
    assert.equal(await lists.get(caller('a')), private1);
  });

  it('take no more room than there is, whoever asks', async () => {
    const { list, waiting, answer } = server();
    const lists = remoteLists(list, manualClock());
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      const asked = lists.get(caller(key));
      answer({ isPublic: false, bytes: 4 * 1024 * 1024 });
      await asked;
    }
    void lists.get(caller('e'));
    assert.equal(waiting.length, 0, 'the last is kept');
    void lists.get(caller('a'));
    assert.equal(waiting.length, 1, 'the first is not');
  });

  it('are asked for again after a failure', async () => {
    const { list, waiting, answer } = server();
    const lists = remoteLists(list, manualClock());
    const first = lists.get(caller('a'));
    answer(null);
    assert.equal(await first, null);
    void lists.get(caller('a'));
    assert.equal(waiting.length, 1);
  });
});
