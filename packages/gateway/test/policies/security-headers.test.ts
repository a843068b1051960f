import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, early, fieldOf, fieldsOf, reply } from '@turnpike/testkit';
import { gateway, get, request } from '../wire/fixture.ts';

const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n';

describe('security headers', () => {
  it('are on the replies of the service and on our own errors', async (t) => {
    const { client } = await gateway(t, {
      upstream: answer(reply('hi', ['X-Frame-Options: SAMEORIGIN'])),
      route: { match: { path: '/api', methods: ['GET'] }, policies: { limits: { queryCount: 0 } } },
      defaults: { policies: { securityHeaders: 'on' } },
    });
    const connection = await client();
    const served = await connection.ask(get('/api'));
    assert.deepEqual(fieldsOf(served, 'x-frame-options'), ['SAMEORIGIN']);
    assert.deepEqual(fieldsOf(served, 'x-content-type-options'), ['nosniff']);
    const refused = await connection.ask(get('/api?a'));
    assert.equal(refused.status, 400);
    assert.deepEqual(fieldsOf(refused, 'x-frame-options'), ['DENY']);
    assert.deepEqual(fieldsOf(refused, 'x-content-type-options'), ['nosniff']);
  });

  it('demand https only of those who came over it, as a trusted proxy says', async (t) => {
    for (const trustedProxies of [[], ['127.0.0.1/32']]) {
      const { client } = await gateway(t, {
        upstream: answer(reply('hi')),
        listener: { trustedProxies },
        route: { policies: { securityHeaders: 'on' } },
      });
      const connection = await client();
      const told = await connection.ask(get('/', 'X-Forwarded-Proto: https'));
      assert.equal(fieldOf(told, 'strict-transport-security') !== undefined, trustedProxies.length > 0);
      const plain = await connection.ask(get('/'));
      assert.equal(fieldOf(plain, 'strict-transport-security'), undefined);
    }
  });

  it('stay off a connection that switches to another protocol, and so do those of cors', async (t) => {
    const heads: string[] = [];
    for (const policies of [{}, { securityHeaders: 'on', cors: { origins: ['https://app.example.com'] } }]) {
      const { client } = await gateway(t, {
        upstream: early(`${SWITCHED}hello`),
        route: { upgrade: ['websocket'], policies },
      });
      const connection = await client();
      await connection.send(request('GET /', [...UPGRADE, 'Origin: https://app.example.com']));
      const response = await connection.response();
      assert.equal(response.status, 101);
      heads.push(response.head.replaceAll(/(Date|X-Request-Id): .*/g, ''));
      connection.end();
    }
    assert.equal(heads[1], heads[0]);
  });

  it('change no byte in report mode', async (t) => {
    const replies: string[] = [];
    for (const policies of [{}, { securityHeaders: { mode: 'report' } }]) {
      const { client } = await gateway(t, {
        upstream: answer(reply('hi', ['Date: Mon, 06 Jul 2026 00:00:00 GMT'])),
        route: { policies },
      });
      const { head, body } = await (await client()).ask(get('/'));
      replies.push(head.replace(/X-Request-Id: .*/, '') + body.toString());
    }
    assert.equal(replies[1], replies[0]);
  });
});
