import assert from 'node:assert/strict';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { startPlane } from '@turnpike/testkit';

/** A service that holds every request until it is let go, behind a limit. */
async function rig(t: TestContext, concurrency: number | 'off') {
  const held: ServerResponse[] = [];
  const server = createServer((_, response) => {
    held.push(response);
    server.emit('held');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const plane = await startPlane({
    listeners: { web: { address: '127.0.0.1:0' } },
    services: { main: { endpoints: [`http://127.0.0.1:${port}`], concurrency } },
    routes: {
      all: { match: { path: '/*' }, service: 'main' },
      bulk: { match: { path: '/bulk' }, service: 'main', policies: { priority: 'bulk' } },
    },
  });
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await plane.close();
  });
  const ask = async (path: string): Promise<{ status: number; retryAfter: string; body: string }> => {
    const outgoing = request({ host: '127.0.0.1', port: plane.port, path, agent: false }).end();
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    let body = '';
    for await (const piece of incoming) body += String(piece);
    return { status: incoming.statusCode ?? 0, retryAfter: incoming.headers['retry-after'] ?? '', body };
  };
  const arrivals = async (count: number): Promise<void> => {
    while (held.length < count) await once(server, 'held');
  };
  return { ask, held, arrivals };
}

describe('a service with a limit', () => {
  it('gets no more at once, and the others are told when to come back', async (t) => {
    const { ask, held, arrivals } = await rig(t, 1);
    const first = ask('/');
    await arrivals(1);
    const { status, retryAfter, body } = await ask('/bulk');
    assert.equal(status, 503);
    assert.match(retryAfter, /^\d+$/);
    assert.match(body, /"code":"OVERLOADED"/);
    assert.match(body, /temporary-reduced-capacity/);
    held[0]?.end('done');
    assert.equal((await first).body, 'done');
    const next = ask('/bulk');
    await arrivals(2);
    held[1]?.end('again');
    assert.equal((await next).body, 'again');
  });

  it('gets as much as comes without one', async (t) => {
    const { ask, held, arrivals } = await rig(t, 'off');
    const all = [ask('/'), ask('/bulk'), ask('/')];
    await arrivals(3);
    for (const response of held) response.end('done');
    for (const { status } of await Promise.all(all)) assert.equal(status, 200);
  });
});
