import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, early, fieldOf, reply } from '@turnpike/testkit';
import { codeOf, gateway, get, request } from '../wire/fixture.ts';
import { closeOf, socketRig, textFrom } from './socket-rig.ts';

const HANDSHAKE = {
  connection: 'Connection: Upgrade',
  upgrade: 'Upgrade: websocket',
  version: 'Sec-WebSocket-Version: 13',
  key: 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
};
const ACCEPT = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const SWITCHED = ['HTTP/1.1 101 Switching Protocols', 'Connection: upgrade', 'Upgrade: websocket'];
const LIVE = { upgrade: ['websocket'] };

function fields(changes: Partial<typeof HANDSHAKE> = {}): string[] {
  return Object.values({ ...HANDSHAKE, ...changes }).filter((field) => field !== '');
}

describe('the handshake of a WebSocket', () => {
  for (const [name, changes, status, code] of [
    ['another version', { version: 'Sec-WebSocket-Version: 8' }, 426, 'WEBSOCKET_VERSION'],
    ['no version', { version: '' }, 426, 'WEBSOCKET_VERSION'],
    ['no key', { key: '' }, 400, 'BAD_HANDSHAKE'],
    ['a key of another length', { key: 'Sec-WebSocket-Key: abcd' }, 400, 'BAD_HANDSHAKE'],
    [
      'a key that is no Base64 of 16 bytes',
      { key: `Sec-WebSocket-Key: ${'x'.repeat(22)}==` },
      400,
      'BAD_HANDSHAKE',
    ],
    ['two keys', { key: `${HANDSHAKE.key}\r\n${HANDSHAKE.key}` }, 400, 'BAD_HANDSHAKE'],
  ] as const) {
    it(`is refused with ${name}, and the service hears nothing`, async (t) => {
      const { client, upstream } = await gateway(t, { upstream: answer(reply('never')), route: LIVE });
      const response = await (await client()).ask(get('/', ...fields(changes)));
      assert.equal(response.status, status);
      assert.equal(codeOf(response), code);
      if (status === 426) {
        assert.equal(fieldOf(response, 'sec-websocket-version'), '13');
        assert.equal(fieldOf(response, 'upgrade'), 'websocket');
      }
      assert.equal(upstream.requests.length, 0);
    });
  }

  it('is refused with a method other than GET', async (t) => {
    const { client } = await gateway(t, { upstream: answer(reply('never')), route: LIVE });
    const response = await (await client()).ask(request('DELETE /', fields()));
    assert.equal(codeOf(response), 'BAD_HANDSHAKE');
  });

  for (const [name, lines] of [
    ['without the answer to the key', []],
    ['with a wrong answer to the key', ['Sec-WebSocket-Accept: xxxxxxxxxxxxxxxxxxxxxxxxxxx=']],
    ['with a subprotocol that nobody offered', [ACCEPT, 'Sec-WebSocket-Protocol: chat']],
    ['with an extension that nobody offered', [ACCEPT, 'Sec-WebSocket-Extensions: permessage-deflate']],
  ] as const) {
    it(`fails when the service answers ${name}`, async (t) => {
      const upstream = early(`${[...SWITCHED, ...lines].join('\r\n')}\r\n\r\n`);
      const { client, plane } = await gateway(t, { upstream, route: LIVE });
      const response = await (await client()).ask(get('/', ...fields()));
      assert.equal(response.status, 502);
      assert.equal(codeOf(response), 'UPSTREAM_INVALID');
      assert.equal(plane.inflight(), 0);
    });
  }

  it('passes the policies of its route like any other request', async (t) => {
    const rig = await socketRig(t, {
      policies: {
        authenticate: { with: 'consumers', apiKeyFrom: ['query:key', 'header:x-api-key'] },
        rateLimit: { limit: 2, per: '1h', by: 'identity' },
      },
      sections: { consumers: { app: { keys: ['the-key-of-the-application-0001'] } } },
    });
    const refused = await rig.refused();
    assert.equal(refused.statusCode, 401);
    const path = '/live?key=the-key-of-the-application-0001';
    const first = await rig.open({ path });
    first.send('hello');
    assert.equal(await textFrom(first), 'hello');
    // A key in the query is taken out before anybody sees it.
    assert.equal(rig.handshakes[0]?.url, '/live');
    await rig.open({ headers: { 'x-api-key': 'the-key-of-the-application-0001' } });
    const limited = await rig.refused({ headers: { 'x-api-key': 'the-key-of-the-application-0001' } });
    assert.equal(limited.statusCode, 429);
  });

  it('is refused by address like any other request', async (t) => {
    const rig = await socketRig(t, { policies: { ipAccess: { deny: ['127.0.0.0/8'] } } });
    assert.equal((await rig.refused()).statusCode, 403);
  });

  it('holds a place of its caller until the WebSocket is closed', async (t) => {
    const rig = await socketRig(t, { policies: { concurrency: { limit: 1, by: 'ip' } } });
    const first = await rig.open();
    assert.equal((await rig.refused()).statusCode, 429);
    first.close();
    await closeOf(first);
    await rig.plane.lines(2);
    await rig.open();
  });
});

describe('pages that open a WebSocket', () => {
  it('are those of the route, where it names some', async (t) => {
    const rig = await socketRig(t, { policies: { websocket: { origins: ['https://*.example.com'] } } });
    await rig.open({ origin: 'https://app.example.com' });
    await rig.open();
    for (const origin of ['https://example.org', 'https://app.example.com.evil.org', 'null'])
      assert.equal((await rig.refused({ origin })).statusCode, 403);
    assert.match(rig.plane.metrics(), /policy="websocket",reason="origin",decision="denied"\} 3/);
  });

  it('are of the same origin where browsers send what proves the caller', async (t) => {
    const rig = await socketRig(t, {
      policies: { authenticate: { with: 'consumers' } },
      sections: { consumers: { app: { basic: [{ username: 'app', password: 'a-password-that-is-long' }] } } },
    });
    const headers = { authorization: `Basic ${btoa('app:a-password-that-is-long')}` };
    assert.equal((await rig.refused({ headers, origin: 'https://evil.example' })).statusCode, 403);
    await rig.open({ headers, origin: `http://127.0.0.1:${rig.plane.port}` });
    await rig.open({ headers });
  });

  it('may be any where nothing is sent by itself', async (t) => {
    const rig = await socketRig(t);
    await rig.open({ origin: 'https://evil.example' });
  });
});

describe('the subprotocols of a WebSocket', () => {
  it('are those of the route; the service hears of no others', async (t) => {
    const rig = await socketRig(t, { policies: { websocket: { subprotocols: ['chat.v2', 'chat.v1'] } } });
    const client = await rig.open({ protocols: ['graphql-ws', 'chat.v1', 'chat.v2'] });
    assert.equal(rig.handshakes[0]?.headers['sec-websocket-protocol'], 'chat.v1, chat.v2');
    assert.equal(client.protocol, 'chat.v1');
    assert.equal((await rig.refused({ protocols: ['graphql-ws'] })).statusCode, 400);
  });
});
