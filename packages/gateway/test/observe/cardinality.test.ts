import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { ask, onSite, saying } from '../threads/fixture.ts';

/** Stands in everything that the client makes up. */
const MADE_UP = 'zqx';

const routes = {
  ping: { match: { path: '/ping' }, respond: { status: 200, body: 'pong' } },
  param: { match: { path: '/users/{id}' }, respond: { status: 200, body: 'user' } },
  keyed: {
    match: { path: '/keyed' },
    policies: { authenticate: { with: 'consumers' } },
    respond: { status: 200, body: 'in' },
  },
  limited: {
    match: { path: '/limited' },
    policies: { rateLimit: [{ limit: 1, per: '1h', by: 'header:x-user' }] },
    respond: { status: 200, body: 'ok' },
  },
  crossed: {
    match: { path: '/crossed' },
    policies: { cors: { origins: ['https://app.example.com'] } },
    respond: { status: 200, body: 'ok' },
  },
};

/** Sends what `node:http` would not. */
async function sendRaw(port: number, text: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {}).resume();
  socket.end(text);
  await once(socket, 'close');
}

async function makeUp(port: number, round: number): Promise<void> {
  for (let i = 0; i < 40; i++) {
    const word = `${MADE_UP}${round}x${i}`;
    const headers = {
      host: `${word}.example.com`,
      origin: `https://${word}.example.com`,
      'user-agent': word,
      'x-user': word,
      'x-api-key': word,
      authorization: `Bearer ${word}`,
      traceparent: `00-4bf92f3577b34da6a3ce929d0e0e${String(i).padStart(4, '0')}-00f067aa0ba902b7-01`,
      [`x-${word}`]: word,
    };
    for (const path of [
      `/${word}`,
      `/users/${word}`,
      '/keyed',
      '/limited',
      '/crossed',
      `/ping?${word}=${word}`,
    ])
      await ask(port, path, { headers });
    await ask(port, '/crossed', {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-method': 'PUT' },
    });
    await sendRaw(port, `${word.toUpperCase()} /ping HTTP/1.1\r\nHost: ${word}\r\nConnection: close\r\n\r\n`);
    await sendRaw(port, `GET /${word} HTTP/9.${i % 10}\r\n\r\n`);
  }
}

describe('the series of the metrics', { timeout: 120_000 }, () => {
  it('do not grow with what clients make up', async () => {
    const consumers = { someone: { keys: ['secret-of-someone-0123456789'] } };
    await onSite(saying('', { routes, consumers }), async (site) => {
      const gateway = await site.start();
      const port = gateway.ports.get('web') ?? 0;
      const seriesOf = async (): Promise<string[]> => {
        const { body } = await ask(gateway.adminPort, '/metrics');
        return body
          .split('\n')
          .filter((line) => line.startsWith('turnpike_'))
          .map((line) => line.slice(0, line.lastIndexOf(' ')));
      };
      await makeUp(port, 1);
      const before = await seriesOf();
      await makeUp(port, 2);
      const after = await seriesOf();
      assert.deepEqual(
        after.filter((series) => series.includes(MADE_UP)),
        [],
      );
      assert.ok(before.some((series) => series.includes('policy="rateLimit"')));
      assert.ok(before.some((series) => series.includes('policy="authenticate"')));
      assert.ok(after.length - before.length < 20, `${before.length} became ${after.length}`);
    });
  });
});
