import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { describe, it } from 'node:test';
import { answer, eventually, fieldOf, reply, stall, within, type Step } from '@turnpike/testkit';
import { certificateStore } from '../tls/fixture.ts';
import { gateway, get as getText } from './fixture.ts';
import { ask, http2Client, read } from './http2-client.ts';
import { frameClient, get, PREFACE, frame, TYPE } from './http2-frames.ts';

/** Answers when it is told to. */
function onCommand(): { readonly step: Step; go(): void } {
  const told = Promise.withResolvers<void>();
  return {
    step: async (talk) => {
      await told.promise;
      await answer(reply('done'))(talk);
    },
    go: () => told.resolve(),
  };
}

/** The last stream that the gateway still serves, when it has said so. */
async function goaway(session: ClientHttp2Session): Promise<number> {
  const [code, last] = (await within(once(session, 'goaway'), 'GOAWAY')) as [number, number];
  assert.equal(code, 0);
  return last;
}

describe('connections with HTTP/2', () => {
  it('begin with it or with HTTP/1.1, on the same port, in pieces or not', async (t) => {
    const { plane, client } = await gateway(t, { upstream: answer(reply('ok')) });
    const one = await client();
    assert.equal((await one.ask(getText())).status, 200);
    const two = await frameClient(t, plane.port, []);
    // The gateway answers as soon as it knows; from then on its frames are answered too.
    for (const byte of PREFACE.subarray(0, 17)) {
      two.send(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    two.send(PREFACE.subarray(17), frame(TYPE.settings, 0, 0), get(1));
    await two.whole(1);
  });

  it('are not to be had where that is switched off', async (t) => {
    const { plane, client } = await gateway(t, { upstream: answer(reply('ok')), listener: { http2: false } });
    const refused = await client();
    await refused.send(PREFACE);
    assert.equal((await refused.response()).status, 505);
    const [line] = await plane.lines(1);
    assert.equal(line?.['code'], 'HTTP_VERSION');
  });

  it('begin only at the beginning', async (t) => {
    const { client } = await gateway(t, { upstream: answer(reply('ok')) });
    const late = await client();
    assert.equal((await late.ask(getText())).status, 200);
    await late.send(PREFACE);
    assert.equal((await late.response()).status, 505);
  });

  for (const http2 of [true, false]) {
    it(`are ${http2 ? '' : 'not '}offered with TLS when they are ${http2 ? 'on' : 'off'}`, async (t) => {
      const store = await certificateStore(t);
      const certificates = [await store.issue('a', { names: ['127.0.0.1'] })];
      const { plane, upstream } = await gateway(t, {
        upstream: answer(reply('ok')),
        listener: { http2, tls: { certificates } },
      });
      if (!http2) {
        await assert.rejects(http2Client(t, plane.port, store.authority.cert));
        return;
      }
      const session = await http2Client(t, plane.port, store.authority.cert);
      assert.equal(session.alpnProtocol, 'h2');
      assert.equal(
        (await read(ask(session, { ':method': 'POST' }, 'x'.repeat(100_000)))).body.toString(),
        'ok',
      );
      assert.equal(fieldOf(await upstream.request(0), 'x-forwarded-proto'), 'https');
      session.destroy();
      await eventually(() => /turnpike_connections_closed_total\{[^}]*\} 1/.test(plane.metrics()), 'the end');
    });
  }

  it('may come behind the PROXY protocol', async (t) => {
    const { plane, upstream } = await gateway(t, {
      upstream: answer(reply('ok')),
      listener: { proxyProtocol: true, trustedProxies: ['127.0.0.1'] },
    });
    const header = Buffer.from('PROXY TCP4 203.0.113.9 198.51.100.1 56324 443\r\n');
    const client = await frameClient(t, plane.port, [header, PREFACE, frame(TYPE.settings, 0, 0), get(1)]);
    await client.whole(1);
    assert.equal(fieldOf(await upstream.request(0), 'x-forwarded-for'), '203.0.113.9');
  });

  it('end with GOAWAY when nothing has come for long', async (t) => {
    const { plane } = await gateway(t, {
      upstream: answer(reply('ok')),
      listener: { limits: { idleTimeout: '200ms' } },
    });
    const silent = await frameClient(t, plane.port);
    const session = await http2Client(t, plane.port);
    const told = goaway(session);
    assert.equal((await read(ask(session, {}))).status, 200);
    assert.equal(await told, 1);
    await eventually(() => session.closed && silent.isClosed, 'the end');
  });

  it('end after so many requests, all of which are answered', async (t) => {
    const { plane } = await gateway(t, {
      upstream: answer(reply('ok')),
      listener: { limits: { requestsPerConnection: 3 } },
    });
    const session = await http2Client(t, plane.port);
    const told = goaway(session);
    const replies = await Promise.all(
      ['/1', '/2', '/3'].map((path) => read(ask(session, { ':path': path }))),
    );
    assert.deepEqual(
      replies.map(({ status }) => status),
      [200, 200, 200],
    );
    assert.equal(await told, 5);
    await within(once(session, 'close'), 'the end');
  });

  it('live on when the configuration changes', async (t) => {
    const { plane, upstream } = await gateway(t, { upstream: answer(reply('ok')) });
    const document = (path: string) => ({
      listeners: { web: { address: `127.0.0.1:${plane.port}` } },
      services: { main: { endpoints: [upstream.url] } },
      routes: { main: { match: { path }, service: 'main' } },
    });
    const session = await http2Client(t, plane.port);
    assert.equal((await read(ask(session, {}))).status, 200);
    await plane.apply(document('/new'));
    assert.equal((await read(ask(session, {}))).status, 404);
    assert.equal((await read(ask(session, { ':path': '/new' }))).status, 200);
  });

  it('let what is under way finish when the gateway ends, and take nothing more', async (t) => {
    const { step, go } = onCommand();
    const { plane, upstream } = await gateway(t, { upstream: step });
    const session = await http2Client(t, plane.port);
    const idle = await http2Client(t, plane.port);
    const first = read(ask(session, { ':path': '/1' }));
    await upstream.request(0);
    const told = [goaway(session), goaway(idle)];
    const closed = plane.close();
    assert.deepEqual(await Promise.all(told), [1, 0]);
    go();
    assert.equal((await first).body.toString(), 'done');
    await closed;
    await eventually(() => session.destroyed && idle.destroyed, 'the end');
  });

  it('are closed when the client says goodbye, however it does', async (t) => {
    const { plane, upstream } = await gateway(t, { upstream: stall });
    const client = await frameClient(t, plane.port);
    client.send(get(1));
    await upstream.request(0);
    client.socket.end();
    await upstream.whenIdle();
    await eventually(() => client.isClosed, 'the end');
    const polite = await http2Client(t, plane.port);
    polite.close();
    await within(once(polite, 'close'), 'the end');
    await eventually(() => /turnpike_connections_closed_total\{[^}]*\} 2/.test(plane.metrics()), 'the end');
  });
});
