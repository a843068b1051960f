import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { it } from 'node:test';
import { shareConnections } from './connection-share.ts';

it('nobody can hold all connections', async (t) => {
  const server = createServer((_request, response) => response.end('ok'));
  server.maxConnections = 8;
  shareConnections(server, 4);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const greedy = (): Socket => connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  const sockets = Array.from({ length: 12 }, greedy);
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  let count = 0;
  await new Promise<void>((resolve) => {
    for (const socket of sockets) {
      socket.on('error', () => {}); // a reset is as good
      socket.once('close', () => void (++count === 8 && resolve()));
    }
  });
  const response = await fetch(`http://127.0.0.1:${port}/`);
  assert.equal(await response.text(), 'ok');
});
