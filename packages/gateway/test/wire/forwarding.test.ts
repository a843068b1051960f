import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, fieldOf, fieldsOf, reply, type Talk } from '@turnpike/testkit';
import { codeOf, gateway, get, request, type GatewayPlan } from './fixture.ts';

const FORWARDING = {
  upstream: answer(reply('x')),
} satisfies GatewayPlan;

/** Names that a request has at the service, in lower case and sorted. */
function names({ fields }: Talk): string[] {
  return fields.map(([name]) => name.toLowerCase()).sort();
}

const OURS = [
  'forwarded',
  'host',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-request-id',
];

describe('what the service sees', () => {
  it('is told who called, whatever the caller says of itself', async (t) => {
    const { client, upstream, plane } = await gateway(t, FORWARDING);
    const response = await (
      await client()
    ).ask(
      get(
        '/path?query=1',
        'X-Forwarded-For: 6.6.6.6',
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: evil.test',
        'X-Forwarded-Port: 1',
        'X-Forwarded-Prefix: /evil',
        'X-Forwarded-Server: evil',
        'X-Real-IP: 6.6.6.6',
        'X_Forwarded_For: 6.6.6.6',
        'Forwarded: for=6.6.6.6',
        'X-Request-Id: mine',
        'Via: 1.0 before',
        'Accept: */*',
      ),
    );
    const talk = await upstream.request(0);
    assert.equal(talk.target, '/path?query=1');
    assert.deepEqual(names(talk), [...OURS, 'accept', 'via'].sort());
    assert.equal(fieldOf(talk, 'host'), 'gateway.test');
    assert.equal(fieldOf(talk, 'x-forwarded-for'), '127.0.0.1');
    assert.equal(fieldOf(talk, 'x-forwarded-proto'), 'http');
    assert.equal(fieldOf(talk, 'x-forwarded-host'), 'gateway.test');
    assert.deepEqual(fieldsOf(talk, 'via'), ['1.0 before', '1.1 turnpike']);
    assert.equal(fieldOf(talk, 'forwarded'), 'for=127.0.0.1;host="gateway.test";proto=http');
    const id = fieldOf(talk, 'x-request-id');
    assert.notEqual(id, 'mine');
    assert.equal(fieldOf(response, 'x-request-id'), id);
    assert.equal(fieldOf(response, 'via'), '1.1 turnpike');
    const [line] = await plane.lines(1);
    assert.equal(line?.['client'], '127.0.0.1');
    assert.equal(line?.['requestId'], id);
  });

  it('is told what trusted proxies say, and who they are', async (t) => {
    const { client, upstream, plane } = await gateway(t, {
      ...FORWARDING,
      listener: { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] },
    });
    const connection = await client();
    await connection.ask(
      get(
        '/',
        'X-Forwarded-For: 6.6.6.6, 203.0.113.9',
        'X-Forwarded-For: 10.1.2.3',
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: public.test',
        'X-Forwarded-Port: 443',
        'Forwarded: for=203.0.113.9',
        'X-Request-Id: from-the-proxy',
      ),
    );
    const talk = await upstream.request(0);
    assert.equal(fieldOf(talk, 'x-forwarded-for'), '6.6.6.6, 203.0.113.9, 10.1.2.3, 127.0.0.1');
    assert.equal(fieldOf(talk, 'x-forwarded-proto'), 'https');
    assert.equal(fieldOf(talk, 'x-forwarded-host'), 'public.test');
    assert.equal(fieldOf(talk, 'x-forwarded-port'), '443');
    assert.match(fieldOf(talk, 'forwarded') ?? '', /^for=203\.0\.113\.9, for=127\.0\.0\.1;/);
    assert.equal(fieldOf(talk, 'x-request-id'), 'from-the-proxy');
    const [line] = await plane.lines(1);
    assert.equal(line?.['client'], '203.0.113.9');
  });

  it('gets no hop-by-hop field, nor what Connection lists, unless that matters', async (t) => {
    const { client, upstream } = await gateway(t, FORWARDING);
    const connection = await client();
    const response = await connection.ask(
      request(
        'POST /',
        [
          'Connection: keep-alive, X-Hop, Authorization, Host, Cookie, Content-Length, Content-Type, X-Forwarded-For',
          'X-Hop: 1',
          'Keep-Alive: timeout=5',
          'Proxy-Connection: keep-alive',
          'Proxy-Authorization: Basic eDp5',
          'TE: trailers',
          'Upgrade: h2c',
          'HTTP2-Settings: AAMAAABkAAQAAP__',
          'Authorization: Bearer token',
          'Cookie: a=b',
          'Content-Type: text/plain',
        ],
        'hello',
      ),
    );
    assert.equal(response.status, 200);
    const talk = await upstream.request(0);
    assert.deepEqual(
      names(talk),
      [...OURS, 'authorization', 'content-length', 'content-type', 'cookie'].sort(),
    );
    assert.equal((await talk.whole()).body.toString(), 'hello');
  });

  it('gets the origin form, the host of an absolute target, and the normalised path', async (t) => {
    const { client, upstream } = await gateway(t, FORWARDING);
    const connection = await client();
    await connection.ask(request('GET http://gateway.test/a/./b/../c?x=%2F'));
    await connection.ask('GET http://Gateway.Test:80 HTTP/1.0\r\n\r\n');
    const [first, second] = [await upstream.request(0), await upstream.request(1)];
    assert.equal(first.target, '/a/c?x=%2F');
    assert.equal(fieldOf(first, 'host'), 'gateway.test');
    assert.equal(second.target, '/');
    assert.equal(fieldOf(second, 'host'), 'Gateway.Test:80');
  });

  it('gets the path and the host that the route makes of them', async (t) => {
    const { client, upstream } = await gateway(t, {
      ...FORWARDING,
      route: {
        match: { path: '/users/{id}/*' },
        rewrite: { path: '/v1/{rest}/of/{id}', host: 'inner.test' },
      },
      routes: { api: { match: { path: '/api/*' }, service: 'main', rewrite: { stripPrefix: '/api' } } },
    });
    const connection = await client();
    await connection.ask(get('/users/a%20b/orders/7?q=1'));
    await connection.ask(get('/api/things/1?q=2'));
    await connection.ask(get('/api'));
    const talks = [await upstream.request(0), await upstream.request(1), await upstream.request(2)];
    assert.deepEqual(
      talks.map(({ target }) => target),
      ['/v1/orders/7/of/a%20b?q=1', '/things/1?q=2', '/'],
    );
    assert.equal(fieldOf(talks[0] ?? { fields: [] }, 'host'), 'inner.test');
    assert.equal(fieldOf(talks[0] ?? { fields: [] }, 'x-forwarded-host'), 'gateway.test');
    assert.equal(fieldOf(talks[1] ?? { fields: [] }, 'host'), 'gateway.test');
  });

  it('gets exact framing for every method', async (t) => {
    const { client, upstream } = await gateway(t, FORWARDING);
    const connection = await client();
    await connection.ask(request('POST /', ['Content-Length: 0']));
    await connection.ask(request('DELETE /', []));
    await connection.ask(request('DELETE /', [], 'why'));
    const lengths = upstream.requests.map((talk) => fieldOf(talk, 'content-length'));
    assert.deepEqual(lengths, ['0', undefined, '3']);
  });

  it('gets no request that goes in circles', async (t) => {
    const { client, upstream } = await gateway(t, FORWARDING);
    const via = Array.from({ length: 5 }, () => '1.1 turnpike').join(', ');
    const response = await (await client()).ask(get('/', `Via: ${via}`));
    assert.equal(response.status, 508);
    assert.equal(codeOf(response), 'LOOP_DETECTED');
    assert.equal(upstream.requests.length, 0);
  });
});
