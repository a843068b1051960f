import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import type { Supervisor } from '../../src/main.ts';
import { ask, onSite, saying, until } from './fixture.ts';

const THREADS = 3;
const LIMIT = 7;

function limited(limits: object): string {
  return saying('pong', {
    listeners: { web: { address: '127.0.0.1:0', limits } },
    runtime: { threads: THREADS, drainTimeout: '5s' },
  });
}

/** Connections that were let in, of many that came at once: each has an answer. All others were closed without a word. */
async function letIn(gateway: Supervisor, count: number, localAddress = '127.0.0.1'): Promise<Socket[]> {
  const port = gateway.ports.get('web') ?? 0;
  const heard = new Set<Socket>();
  const gone = new Set<Socket>();
  for (let i = 0; i < count; i++) {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.on('error', () => {});
    socket.once('data', () => heard.add(socket)).once('close', () => gone.add(socket));
    socket.write('GET /ping HTTP/1.1\r\nHost: a\r\n\r\n');
  }
  await eventually(() => heard.size + gone.size === count, 'an answer or an end for each');
  assert.equal(heard.intersection(gone).size, 0);
  return [...heard];
}

function leave(sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.destroy();
}

describe('the limit of connections', { timeout: 120_000 }, () => {
  it('of a listener is that of all threads together', async () => {
    await onSite(limited({ connections: LIMIT }), async ({ start }) => {
      const gateway = await start();
      const first = await letIn(gateway, 40);
      assert.equal(first.length, LIMIT);
      assert.equal((await letIn(gateway, 10)).length, 0);
      leave(first);
      // The threads hear of it a little later.
      await until(async () =>
        ask(gateway.ports.get('web'), '/ping').then(
          () => true,
          () => false,
        ),
      );
      await until(async () => {
        const again = await letIn(gateway, LIMIT);
        leave(again);
        return again.length === LIMIT;
      });
    });
  });

  it('of a client is that of all threads together', async () => {
    await onSite(limited({ connectionsPerClient: LIMIT }), async ({ start }) => {
      const gateway = await start();
      const [one, other] = await Promise.all([letIn(gateway, 40), letIn(gateway, 40, '127.0.0.2')]);
      assert.deepEqual([one.length, other.length], [LIMIT, LIMIT]);
      leave([...one, ...other]);
    });
  });

  it('counts nothing of a thread that died', async () => {
    await onSite(limited({ connections: LIMIT }), async ({ start }) => {
      const gateway = await start();
      const first = await letIn(gateway, 40);
      assert.equal(first.length, LIMIT);
      for (let thread = 0; thread < THREADS; thread++) {
        let answer = await kill(gateway, thread);
        while (answer === 409) answer = await kill(gateway, thread);
        assert.ok(answer < 300, String(answer));
      }
      await eventually(() => first.every((socket) => socket.closed), 'the end of all connections');
      await until(async () => {
        const again = await letIn(gateway, 20).catch(() => []);
        leave(again);
        return again.length === LIMIT;
      });
    });
  });
});

async function kill(gateway: Supervisor, thread: number): Promise<number> {
  return (await ask(gateway.adminPort, `/threads/${thread}/restart?kill=true`, { method: 'POST' })).status;
}
