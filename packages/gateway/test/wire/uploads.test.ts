import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, answerWhole, early, fieldOf, reply, stall } from '@turnpike/testkit';
import { chunks, codeOf, gateway, get, request } from './fixture.ts';

describe('uploads and clients that leave', () => {
  it('sends 100 when the service wants the body, and forwards no Expect', async (t) => {
    const { client, upstream } = await gateway(t, {
      upstream: answerWhole((body) => reply(body.toString('latin1'))),
    });
    for (const framing of ['Content-Length: 5', 'Transfer-Encoding: chunked']) {
      const connection = await client();
      await connection.send(request('POST /', ['Expect: 100-continue', framing]));
      const { startLine } = await connection.interim();
      assert.equal(startLine, 'HTTP/1.1 100 Continue');
      await connection.send(framing.startsWith('T') ? chunks(['hello']) : 'hello');
      assert.equal((await connection.response()).body.toString(), 'hello');
      assert.equal((await connection.ask(get())).status, 200);
    }
    for (const { fields } of upstream.requests) assert.equal(fieldOf({ fields }, 'expect'), undefined);
  });

  it('sends no 100 to a body that it refuses, nor to one that is there already', async (t) => {
    const { client } = await gateway(t, {
      upstream: answer(reply('ok')),
      listener: { limits: { bodyBytes: 1000 } },
      route: { match: { path: '/here' } },
    });
    const expect = 'Expect: 100-continue';
    const large = await (await client()).ask(request('POST /here', [expect, 'Content-Length: 1001']));
    assert.equal(codeOf(large), 'BODY_TOO_LARGE');
    const lost = await (await client()).ask(request('POST /nowhere', [expect, 'Content-Length: 5']));
    assert.equal(codeOf(lost), 'NO_ROUTE');
    const there = await (await client()).ask(request('POST /here', [expect], 'hello'));
    assert.equal(there.status, 200);
    for (const { interims } of [large, lost, there]) assert.deepEqual(interims, []);
    assert.equal(fieldOf(large, 'connection'), 'close');
    assert.equal(fieldOf(lost, 'connection'), 'close');
  });

  it('counts the bytes of bodies in both directions', async (t) => {
    const { client, plane } = await gateway(t, {
      upstream: answerWhole((body) => reply('y'.repeat(body.length * 2))),
    });
    const connection = await client();
    await connection.ask(request('POST /', [], 'abc'));
    await connection.ask(request('POST /', [], 'x'.repeat(100_000)));
    await connection.ask(request('POST /', ['Transfer-Encoding: chunked']) + chunks(['hello', 'world']));
    const lines = await plane.lines(3);
    assert.deepEqual(
      lines.map((line) => [line['requestBytes'], line['responseBytes']]),
      [
        [3, 6],
        [100_000, 200_000],
        [10, 20],
      ],
    );
  });

  it('answers a client that has sent its FIN, at once or later', async (t) => {
    const gate = Promise.withResolvers<void>();
    const { client, plane } = await gateway(t, {
      upstream: async (talk) => {
        const { body } = await talk.whole();
        if (talk.target === '/slow') await gate.promise;
        await talk.write(reply(`${talk.target} ${body.length} ${'z'.repeat(200_000)}`));
      },
    });
    const fast = await client();
    await fast.send(request('POST /fast', [], 'x'.repeat(50_000)));
    fast.end();
    assert.match((await fast.response()).body.toString('latin1'), /^\/fast 50000 z+$/);
    assert.equal(await fast.closed(), 'fin');

    const slow = await client();
    await slow.send(get('/slow'));
    slow.end();
    // The gateway asks by an interim response whether anybody is still there; after that it must still wait.
    assert.equal((await slow.interim()).startLine, 'HTTP/1.1 100 Continue');
    gate.resolve();
    assert.match((await slow.response()).body.toString('latin1'), /^\/slow 0 z+$/);
    assert.equal(await slow.closed(), 'fin');
    assert.equal(plane.inflight(), 0);
  });

  it('answers everything that was pipelined before the FIN', async (t) => {
    const { client } = await gateway(t, { upstream: (talk) => answer(reply(talk.target))(talk) });
    const connection = await client();
    await connection.send(get('/1') + get('/2') + get('/3') + 'GET /unfin');
    connection.end();
    const bodies = (await connection.responses(3)).map(({ body }) => body.toString());
    assert.deepEqual(bodies, ['/1', '/2', '/3']);
    assert.equal(await connection.closed(), 'fin');
    assert.equal(connection.rest, '');
  });

  it('refuses a body that ends before its time with 400', async (t) => {
    const { client, upstream, plane } = await gateway(t, { upstream: stall });
    for (const framing of ['Content-Length: 100000', 'Transfer-Encoding: chunked']) {
      const connection = await client();
      await connection.send(request('POST /', [framing]) + (framing.startsWith('T') ? '5\r\nhel' : 'hel'));
      connection.end();
      assert.equal(codeOf(await connection.response()), 'BAD_REQUEST');
      assert.equal(await connection.closed(), 'fin');
    }
    await upstream.whenIdle();
    assert.equal(plane.inflight(), 0);
  });

  for (const how of ['destroy', 'reset'] as const) {
    it(`gives the attempt up when the client leaves while it waits (${how})`, async (t) => {
      const { client, upstream, plane } = await gateway(t, { upstream: stall });
      const connection = await client();
      await connection.send(get());
      const talk = await upstream.request(0);
      connection[how]();
      await talk.closed();
      const [line] = await plane.lines(1);
      assert.equal(line?.['code'], 'CLIENT_CLOSED');
      assert.equal(line?.['status'], 499);
      assert.equal(plane.inflight(), 0);
    });

    it(`gives the attempt up when the client leaves in the middle of its body (${how})`, async (t) => {
      const { client, upstream, plane } = await gateway(t, { upstream: stall });
      const connection = await client();
      await connection.send(request('POST /', ['Content-Length: 100000']) + 'x'.repeat(50_000));
      const talk = await upstream.request(0);
      connection[how]();
      await talk.closed();
      await plane.lines(1);
      assert.equal(plane.inflight(), 0);
    });

    it(`gives the attempt up when the client leaves in the middle of the reply (${how})`, async (t) => {
      const { client, upstream, plane } = await gateway(t, {
        upstream: async (talk) => {
          await talk.write(`HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(50_000)}`);
          const more = setInterval(() => talk.socket.write('x'), 20);
          talk.socket.on('close', () => clearInterval(more));
          await talk.closed();
        },
      });
      const connection = await client();
      await connection.send(get());
      await connection.received(10_000);
      const talk = await upstream.request(0);
      connection[how]();
      await talk.closed();
      const [line] = await plane.lines(1);
      assert.equal(line?.['code'], 'CLIENT_CLOSED');
      assert.equal(line?.['status'], 200);
      assert.equal(plane.inflight(), 0);
    });
  }

  it('keeps what a slow client has not read yet, after the connection is done', async (t) => {
    // Some of these end with bytes in our own memory while the kernel takes no more.
    const sizes = Array.from({ length: 24 }, (_, i) => 1_000_000 + i * 250_000);
    const { client } = await gateway(t, {
      upstream: (talk) => early(reply('x'.repeat(Number(talk.target.slice(1)))))(talk),
    });
    await Promise.all(
      sizes.map(async (size) => {
        const connection = await client();
        connection.socket.pause();
        await connection.send(get(`/${size}`, 'Connection: close'));
        await new Promise((resolve) => setTimeout(resolve, 3000));
        connection.socket.resume();
        assert.equal((await connection.response()).body.length, size);
      }),
    );
  });
});
