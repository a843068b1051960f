import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { eventually, startPlane } from '@turnpike/testkit';
import { folderStorage } from '../../src/acme/folder-storage.ts';
import { systemClock } from '../../src/core/ports.ts';
import { HttpClient, type HttpRequest } from '../../src/identity/http/http-client.ts';
import { ask } from '../threads/fixture.ts';
import { testKeeper } from './keeper-testing.ts';
import { oddAuthority, saysJson, TOKEN, type Saying } from './odd-authority.ts';

type Sayings = (origin: string) => Readonly<Record<string, Saying>>;

/** A megabyte and more, for as long as anybody reads. */
const endless: Saying = (_, response) => {
  response.writeHead(200);
  const more = (): void => {
    while (!response.destroyed && response.write(' '.repeat(65_536)));
  };
  response.on('drain', more);
  more();
};

const nested = `${'{"subproblems":['.repeat(20_000)}{}${']}'.repeat(20_000)}`;

const ODD: readonly (readonly [what: string, sayings: Sayings, problem: RegExp])[] = [
  [
    'a page in place of a directory',
    () => ({ '/dir': (_, to) => to.end('<html>') }),
    /no https address as newNonce/,
  ],
  ['a directory without end', () => ({ '/dir': endless }), /larger than 1048576 bytes/],
  [
    'a directory that is elsewhere',
    () => ({ '/dir': saysJson({}, 302, { location: '/x' }) }),
    /it answered 302/,
  ],
  [
    'addresses without TLS',
    (origin) => ({ '/dir': saysJson({ newNonce: origin.replace('https', 'http') }) }),
    /no https address as newNonce/,
  ],
  ['no nonces', () => ({ '/nonce': (_, to) => to.end() }), /gives no nonce/],
  [
    'that no nonce is good',
    () => ({ '/accounts': saysJson({ type: 'urn:ietf:params:acme:error:badNonce', detail: 'old' }, 400) }),
    /badNonce: old/,
  ],
  [
    'a certificate without end',
    (origin) => ({ '/orders': sayValid(origin), ...issued(origin, endless) }),
    /larger/,
  ],
  [
    'a certificate that is a page',
    (origin) => ({ '/orders': sayValid(origin), ...issued(origin, (_, to) => to.end('<html>')) }),
    /the certificate cannot be used/,
  ],
  [
    'a token that is a path',
    (origin) => ({ '/authorization': authorization(origin, { token: '../../../etc/passwd-and-more' }) }),
    /malformed token/,
  ],
  [
    'a name of somebody else',
    (origin) => ({ '/authorization': authorization(origin, {}, 'other.test') }),
    /a name that is not ours/,
  ],
  [
    'a challenge of another kind',
    (origin) => ({ '/authorization': authorization(origin, { type: 'dns-01' }) }),
    /offers no http-01 for a\.test/,
  ],
  [
    '"tomorrow"',
    (origin) => ({
      '/authorization': (request, to) =>
        saysJson(authorizationOf(origin), 200, { 'retry-after': '86400' })(request, to),
    }),
    /a\.test is still pending/,
  ],
  [
    'faults in faults in faults',
    () => ({ '/orders': (_, to) => to.writeHead(500).end(nested) }),
    /it answered 500/,
  ],
  [
    'terminal sequences',
    () => ({ '/orders': saysJson({ type: 'x', detail: '\u001b[2J\nfake line' }, 403) }),
    /^x: {2}\[2J fake line$/,
  ],
];

function sayValid(origin: string): Saying {
  return saysJson({ status: 'pending', authorizations: [] }, 201, { location: `${origin}/orders/1` });
}

function issued(origin: string, certificate: Saying): Record<string, Saying> {
  const order = { status: 'valid', finalize: `${origin}/finalize`, certificate: `${origin}/certificate` };
  return { '/orders/1': saysJson(order), '/finalize': saysJson(order), '/certificate': certificate };
}

function authorizationOf(origin: string, challenge: object = {}, value = 'a.test'): object {
  const plain = { type: 'http-01', url: `${origin}/challenge`, token: TOKEN };
  return {
    status: 'pending',
    identifier: { type: 'dns', value },
    challenges: [{ ...plain, ...challenge }],
  };
}

function authorization(origin: string, challenge: object, value?: string): Saying {
  return saysJson(authorizationOf(origin, challenge, value));
}

/** Goes with the test, after what still writes into it has ended. */
async function temporaryFolder(t: TestContext, ended: () => Promise<unknown>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'turnpike-odd-'));
  t.after(async () => {
    await ended();
    await rm(folder, { recursive: true });
  });
  return folder;
}

describe('an authority that says', () => {
  for (const [what, sayings, problem] of ODD) {
    it(`${what} is told of, and left alone for a while`, async (t) => {
      const client = new HttpClient();
      const folder = await temporaryFolder(t, () => keeper.close().then(() => client.close()));
      const { directory, authorities, asked } = await oddAuthority(t, sayings);
      const config = {
        kind: 'acme',
        domains: ['a.test'],
        email: null,
        directory,
        storage: { kind: 'state' },
        challenge: 'http-01',
        eab: null,
        authorities: null,
      } as const;
      const { keeper, ordered, clock, shown } = testKeeper({
        config,
        storage: folderStorage(folder, systemClock, 'own'),
        http: {
          request: (url: string, request: HttpRequest) => client.request(url, { ...request, authorities }),
        },
      });
      keeper.run();
      await eventually(() => ordered.length === 1, 'a failure');
      assert.deepEqual(ordered, ['failure']);
      assert.match(keeper.status.problem, problem);
      assert.ok(keeper.status.problem.length <= 500);
      assert.ok((keeper.status.nextOrderAtMs ?? 0) >= clock.epoch() + 60_000);
      assert.ok(asked.length < 60, `${asked.length} requests`);
      assert.deepEqual(shown.at(-1), { answers: [], certificates: [] });
    });
  }
});

describe('the answer to a challenge', () => {
  it('is at its own address only, on listeners for clients only, and only until the order is over', async (t) => {
    const folder = await temporaryFolder(t, () => Promise.resolve());
    let decide: () => void = () => {};
    const decided = new Promise<void>((resolve) => (decide = resolve));
    let looks = 0;
    const authority = await oddAuthority(t, (origin) => ({
      // The first time it poses the challenge, from then on it thinks until the test has seen enough.
      '/authorization': (request, response) => {
        const say = (status: string): void =>
          saysJson({ ...authorizationOf(origin), status })(request, response);
        if (looks++ === 0) say('pending');
        else void decided.then(() => say('invalid'));
      },
    }));
    const authorities = join(folder, 'authority.pem');
    await writeFile(authorities, authority.authorities);
    const { directory, asked } = authority;
    const plane = await startPlane({
      listeners: {
        web: { address: '127.0.0.1:0' },
        secure: {
          address: '127.0.0.1:0',
          tls: { certificates: [{ acme: { domains: ['a.test'], directory, authorities } }] },
        },
      },
      routes: { all: { match: { path: '/*' }, respond: { status: 200, body: 'a route' } } },
    });
    t.after(() => plane.close());
    const at = '/.well-known/acme-challenge/';
    const said = async (path: string, method = 'GET'): Promise<string> =>
      (await ask(plane.port, path, { method, headers: { host: 'a.test' } })).body;
    await eventually(() => asked.includes('/challenge'), 'a challenge');
    const answer = await said(`${at}${TOKEN}`);
    assert.match(answer, new RegExp(`^${TOKEN}\\.[\\w-]{43}$`));
    for (const path of [
      at,
      `${at}${TOKEN}x`,
      `${at}${TOKEN.slice(0, -1)}`,
      `${at}${TOKEN}/`,
      `${at}x/${TOKEN}`,
      `/${TOKEN}`,
      `/x${at}${TOKEN}`,
      `${at}${answer}`,
      `${at.toUpperCase()}${TOKEN}`,
      '/',
    ])
      assert.equal(await said(path), 'a route', path);
    assert.equal(await said(`${at}${TOKEN}`, 'POST'), 'a route');
    decide();
    const isOver = async (): Promise<boolean> => (await said(`${at}${TOKEN}`)) === 'a route';
    while (!(await isOver()));
    assert.ok(plane.log.some(({ message }) => message === 'a certificate cannot be fetched'));
  });
});
