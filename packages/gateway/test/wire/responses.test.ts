import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  answer,
  bytewise,
  byPath,
  chunkedReply,
  early,
  fieldOf,
  fieldsOf,
  partial,
  reply,
  scriptedUpstream,
} from '@turnpike/testkit';
import { codeOf, gateway, get, request } from './fixture.ts';

describe('responses', () => {
  it('keeps chunks and their trailers, and drops trailers that must not be there', async (t) => {
    const upstream = answer(chunkedReply(['one,', 'two'], ['X-Sum: 7', 'Set-Cookie: a=b']));
    const { client } = await gateway(t, { upstream });
    const connection = await client();
    for (let i = 0; i < 2; i++) {
      const response = await connection.ask(get());
      assert.equal(response.body.toString(), 'one,two');
      assert.deepEqual(response.trailers, [['X-Sum', '7']]);
      assert.equal(fieldOf(response, 'content-length'), undefined);
    }
  });

  it('reads a response that comes byte by byte, whatever its framing', async (t) => {
    const { client, upstream } = await gateway(t, {
      upstream: byPath({
        '/length': bytewise(reply('hello')),
        '/chunks': bytewise(chunkedReply(['hel', 'lo'], ['X-Sum: 7'])),
        '/none': bytewise(reply('', ['X-Empty: yes'], '204 No Content').replace('Content-Length: 0\r\n', '')),
      }),
    });
    const connection = await client();
    assert.equal((await connection.ask(get('/length'))).body.toString(), 'hello');
    assert.equal((await connection.ask(get('/chunks'))).body.toString(), 'hello');
    assert.equal((await connection.ask(get('/none'))).status, 204);
    assert.equal((await connection.ask(get('/length'))).body.toString(), 'hello');
    assert.equal(upstream.connections, 1);
  });

  it('reads a body that ends with the connection, and sends it on as chunks', async (t) => {
    const body = 'x'.repeat(100_000);
    const { client } = await gateway(t, { upstream: partial(`HTTP/1.0 200 OK\r\n\r\n${body}`, 'fin') });
    const connection = await client();
    for (let i = 0; i < 2; i++) {
      const response = await connection.ask(get());
      assert.equal(response.body.toString(), body);
      assert.equal(fieldOf(response, 'transfer-encoding'), 'chunked');
    }
  });

  it('has no body after HEAD, 204 and 304, and keeps the length that HEAD and 304 promise', async (t) => {
    const { client, upstream } = await gateway(t, {
      upstream: byPath({
        '/head': answer('HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n'),
        '/chunked': answer('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
        '/204': answer('HTTP/1.1 204 No Content\r\n\r\n'),
        '/304': answer('HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 77\r\n\r\n'),
        '/get': answer(reply('body')),
      }),
    });
    const connection = await client();
    const head = await connection.ask(request('HEAD /head'));
    assert.equal(fieldOf(head, 'content-length'), '1234');
    const chunked = await connection.ask(request('HEAD /chunked'));
    assert.equal(fieldOf(chunked, 'content-length'), undefined);
    const none = await connection.ask(get('/204'));
    assert.equal(fieldOf(none, 'content-length'), undefined);
    assert.equal(fieldOf(none, 'transfer-encoding'), undefined);
    const unmodified = await connection.ask(get('/304'));
    assert.equal(fieldOf(unmodified, 'content-length'), '77');
    assert.equal(fieldOf(unmodified, 'etag'), '"a"');
    assert.equal((await connection.ask(get('/get'))).body.toString(), 'body');
    assert.equal(upstream.connections, 1);
  });

  it('sends on 103, swallows 100, and refuses more than ten of them', async (t) => {
    const hints =
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nConnection: close, X-Secret\r\nX-Secret: 1\r\nContent-Length: 5\r\n\r\n';
    const { client } = await gateway(t, {
      upstream: byPath({
        '/hints': early(`HTTP/1.1 100 Continue\r\n\r\n${hints}${hints}${reply('done')}`),
        '/flood': early('HTTP/1.1 102 Processing\r\n\r\n'.repeat(11) + reply('done')),
        '/ten': early('HTTP/1.1 100 Continue\r\n\r\n'.repeat(10) + reply('done')),
      }),
    });
    const connection = await client();
    const response = await connection.ask(get('/hints'));
    assert.equal(response.body.toString(), 'done');
    const lines = response.interims.map(({ startLine }) => startLine);
    assert.deepEqual(lines, ['HTTP/1.1 103 Early Hints', 'HTTP/1.1 103 Early Hints']);
    assert.deepEqual(response.interims[0]?.fields, [
      ['Link', '</a.css>'],
      ['Via', '1.1 turnpike'],
    ]);
    assert.equal((await connection.ask(get('/ten'))).body.toString(), 'done');
    const flood = await connection.ask(get('/flood'));
    assert.equal(flood.status, 502);
    assert.equal(codeOf(flood), 'UPSTREAM_INVALID');
  });

  it('sends no interim response to an HTTP/1.0 client', async (t) => {
    const { client } = await gateway(t, {
      upstream: early(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${reply('done')}`),
    });
    const response = await (await client()).ask('GET / HTTP/1.0\r\n\r\n');
    assert.equal(response.body.toString(), 'done');
    assert.deepEqual(response.interims, []);
  });

  it('serves HTTP/1.0 with and without keep-alive and Host', async (t) => {
    const { client, upstream } = await gateway(t, {
      upstream: byPath({ '/length': answer(reply('hello')), '/chunks': answer(chunkedReply(['hel', 'lo'])) }),
    });
    const closing = await client();
    const closed = await closing.ask('GET /length HTTP/1.0\r\n\r\n');
    assert.equal(fieldOf(closed, 'connection'), 'close');
    assert.equal(await closing.closed(), 'fin');
    const { fields } = await upstream.request(0);
    assert.equal(fieldOf({ fields }, 'host'), `127.0.0.1:${upstream.port}`);
    assert.equal(fieldOf({ fields }, 'x-forwarded-host'), undefined);

    const keeping = await client();
    for (let i = 0; i < 2; i++) {
      const kept = await keeping.ask('GET /length HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n');
      assert.equal(fieldOf(kept, 'connection'), 'keep-alive');
      assert.equal(kept.body.toString(), 'hello');
    }
    const unframed = await keeping.ask('GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    assert.equal(fieldOf(unframed, 'transfer-encoding'), undefined);
    assert.equal(fieldOf(unframed, 'connection'), 'close');
    assert.equal(unframed.body.toString(), 'hello');
    assert.equal(await keeping.closed(), 'fin');
  });

  it('drops hop-by-hop fields and what Connection lists, but nothing that matters', async (t) => {
    const { client } = await gateway(t, {
      upstream: answer(
        reply('x', [
          'Connection: X-Hop, Cache-Control, Content-Type, close',
          'X-Hop: 1',
          'Keep-Alive: timeout=5',
          'Proxy-Authenticate: Basic',
          'Cache-Control: no-store',
          'Content-Type: text/plain',
          'Set-Cookie: a=1',
          'Set-Cookie: b=2',
          'X-Forwarded-For: 1.2.3.4',
        ]),
      ),
    });
    const response = await (await client()).ask(get());
    const names = response.fields.map(([name]) => name.toLowerCase()).sort();
    assert.deepEqual(names, [
      'cache-control',
      'content-length',
      'content-type',
      'date',
      'set-cookie',
      'set-cookie',
      'via',
      'x-request-id',
    ]);
    assert.deepEqual(fieldsOf(response, 'set-cookie'), ['a=1', 'b=2']);
  });

  it('keeps the Date of the service, and adds one where there is none', async (t) => {
    const { client } = await gateway(t, {
      upstream: byPath({
        '/with': answer(reply('', ['Date: Tue, 15 Nov 1994 08:12:31 GMT'])),
        '/without': answer(reply('')),
      }),
    });
    const connection = await client();
    assert.deepEqual(fieldsOf(await connection.ask(get('/with')), 'date'), ['Tue, 15 Nov 1994 08:12:31 GMT']);
    const [date = ''] = fieldsOf(await connection.ask(get('/without')), 'date');
    assert.equal(new Date(date).toUTCString(), date);
  });

  it('delivers an early answer to an unfinished upload, and uses neither connection again', async (t) => {
    const upstreamStep = early(reply('too early', [], '403 Forbidden'));
    const { client, upstream, plane } = await gateway(t, { upstream: upstreamStep });
    for (const framing of ['Content-Length: 1000000', 'Transfer-Encoding: chunked']) {
      const connection = await client();
      await connection.send(
        request('POST /', [framing]) + (framing.startsWith('T') ? '5\r\nhello\r\n' : 'hello'),
      );
      const response = await connection.response();
      assert.equal(response.status, 403);
      assert.equal(response.body.toString(), 'too early');
      assert.equal(fieldOf(response, 'connection'), 'close');
      assert.equal(await connection.closed(), 'fin');
    }
    assert.equal(upstream.connections, 2);
    await upstream.whenIdle();
    assert.equal(plane.inflight(), 0);
  });

  it('delivers a long early answer while the client goes on sending', async (t) => {
    const body = 'y'.repeat(300_000);
    const { client, upstream } = await gateway(t, { upstream: early(reply(body)) });
    const connection = await client();
    const sent = connection.send(request('POST /', [`Content-Length: 800000`]) + 'x'.repeat(400_000));
    const response = await connection.response();
    await sent;
    assert.equal(response.body.toString(), body);
    await upstream.whenIdle();
  });

  it('answers from the route: redirect, respond, OPTIONS, HEAD, and 405 with Allow', async (t) => {
    const { client } = await gateway(t, {
      upstream: answer(reply('from the service')),
      route: { match: { path: '/service' } },
      routes: {
        moved: { match: { path: '/old/{id}/*' }, redirect: { to: '/new/{id}?x={rest}', status: 307 } },
        gone: { match: { path: '/gone/*' }, redirect: { to: 'https://example.org/' } },
        text: {
          match: { path: '/text', methods: ['GET', 'PUT'] },
          respond: { status: 203, body: 'grüße', headers: { 'X-Mine': 'yes' } },
        },
      },
    });
    const connection = await client();
    const moved = await connection.ask(get('/old/7/a/b?q=1'));
    assert.equal(moved.status, 307);
    assert.equal(fieldOf(moved, 'location'), '/new/7?x=a/b');
    const gone = await connection.ask(get('/gone/x?q=1'));
    assert.equal(gone.status, 308);
    assert.equal(fieldOf(gone, 'location'), 'https://example.org/?q=1');
    assert.equal(fieldOf(gone, 'content-length'), '0');
    const text = await connection.ask(get('/text'));
    assert.equal(text.status, 203);
    assert.equal(text.body.toString('utf8'), 'grüße');
    assert.equal(fieldOf(text, 'x-mine'), 'yes');
    const head = await connection.ask(request('HEAD /text'));
    assert.equal(head.status, 203);
    assert.equal(fieldOf(head, 'content-length'), '7');
    const options = await connection.ask(request('OPTIONS /text'));
    assert.equal(options.status, 204);
    assert.equal(fieldOf(options, 'allow'), 'GET, HEAD, PUT, OPTIONS');
    const refused = await connection.ask(request('DELETE /text'));
    assert.equal(refused.status, 405);
    assert.equal(codeOf(refused), 'METHOD_NOT_ALLOWED');
    assert.equal(fieldOf(refused, 'allow'), 'GET, HEAD, PUT, OPTIONS');
    const star = await connection.ask(request('OPTIONS *'));
    assert.equal(star.status, 204);
    assert.ok(fieldOf(star, 'allow')?.includes('GET'));
  });

  it('answers with the body that the route has for an error of ours, never for one of the service', async (t) => {
    const down = await scriptedUpstream(answer(''));
    await down.close();
    const { client } = await gateway(t, {
      upstream: answer(reply('own words', [], '502 Bad Gateway')),
      services: { down: { endpoints: [down.url] } },
      defaults: { policies: { errors: { 502: { body: '{"sorry":true}', status: 503 } } } },
      routes: { down: { match: { path: '/down' }, service: 'down' } },
    });
    const connection = await client();
    assert.equal((await connection.ask(get('/'))).body.toString(), 'own words');
    const replaced = await connection.ask(get('/down'));
    assert.equal(replaced.status, 503);
    assert.equal(fieldOf(replaced, 'content-type'), 'application/json');
    assert.equal(fieldOf(replaced, 'proxy-status'), 'turnpike; error=connection_refused');
    assert.equal(replaced.body.toString(), '{"sorry":true}');
  });
});
