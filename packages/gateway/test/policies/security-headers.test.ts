import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, early, fieldOf, fieldsOf, rawClient, reply, startPlane } from '@turnpike/testkit';
import { gateway, get, request } from '../wire/fixture.ts';

const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';

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

  it('are on our replies to what no route takes, as the defaults say', async (t) => {
    const { client } = await gateway(t, {
      upstream: answer(reply('hi')),
      route: {
        match: { path: '/api', methods: ['GET'] },
        policies: { securityHeaders: 'off', cors: { origins: ['https://app.example.com'] } },
      },
      defaults: { policies: { securityHeaders: { 'x-frame-options': 'SAMEORIGIN' } } },
    });
    const connection = await client();
    for (const [head, status] of [
      ['GET /none', 404],
      ['POST /api', 405],
      ['OPTIONS /api', 204],
      ['OPTIONS *', 204],
    ] as const) {
      const unrouted = await connection.ask(request(head, ['Origin: https://app.example.com']));
      assert.equal(unrouted.status, status);
      assert.deepEqual(fieldsOf(unrouted, 'x-frame-options'), ['SAMEORIGIN']);
      assert.deepEqual(fieldsOf(unrouted, 'x-content-type-options'), ['nosniff']);
      assert.equal(fieldOf(unrouted, 'access-control-allow-origin'), undefined);
      assert.equal(fieldOf(unrouted, 'allow') !== undefined, status !== 404);
    }
    const asked = ['Origin: https://app.example.com', 'Access-Control-Request-Method: PUT'];
    const preflight = await connection.ask(request('OPTIONS /api', asked));
    assert.equal(preflight.status, 204);
    assert.match(fieldOf(preflight, 'vary') ?? '', /^Origin, Access-Control-Request-Method/);
    assert.equal(fieldOf(preflight, 'x-frame-options'), undefined);
    assert.equal(fieldOf(await connection.ask(get('/api')), 'x-frame-options'), undefined);
  });

  it('are not on them if only routes have them, and come and go with the configuration', async (t) => {
    const routes = { api: { match: { path: '/api' }, respond: { status: 204 } } };
    const documentOf = (policies: object) => ({
      listeners: { web: { address: '127.0.0.1:0' } },
      routes,
      defaults: { policies },
    });
    const plane = await startPlane(documentOf({}));
    t.after(() => plane.close());
    const asked = async () => {
      const connection = await rawClient(plane.port);
      const refused = await connection.ask(get('/none'));
      connection.destroy();
      return fieldOf(refused, 'x-frame-options');
    };
    assert.equal(await asked(), undefined);
    await plane.apply(documentOf({ securityHeaders: 'on' }));
    assert.equal(await asked(), 'DENY');
    await plane.apply(documentOf({ securityHeaders: { mode: 'report' } }));
    assert.equal(await asked(), undefined);
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
