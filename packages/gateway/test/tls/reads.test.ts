import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { createServer, connect, type TLSSocket } from 'node:tls';
import { eventually, testAuthority, within } from '@turnpike/testkit';
import { readFrom } from '../../src/wire/accept.ts';

describe('what comes on a connection with TLS', () => {
  it('is read into the buffers that are given, stops while it is paused, and ends', async (t) => {
    const authority = testAuthority();
    const { cert, key } = authority.issue({ names: ['gateway.test'] });
    const server = createServer({ cert, key, allowHalfOpen: true }).listen(0, '127.0.0.1');
    await within(once(server, 'listening'), 'a server');
    const buffers = [Buffer.alloc(4096), Buffer.alloc(4096)];
    const own = new Set<ArrayBufferLike>(buffers.map(({ buffer }) => buffer));
    const heard = { text: '', reads: 0, foreign: 0, ended: false, closed: false };
    const inside: TLSSocket[] = [];
    server.on('secureConnection', (socket) => {
      inside.push(socket);
      readFrom(socket, {
        readBuffer: () => buffers[heard.reads % 2] ?? assert.fail(),
        received(count, bytes) {
          heard.reads++;
          if (!own.has(bytes.buffer)) heard.foreign++;
          heard.text += bytes.toString('latin1', 0, count);
        },
        inputEnded: () => (heard.ended = true),
        drained() {},
        closed: () => (heard.closed = true),
      });
    });
    const client = connect({
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      servername: 'gateway.test',
      ca: authority.cert,
    });
    t.after(() => {
      client.destroy();
      for (const socket of inside) socket.destroy();
      server.close();
    });
    client.write('a'.repeat(10_000));
    await eventually(() => heard.text.length === 10_000, 'all bytes');
    inside[0]?.pause();
    client.write('b');
    client.write('c');
    inside[0]?.resume();
    client.end('d');
    await eventually(() => heard.ended, 'the end');
    assert.equal(heard.text, `${'a'.repeat(10_000)}bcd`);
    assert.equal(heard.foreign, 0);
    inside[0]?.end();
    await eventually(() => heard.closed, 'the close');
  });
});
