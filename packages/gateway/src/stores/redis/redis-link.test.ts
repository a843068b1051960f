import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { TimingWheel } from '../../core/timing-wheel.ts';
import type { Attempt, Command, RedisClient } from './redis-client.ts';
import { RedisLink } from './redis-link.ts';

const SCRIPT = { text: 'return 1', sha: 'f00' };

/** A link whose attempts end as the test says. */
function world() {
  let nowMs = 1_700_000_000_000;
  const timers = new TimingWheel(() => nowMs);
  const attempts: (Attempt & { connect: (client: RedisClient) => void; fail: (error: Error) => void })[] = [];
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const log = { debug: say, info: say, warn: say, error: say };
  const link = new RedisLink(
    (attempt) => {
      const { promise, resolve, reject } = Promise.withResolvers<RedisClient>();
      attempt.signal.addEventListener('abort', () => reject(new Error('it took too long')));
      attempts.push({ ...attempt, connect: resolve, fail: reject });
      return promise;
    },
    { timers, log },
  );
  const pass = async (ms: number) => {
    await turn();
    nowMs += ms;
    timers.advance();
    await turn();
  };
  const last = () => attempts.at(-1) ?? assert.fail();
  return { link, attempts, last, said, pass };
}

/** A client that notes what it is sent. */
function clientThat(answer: (command: readonly string[]) => unknown = () => 'ok') {
  const sent: string[][] = [];
  const client = {
    isDestroyed: false,
    send: async (_: string, command: Command) => {
      sent.push(command.map(String));
      return answer(command.map(String));
    },
    sendForBytes: async (_: string, command: Command) => Buffer.from(String(answer(command.map(String)))),
    subscribe: () => Promise.resolve(),
    close: () => Promise.resolve(),
    destroy: () => void (client.isDestroyed = true),
  };
  return { client, sent };
}

describe('RedisLink', () => {
  it('connects in the background, and rejects until then', async () => {
    const { link, last, pass } = world();
    assert.equal(link.isUp, false);
    await assert.rejects(link.run(SCRIPT, ['k'], []));
    const { client, sent } = clientThat();
    last().connect(client);
    await pass(0);
    assert.equal(link.isUp, true);
    assert.equal(await link.run(SCRIPT, ['k'], ['1']), 'ok');
    assert.deepEqual(sent, [['EVALSHA', 'f00', '1', 'k', '1']]);
  });

  it('sends the script itself to a server that does not have it', async () => {
    const { link, last, pass } = world();
    const { client, sent } = clientThat(([name]) => {
      if (name === 'EVALSHA') throw new Error('NOSCRIPT No matching script.');
      return 'ok';
    });
    last().connect(client);
    await pass(0);
    assert.equal(await link.run(SCRIPT, ['k'], []), 'ok');
    assert.deepEqual(sent.at(-1), ['EVAL', 'return 1', '1', 'k']);
  });

  it('tries again for as long as it takes, at most two seconds later each time, and says so once', async () => {
    const { link, last, attempts, said, pass } = world();
    for (let i = 1; i <= 10; i++) {
      last().fail(new Error('refused'));
      await pass(2040);
      assert.equal(attempts.length, i + 1);
    }
    last().connect(clientThat().client);
    await pass(0);
    assert.equal(link.isUp, true);
    assert.deepEqual(said, ['redis cannot be reached', 'redis can be reached again']);
  });

  it('gives up an attempt that hangs, and destroys what comes of it later', async () => {
    const { last, attempts, pass } = world();
    await pass(3040);
    await pass(100);
    assert.equal(attempts[0]?.signal.aborted, true);
    assert.equal(attempts.length, 2);
    assert.equal(last().signal.aborted, false);
  });

  it('connects anew when the connection breaks, and when it is told to', async () => {
    const { link, last, attempts, pass } = world();
    const first = clientThat().client;
    const lostByFirst = last().lost;
    last().connect(first);
    await pass(0);
    lostByFirst(new Error('reset'));
    assert.equal(link.isUp, false);
    await pass(100);
    const second = clientThat().client;
    last().connect(second);
    await pass(0);
    lostByFirst(new Error('again'));
    assert.equal(link.isUp, true, 'that was the one before');
    link.renew();
    assert.equal(second.isDestroyed, true);
    assert.equal(link.isUp, false);
    await pass(100);
    assert.equal(attempts.length, 3);
  });

  it('looks for another master when this one is none any more', async () => {
    const { link, last, pass } = world();
    const { client } = clientThat(() => {
      throw new Error("READONLY You can't write against a read only replica.");
    });
    last().connect(client);
    await pass(0);
    await assert.rejects(link.run(SCRIPT, ['k'], []), /READONLY/);
    assert.equal(link.isUp, false);
  });

  it('closes: at once what is being connected, and what is not answered after the time given', async () => {
    const { link, last, attempts, pass } = world();
    await link.close(50);
    assert.equal(last().signal.aborted, true);
    await pass(5000);
    assert.equal(attempts.length, 1);

    const other = world();
    const { client } = clientThat();
    client.close = () => new Promise(() => {});
    other.last().connect(client);
    await other.pass(0);
    const closed = other.link.close(50);
    await other.pass(100);
    await closed;
    assert.equal(client.isDestroyed, true);
  });
});
