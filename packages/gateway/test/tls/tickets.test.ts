import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { testAuthority, within } from '@turnpike/testkit';
import type { News } from '../../src/core/desk.ts';
import { TicketSecrets } from '../../src/threads/ticket-secrets.ts';
import { TlsTerminator } from '../../src/wire/tls/tls-terminator.ts';

const authority = testAuthority();
const { cert, key } = authority.issue({ names: ['a.test'] });
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

/** A listener as each data thread has its own. */
async function thread(t: TestContext, secret: Uint8Array) {
  const settings = {
    listener: 'web',
    certificates: [{ kind: 'here', certificate: cert, key }],
    http2: true,
    minVersion: 'TLSv1.2',
    clientCertificates: null,
    answersChallenges: false,
  } as const;
  const terminator = new TlsTerminator(settings, secret);
  const server = createServer((raw) => {
    raw.on('error', () => {});
    terminator.take(raw, { secured: (socket) => void socket.end('hello'), failed: () => raw.destroy() });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { terminator, port: (server.address() as AddressInfo).port };
}

/** Says hello; gives whether the session was resumed, and the last ticket. */
async function visit(port: number, version: (typeof VERSIONS)[number], session?: Buffer) {
  const bounds = { minVersion: version, maxVersion: version } as const;
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'a.test',
    ca: authority.cert,
    ...bounds,
    ...(session && { session }),
  });
  const tickets: Buffer[] = [];
  socket.on('session', (ticket) => tickets.push(ticket));
  let isResumed = false;
  socket.on('secureConnect', () => (isResumed = socket.isSessionReused()));
  socket.resume();
  await within(once(socket, 'close'), 'the end of a visit');
  return { isResumed, ticket: tickets.at(-1) };
}

describe('session tickets', () => {
  for (const version of VERSIONS) {
    it(`of ${version} are good on every thread, until their secret is replaced`, async (t) => {
      const secret = randomBytes(32);
      const [one, other] = [await thread(t, secret), await thread(t, secret)];
      const { isResumed, ticket } = await visit(one.port, version);
      assert.equal(isResumed, false);
      assert.ok(ticket);
      assert.equal((await visit(other.port, version, ticket)).isResumed, true);
      const next = randomBytes(32);
      for (const { terminator } of [one, other]) terminator.rotate(next);
      for (const { port } of [one, other])
        assert.equal((await visit(port, version, ticket)).isResumed, false);
      const fresh = await visit(one.port, version);
      assert.equal((await visit(other.port, version, fresh.ticket)).isResumed, true);
    });
  }

  it('get another secret twice a day, and none where nobody speaks TLS', () => {
    const [secrets, timers]: [string[], { ms: number; callBack: () => void }[]] = [[], []];
    const publish = (news: News): void => {
      if (news.topic === 'ticket-secret') secrets.push(Buffer.from(news.secret).toString('hex'));
    };
    const after = (ms: number, callBack: () => void): (() => void) => {
      timers.push({ ms, callBack });
      return () => {};
    };
    const keeper = new TicketSecrets({ publish, timers: { after } });
    keeper.use({ listeners: [] });
    assert.equal(secrets.length, 0);
    const listeners = [{ tls: {} }] as unknown as Parameters<typeof keeper.use>[0]['listeners'];
    keeper.use({ listeners });
    keeper.use({ listeners });
    for (let count = 0; count < 3; count++) timers.at(-1)?.callBack();
    assert.equal(new Set(secrets).size, 4);
    assert.deepEqual(
      timers.map(({ ms }) => ms),
      [1, 2, 3, 4].map(() => 12 * 3_600_000),
    );
  });
});
