import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, answerWhole, fieldOf, reply } from '@turnpike/testkit';
import { chunks, gateway, get, request } from './fixture.ts';

/** Answers with the target and the body. */
const echo = async (talk: Parameters<ReturnType<typeof answer>>[0]): Promise<void> => {
  const { body } = await talk.whole();
  await talk.write(reply(`${talk.method} ${talk.target} ${body.toString('latin1')}`));
};

describe('connections that persist', () => {
  it('serves one request after the other on one connection, and on one to the service', async (t) => {
    const { client, upstream } = await gateway(t, { upstream: echo });
    const connection = await client();
    for (const path of ['/a', '/b', '/c']) {
      const { status, body, fields } = await connection.ask(get(path));
      assert.equal(status, 200);
      assert.equal(body.toString(), `GET ${path} `);
      assert.equal(fieldOf({ fields }, 'connection'), undefined);
    }
    assert.equal(upstream.connections, 1);
  });

  it('closes when the client asks for it', async (t) => {
    const { client } = await gateway(t, { upstream: echo });
    const connection = await client();
    const response = await connection.ask(get('/', 'Connection: close'));
    assert.equal(fieldOf(response, 'connection'), 'close');
    assert.equal(await connection.closed(), 'fin');
  });

  it('closes after as many requests as the listener allows', async (t) => {
    const { client } = await gateway(t, {
      upstream: echo,
      listener: { limits: { requestsPerConnection: 2 } },
    });
    const connection = await client();
    assert.equal(fieldOf(await connection.ask(get()), 'connection'), undefined);
    assert.equal(fieldOf(await connection.ask(get()), 'connection'), 'close');
    assert.equal(await connection.closed(), 'fin');
  });

  it('answers what is pipelined in order', async (t) => {
    const { client, upstream } = await gateway(t, { upstream: echo });
    const connection = await client();
    await connection.send(get('/1') + request('POST /2', [], 'two') + get('/3'));
    const bodies = (await connection.responses(3)).map(({ body }) => body.toString());
    assert.deepEqual(bodies, ['GET /1 ', 'POST /2 two', 'GET /3 ']);
    assert.equal(upstream.connections, 1);
  });

  it('answers 500 pipelined requests', async (t) => {
    const { client } = await gateway(t, { upstream: echo });
    const connection = await client();
    const paths = Array.from({ length: 500 }, (_, i) => `/${i}`);
    await connection.send(paths.map((path) => get(path)).join(''));
    const bodies = (await connection.responses(500)).map(({ body }) => body.toString());
    assert.deepEqual(
      bodies,
      paths.map((path) => `GET ${path} `),
    );
  });

  it('answers more pipelined requests than it holds in memory', async (t) => {
    const { client } = await gateway(t, { upstream: echo });
    const connection = await client();
    const padding = `X-Padding: ${'x'.repeat(4000)}`;
    const paths = Array.from({ length: 100 }, (_, i) => `/${i}`);
    const sent = connection.send(paths.map((path) => get(path, padding)).join(''));
    const bodies = (await connection.responses(100)).map(({ body }) => body.toString());
    await sent;
    assert.deepEqual(
      bodies,
      paths.map((path) => `GET ${path} `),
    );
  });

  it('reads on after a body, whether it came with its head or not, by length or in chunks', async (t) => {
    const { client } = await gateway(t, { upstream: echo });
    const small = request('POST /small', [], 'abc');
    const large = request('POST /large', [], 'x'.repeat(200_000));
    const coded = request('POST /coded', ['Transfer-Encoding: chunked']) + chunks(['ab', 'c']);
    for (const first of [small, large, coded]) {
      const connection = await client();
      const sent = connection.send(first + get('/next'));
      const [one, two] = await connection.responses(2);
      await sent;
      assert.equal(one?.status, 200);
      assert.equal(two?.body.toString(), 'GET /next ');
    }
  });

  it('reads a request that comes byte by byte', async (t) => {
    const { client } = await gateway(t, { upstream: echo });
    const connection = await client();
    const coded =
      request('POST /coded', ['Transfer-Encoding: chunked']) + chunks(['hello ', 'world'], ['X-Sum: 1']);
    await connection.sendBytewise(request('POST /small', [], 'abc') + coded + get('/last'));
    const bodies = (await connection.responses(3)).map(({ body }) => body.toString());
    assert.deepEqual(bodies, ['POST /small abc', 'POST /coded hello world', 'GET /last ']);
  });

  it('forgives one empty line before a request, and no more', async (t) => {
    const { client } = await gateway(t, { upstream: echo });
    const forgiven = await client();
    assert.equal((await forgiven.ask(`\r\n${get()}`, 'GET')).status, 200);
    const refused = await client();
    assert.equal((await refused.ask(`\r\n\r\n${get()}`, 'GET')).status, 400);
  });

  it('takes chunks with trailers and sends them on as chunks with trailers', async (t) => {
    const { client, upstream } = await gateway(t, {
      upstream: answerWhole((body) => reply(body.toString('latin1'))),
    });
    const connection = await client();
    const response = await connection.ask(
      request('POST /', ['Transfer-Encoding: chunked', 'Trailer: X-Sum']) +
        chunks(['one,', 'two'], ['X-Sum: 7', 'Cache-Control: no-store']),
    );
    assert.equal(response.body.toString(), 'one,two');
    const { fields } = await upstream.request(0);
    assert.equal(fieldOf({ fields }, 'transfer-encoding'), 'chunked');
    assert.equal(fieldOf({ fields }, 'content-length'), undefined);
    const whole = await (await upstream.request(0)).whole();
    assert.deepEqual(whole.trailers, [['X-Sum', '7']]);
  });
});
