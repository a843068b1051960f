import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { answer, early, eventually, reply, stall, within } from '@turnpike/testkit';
import { chunks, codeOf, gateway } from './fixture.ts';
import { ask, http2Client, read } from './http2-client.ts';
import {
  block,
  END_HEADERS,
  END_STREAM,
  frame,
  frameClient,
  get,
  pseudo,
  TYPE,
  uint32,
} from './http2-frames.ts';

const MEGABYTES = Buffer.alloc(5 * 1024 * 1024, 'turnpike ');
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('requests with HTTP/2', () => {
  it('come to a service as any others, and say so in the log', async (t) => {
    const { plane, upstream } = await gateway(t, { upstream: answer(reply('hello', ['X-Own: 1'])) });
    const session = await http2Client(t, plane.port);
    const { status, headers, body } = await read(ask(session, { ':path': '/a?b', 'x-mine': '2' }));
    assert.deepEqual([status, headers['x-own'], body.toString()], [200, '1', 'hello']);
    const { head } = await upstream.request(0);
    assert.match(head, /^GET \/a\?b HTTP\/1\.1\r\n/);
    assert.match(head, /\r\nHost: gateway\.test\r\n/i);
    assert.match(head, /\r\nx-mine: 2\r\n/);
    const [line] = await plane.lines(1);
    assert.deepEqual([line?.['protocol'], line?.['status'], line?.['code']], ['HTTP/2', 200, undefined]);
  });

  it('are served on one connection at the same time', async (t) => {
    const { plane, upstream } = await gateway(t, {
      upstream: async (talk) => {
        await upstream.request(9);
        await answer(reply(talk.target))(talk);
      },
    });
    const session = await http2Client(t, plane.port);
    const paths = Array.from({ length: 10 }, (_, i) => `/${i}`);
    const replies = await Promise.all(paths.map((path) => read(ask(session, { ':path': path }))));
    assert.deepEqual(
      replies.map(({ body }) => body.toString()),
      paths,
    );
  });

  it('carry bodies of any size both ways', async (t) => {
    const { plane } = await gateway(t, {
      upstream: async (talk) => {
        const { body } = await talk.whole();
        await talk.write(
          Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`), body]),
        );
      },
    });
    const session = await http2Client(t, plane.port);
    for (const length of [1, 16_384, 65_536, MEGABYTES.length]) {
      const sent = MEGABYTES.subarray(0, length);
      const { status, body } = await read(ask(session, { ':method': 'POST' }, sent));
      assert.equal(status, 200);
      assert.ok(body.equals(sent), `${length} bytes`);
    }
    const lines = await plane.lines(4);
    assert.deepEqual(
      [lines[3]?.['requestBytes'], lines[3]?.['responseBytes']],
      [MEGABYTES.length, MEGABYTES.length],
    );
  });

  it('have no body for HEAD and 204', async (t) => {
    const { plane } = await gateway(t, {
      upstream: (talk) =>
        answer(
          talk.method === 'HEAD'
            ? 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n'
            : 'HTTP/1.1 204 No Content\r\n\r\n',
        )(talk),
    });
    const client = await frameClient(t, plane.port);
    client.send(frame(TYPE.headers, END_STREAM | END_HEADERS, 1, block(pseudo('HEAD'))), get(3));
    for (const stream of [1, 3]) {
      await client.whole(stream);
      assert.ok(!client.frames.some((it) => it.stream === stream && it.type === TYPE.data));
    }
  });

  it('may have trailers, and get those of the service', async (t) => {
    const { plane, upstream } = await gateway(t, {
      upstream: answer(`${CHUNKED}${chunks(['hello'], ['X-Sum: 5', 'Set-Cookie: a=1'])}`),
    });
    const session = await http2Client(t, plane.port);
    const stream = session.request(
      { ':path': '/', ':method': 'POST', ':authority': 'gateway.test', te: 'trailers' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': 'yes', authorization: 'no' }));
    stream.end('body');
    const { body, trailers } = await read(stream);
    assert.equal(body.toString(), 'hello');
    assert.equal(trailers?.['x-sum'], '5');
    assert.equal(trailers?.['set-cookie'], undefined);
    const whole = await (await upstream.request(0)).whole();
    assert.equal(whole.body.toString(), 'body');
    assert.deepEqual(whole.trailers, [['x-end', 'yes']]);
  });

  it('get a refusal of gRPC in one frame', async (t) => {
    const { plane } = await gateway(t, {
      upstream: answer(reply('unused')),
      route: { match: { path: '/known' } },
    });
    const client = await frameClient(t, plane.port);
    const fields = [...pseudo('POST', '/a.B/C'), ['content-type', 'application/grpc'] as const];
    client.send(frame(TYPE.headers, END_HEADERS, 1, block(fields)), frame(TYPE.data, END_STREAM, 1));
    const head = await client.frame('a head', ({ type, stream }) => type === TYPE.headers && stream === 1);
    assert.equal(head.flags & END_STREAM, END_STREAM);
  });

  it('are told to go on with their body when somebody wants it', async (t) => {
    const { plane } = await gateway(t, { upstream: answer(reply('ok')) });
    const session = await http2Client(t, plane.port);
    const stream = ask(session, { ':method': 'POST', expect: '100-continue', 'content-length': '4' }, null);
    await within(once(stream, 'continue'), '100');
    stream.end('body');
    assert.equal((await read(stream)).status, 200);
  });

  it('hear interim responses', async (t) => {
    const { plane } = await gateway(t, {
      upstream: answer(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${reply('ok')}`),
    });
    const stream = ask(await http2Client(t, plane.port), {});
    const whole = read(stream);
    const [hints] = (await within(once(stream, 'headers'), 'hints')) as [Record<string, unknown>];
    assert.deepEqual([hints[':status'], hints['link']], [103, '</a>']);
    assert.equal((await whole).status, 200);
  });

  it('have their cookie in one piece again', async (t) => {
    const { plane, upstream } = await gateway(t, { upstream: answer(reply('ok')) });
    const client = await frameClient(t, plane.port);
    const fields = [...pseudo(), ['cookie', 'a=1'], ['x', 'y'], ['cookie', 'b=2']] as const;
    client.send(frame(TYPE.headers, END_STREAM | END_HEADERS, 1, block(fields)));
    await client.whole(1);
    assert.match(upstream.requests[0]?.head ?? '', /^cookie: a=1; b=2\r$/m);
  });

  it('end at the service when the client resets them', async (t) => {
    const { plane, upstream } = await gateway(t, { upstream: stall });
    const session = await http2Client(t, plane.port);
    const stream = ask(session, {});
    const { closed } = await upstream.request(0);
    stream.close(8);
    await closed();
    const [line] = await plane.lines(1);
    assert.equal(line?.['code'], 'CLIENT_CLOSED');
    assert.equal((await read(ask(session, { ':path': '/%00' }))).status, 400);
  });

  it('end at the service when the connection is lost, reply or not', async (t) => {
    const { plane, upstream } = await gateway(t, {
      upstream: async (talk) => {
        if (talk.target === '/b') await talk.write(`${CHUNKED}5\r\nhello\r\n`);
        await talk.closed();
      },
    });
    const session = await http2Client(t, plane.port);
    ask(session, { ':path': '/a' });
    const begun = ask(session, { ':path': '/b' });
    await within(once(begun, 'response'), 'a head');
    await upstream.request(1);
    session.destroy();
    await upstream.whenIdle();
    const lines = await plane.lines(2);
    assert.deepEqual(
      lines.map((line) => line['code']),
      ['CLIENT_CLOSED', 'CLIENT_CLOSED'],
    );
  });

  it('never end well when the reply broke off', async (t) => {
    const { plane, upstream } = await gateway(t, {
      upstream: (talk) => talk.write(`${CHUNKED}5\r\nhello\r\n`),
    });
    const client = await frameClient(t, plane.port);
    client.send(get(1));
    await client.frame('data', ({ type }) => type === TYPE.data);
    (await upstream.request(0)).socket.resetAndDestroy();
    assert.equal(await client.reset(1), 2);
    assert.ok(
      !client.frames.some(
        ({ stream, type, flags }) => stream === 1 && type <= 1 && (flags & END_STREAM) !== 0,
      ),
    );
  });

  it('end at the service also when their body was empty before anybody read it', async (t) => {
    const { plane, upstream } = await gateway(t, { upstream: answer(reply('ok')) });
    const client = await frameClient(t, plane.port);
    client.send(frame(TYPE.headers, END_HEADERS, 1, block(pseudo('POST'))), frame(TYPE.data, END_STREAM, 1));
    await client.whole(1);
    const { body } = await (await upstream.request(0)).whole();
    assert.equal(body.length, 0);
  });

  it('have all of an answer that was there before their body', async (t) => {
    const { plane } = await gateway(t, {
      upstream: answer(reply('unused')),
      route: { match: { path: '/known' } },
    });
    for (const type of ['application/grpc', 'text/plain']) {
      const client = await frameClient(t, plane.port);
      const fields = [...pseudo('POST', '/a.B/C'), ['content-type', type] as const];
      client.send(
        frame(TYPE.headers, END_HEADERS, 1, block(fields)),
        frame(TYPE.data, 0, 1, Buffer.alloc(9)),
      );
      await client.whole(1);
      assert.equal(await client.reset(1), 0);
      const order = client.frames.filter(({ stream }) => stream === 1).map((it) => it.type);
      assert.deepEqual(
        order,
        type === 'text/plain' ? [TYPE.headers, TYPE.data, TYPE.rst] : [TYPE.headers, TYPE.rst],
      );
      assert.equal((await plane.lines(1)).at(-1)?.['code'], 'NO_ROUTE');
    }
  });

  for (const trailers of [['X-Sum: 5'], []])
    it(`have all of an early answer with ${trailers.length} trailers`, async (t) => {
      const { plane } = await gateway(t, {
        upstream: early(`${CHUNKED}${chunks(['hello'], trailers)}`),
      });
      const client = await frameClient(t, plane.port);
      const fields = [...pseudo('POST'), ['te', 'trailers'] as const];
      client.send(
        frame(TYPE.headers, END_HEADERS, 1, block(fields)),
        frame(TYPE.data, 0, 1, Buffer.alloc(9)),
      );
      await client.whole(1);
      assert.equal(await client.reset(1), 0);
    });

  it('may be answered before their body has come', async (t) => {
    const { plane } = await gateway(t, {
      upstream: answer(reply('unused')),
      listener: { limits: { bodyBytes: '10B' } },
    });
    const client = await frameClient(t, plane.port);
    client.send(frame(TYPE.headers, END_HEADERS, 1, block([...pseudo('POST'), ['content-length', '100']])));
    await client.whole(1);
    assert.equal(await client.reset(1), 0);
  });
});

describe('heads of requests with HTTP/2', () => {
  const post = pseudo('POST');
  const without = (name: string) => pseudo().filter(([other]) => other !== name);
  for (const [what, fields, status, code] of [
    ['an escaped slash', pseudo('GET', '/a%2fb'), 400, 'BAD_PATH'],
    ['an asterisk for GET', pseudo('GET', '*'), 0, ''],
    ['TRACE', pseudo('TRACE'), 405, 'METHOD_NOT_ALLOWED'],
    [
      'CONNECT',
      [
        [':method', 'CONNECT'],
        [':authority', 'a.test:1'],
      ],
      501,
      'NOT_IMPLEMENTED',
    ],
    ['a method without end', pseudo('X'.repeat(33)), 400, 'BAD_REQUEST'],
    ['a host that is none', pseudo('GET', '/', 'a b'), 0, ''],
    ['an authority with a user', pseudo('GET', '/', 'u@a.test'), 0, ''],
    ['no authority', without(':authority'), 0, ''],
    ['two hosts', [...pseudo(), ['host', 'other.test']], 400, 'BAD_HOST'],
    ['the same host twice', [...pseudo(), ['host', 'GATEWAY.test']], 200, ''],
    ['a host instead of an authority', [...without(':authority'), ['host', 'gateway.test']], 200, ''],
    ['a long target', pseudo('GET', `/${'a'.repeat(9000)}`), 414, 'TARGET_TOO_LONG'],
    ['a long value', [...pseudo(), ['x', 'a'.repeat(9000)]], 431, 'HEAD_TOO_LARGE'],
    [
      'many fields',
      [...pseudo(), ...Array.from({ length: 101 }, (_, i) => [`x-${i}`, 'y'] as const)],
      431,
      'HEAD_TOO_LARGE',
    ],
    ['an expectation', [...pseudo(), ['expect', 'more']], 417, 'EXPECTATION_FAILED'],
    ['two tokens', [...pseudo(), ['authorization', 'a'], ['authorization', 'b']], 400, 'BAD_REQUEST'],
    ['Connection', [...pseudo(), ['connection', 'close']], 0, ''],
    ['Transfer-Encoding', [...post, ['transfer-encoding', 'chunked']], 0, ''],
    ['TE', [...pseudo(), ['te', 'gzip']], 0, ''],
    ['an upper-case name', [...pseudo(), ['X', 'y']], 0, ''],
    ['a line break in a value, which nghttp2 drops', [...pseudo(), ['x', 'a\r\nb: c']], 200, ''],
    ['a length for no body', [...post, ['content-length', '5']], 0, ''],
    ['two lengths', [...post, ['content-length', '0'], ['content-length', '0']], 0, ''],
    ['a pseudo-header field that nobody knows', [...pseudo(), [':x', 'y']], 0, ''],
    ['a pseudo-header field at the end', [['x', 'y'], ...pseudo()], 0, ''],
    ['an underscore', [...pseudo(), ['content_length', '7']], 200, ''],
    ['a method with a space', pseudo('GET /evil HTTP/1.1'), 0, ''],
    ['a line break in a method', pseudo('GET / HTTP/1.1\r\nEvil: 1\r\n\r\nGET'), 0, ''],
    ['a line break in a path', pseudo('GET', '/ HTTP/1.1\r\nEvil: 1'), 0, ''],
    ['a space in a path', pseudo('GET', '/evil b'), 0, ''],
    ['another host in a path', pseudo('GET', 'http://evil.test/'), 0, ''],
    ['a path in an authority', pseudo('GET', '/', 'gateway.test/evil'), 0, ''],
    ['a colon in a name, which nghttp2 drops', [...pseudo(), ['evil:x', 'y']], 200, ''],
    ['a line break in a name, which nghttp2 drops', [...pseudo(), ['x\r\nevil', 'y']], 200, ''],
    ['a protocol without CONNECT', [...pseudo(), [':protocol', 'websocket']], 0, ''],
    ['a list of lengths', [...post, ['content-length', '5, 5']], 0, ''],
    ['a length with a sign', [...post, ['content-length', '+5']], 0, ''],
  ] as const satisfies readonly (readonly [
    string,
    readonly (readonly [string, string])[],
    number,
    string,
  ])[]) {
    it(`are ${status === 0 ? 'reset' : `answered with ${status}`} for ${what}, and the others go on`, async (t) => {
      const { plane, upstream } = await gateway(t, { upstream: answer(reply('ok')) });
      const client = await frameClient(t, plane.port);
      client.send(frame(TYPE.headers, END_STREAM | END_HEADERS, 1, block(fields)), get(3, '/other'));
      await client.whole(3);
      if (status === 0) {
        assert.equal(await client.reset(1), 1);
      } else {
        await client.whole(1);
        const lines = await plane.lines(2);
        const line = lines.find(({ path }) => path !== '/other');
        assert.deepEqual([line?.['status'], line?.['code'] ?? ''], [status, code]);
      }
      const heads = upstream.requests.map(({ head }) => head).join('');
      assert.doesNotMatch(heads, /content_length|b: c|close\r|evil/i);
    });
  }

  for (const [what, fields, isReset] of [
    ['a length', [['content-length', '4']], false],
    ['another length', [['content-length', '5']], true],
    ['Transfer-Encoding', [['transfer-encoding', 'chunked']], true],
    ['Connection', [['connection', 'x-own']], true],
    ['a pseudo-header field', [[':path', '/evil']], true],
    ['a line break', [['x-own', '1\r\nEvil: 1']], false],
    ['a host', [['host', 'evil.test']], false],
    ['credentials', [['authorization', 'evil']], false],
    ['what only proxies may say', [['x-forwarded-for', 'evil']], false],
    ['an identity', [['x-identity-subject', 'evil']], false],
    ['an underscore', [['evil_length', '7']], false],
  ] as const)
    it(`${isReset ? 'are reset' : 'lose it'} for ${what} in their trailers`, async (t) => {
      const { plane, upstream } = await gateway(t, { upstream: answer(reply('ok')) });
      const client = await frameClient(t, plane.port);
      client.send(
        frame(TYPE.headers, END_HEADERS, 1, block(pseudo('POST'))),
        frame(TYPE.data, 0, 1, Buffer.from('body')),
        frame(TYPE.headers, END_STREAM | END_HEADERS, 1, block([['x-end', 'yes'], ...fields])),
      );
      if (isReset) {
        assert.equal(await client.reset(1), 1);
        return;
      }
      const whole = await (await upstream.request(0)).whole();
      assert.deepEqual(whole.trailers, [['x-end', 'yes']]);
      await client.whole(1);
    });

  it('are answered with 400 for GET with a body', async (t) => {
    const { plane } = await gateway(t, { upstream: answer(reply('ok')) });
    const { status, body } = await read(ask(await http2Client(t, plane.port), { ':method': 'GET' }, 'body'));
    assert.deepEqual([status, codeOf({ body })], [400, 'BODY_NOT_ALLOWED']);
  });

  it('are reset when their body is not as long as they say', async (t) => {
    const { plane, upstream } = await gateway(t, { upstream: stall });
    const client = await frameClient(t, plane.port);
    client.send(frame(TYPE.headers, END_HEADERS, 1, block([...pseudo('POST'), ['content-length', '5']])));
    const { closed } = await upstream.request(0);
    client.send(frame(TYPE.data, END_STREAM, 1, Buffer.from('four')));
    assert.equal(await client.reset(1), 1);
    await closed();
  });
});

describe('windows of HTTP/2', () => {
  it('let one stream that nobody reads stall no other', async (t) => {
    const { plane } = await gateway(t, {
      upstream: (talk) =>
        talk.target === '/large'
          ? talk.write(
              Buffer.concat([
                Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${MEGABYTES.length}\r\n\r\n`),
                MEGABYTES,
              ]),
            )
          : answer(reply('quick'))(talk),
    });
    const client = await frameClient(t, plane.port);
    client.send(frame(TYPE.windowUpdate, 0, 0, uint32(2 ** 30)), get(1, '/large'));
    await client.frame('data', ({ type }) => type === TYPE.data);
    for (let stream = 3; stream < 43; stream += 2) {
      client.send(get(stream, '/quick'));
      await client.whole(stream);
    }
    const bytes = client.frames.reduce(
      (sum, it) => sum + (it.stream === 1 && it.type === TYPE.data ? it.payload.length : 0),
      0,
    );
    assert.equal(bytes, 65_535);
    client.send(frame(TYPE.windowUpdate, 0, 1, uint32(MEGABYTES.length)));
    await client.whole(1);
  });

  it('let one upload that no service reads stall no other', async (t) => {
    const { plane, upstream } = await gateway(t, {
      upstream: async (talk) => {
        if (talk.target !== '/slow') return answer(reply('quick'))(talk);
        talk.socket.pause();
        await eventually(() => upstream.requests.length > 20, 'the others');
        talk.socket.resume();
        return answer(reply('slow'))(talk);
      },
    });
    const session = await http2Client(t, plane.port);
    const slow = read(ask(session, { ':path': '/slow', ':method': 'POST' }, MEGABYTES));
    await upstream.request(0);
    for (let i = 0; i < 20; i++) {
      const quick = await read(ask(session, { ':path': '/quick', ':method': 'POST' }, 'x'.repeat(30_000)));
      assert.equal(quick.body.toString(), 'quick');
    }
    assert.equal((await slow).body.toString(), 'slow');
  });

  it('are closed by who reads nothing, and then the stream is', async (t) => {
    const { plane } = await gateway(t, {
      upstream: answer(reply('x'.repeat(100_000))),
      listener: { limits: { bodyTimeout: '200ms' } },
    });
    const client = await frameClient(t, plane.port);
    client.send(get(1));
    assert.equal(await client.reset(1), 8);
    const [line] = await plane.lines(1);
    assert.equal(line?.['code'], 'CLIENT_CLOSED');
    assert.match(plane.metrics(), /turnpike_http2_abuse_total\{.*kind="stalled".*\} 1/);
  });

  it('do not hold a small reply for ever', async (t) => {
    const { plane } = await gateway(t, {
      upstream: answer(reply('small')),
      listener: { limits: { bodyTimeout: '200ms' } },
    });
    const client = await frameClient(t, plane.port);
    // SETTINGS_INITIAL_WINDOW_SIZE 0.
    client.send(frame(TYPE.settings, 0, 0, Buffer.of(0, 4, 0, 0, 0, 0)), get(1));
    assert.equal(await client.reset(1), 8);
  });

  it('wait only so long for a body', async (t) => {
    const { plane } = await gateway(t, {
      upstream: stall,
      listener: { limits: { bodyTimeout: '200ms' } },
    });
    const client = await frameClient(t, plane.port);
    client.send(
      frame(TYPE.headers, END_HEADERS, 1, block(pseudo('POST'))),
      frame(TYPE.data, 0, 1, Buffer.from('x')),
    );
    await client.whole(1);
    const [line] = await plane.lines(1);
    assert.deepEqual([line?.['status'], line?.['code']], [408, 'REQUEST_TIMEOUT']);
  });
});
