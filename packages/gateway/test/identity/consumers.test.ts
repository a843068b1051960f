import assert from 'node:assert/strict';
import { argon2Sync, createHash, scryptSync } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { answer, fieldOf, fieldsOf, reply, type RawResponse } from '@turnpike/testkit';
import { certificate, clientCertField, CN, O } from '../../src/identity/certificate-testing.ts';
import { codeOf, gateway, get, type Rig } from '../wire/fixture.ts';

const KEY = 'key-of-acme-0123456789';
const SECOND_KEY = 'second-key-of-acme-0123';
const OLD_KEY = 'old-key-of-acme-0123456';
const SALT = Buffer.from('salt of this test');

function phc(head: string, bytes: Buffer): string {
  return [head, SALT.toString('base64'), bytes.toString('base64')]
    .join('$')
    .replaceAll('=$', '$')
    .replace(/=+$/, '');
}

const SCRYPT = phc('$scrypt$ln=4,r=8,p=1', scryptSync('slow secret', SALT, 32, { N: 16 }));
const ARGON2 = phc(
  '$argon2id$v=19$m=64,t=1,p=1',
  argon2Sync('argon2id', {
    message: 'slower secret',
    nonce: SALT,
    memory: 64,
    passes: 1,
    parallelism: 1,
    tagLength: 32,
  }),
);

const CONSUMERS = {
  acme: {
    keys: [
      KEY,
      `sha256:${createHash('sha256').update(SECOND_KEY).digest('hex')}`,
      { key: OLD_KEY, expires: '2020-01-01' },
    ],
  },
  people: {
    basic: [
      { username: 'ann', password: 'plain secret' },
      { username: 'bob', password: SCRYPT },
      { username: 'läden', password: ARGON2 },
    ],
  },
  warehouse: {
    certificates: [{ subject: 'CN=warehouse,O=Example' }, { spiffe: 'spiffe://example.org/warehouse' }],
  },
};

const AUTHENTICATE = {
  with: 'consumers',
  apiKeyFrom: ['header:x-api-key', 'query:api_key', 'cookie:api-key'],
};

const EVERY_KIND = {
  plain: {},
  known: { authenticate: AUTHENTICATE },
  optional: { authenticate: { ...AUTHENTICATE, optional: true } },
  reported: { authenticate: { ...AUTHENTICATE, mode: 'report' } },
  all: { authenticate: { ...AUTHENTICATE, forwardCredentials: 'all' } },
  told: { authenticate: { ...AUTHENTICATE, optional: true }, forwardIdentity: 'headers' },
  off: { authenticate: 'off' },
};

/** A gateway with a route for each kind of policy: `/known/*` and so on. */
function rig(t: TestContext, listener: object = {}): Promise<Rig> {
  const routes = Object.entries(EVERY_KIND).map(([name, policies]) => [
    name,
    { match: { path: `/${name}/*` }, service: 'main', policies },
  ]);
  return gateway(t, {
    upstream: answer(reply('x')),
    listener,
    routes: Object.fromEntries(routes) as Record<string, object>,
    sections: { consumers: CONSUMERS },
  });
}

function basic(credentials: string): string {
  return `Authorization: Basic ${Buffer.from(credentials).toString('base64')}`;
}

function field(der: Buffer): string {
  return `Client-Cert: ${clientCertField(der)}`;
}

function problemOf({ body }: RawResponse): Record<string, unknown> {
  return JSON.parse(body.toString()) as Record<string, unknown>;
}

describe('a consumer', () => {
  const welcome: readonly (readonly [what: string, path: string, fields: readonly string[]])[] = [
    ['a key in a header', '/known/', [`X-API-Key: ${KEY}`]],
    ['its second key', '/known/', [`x-api-key: ${SECOND_KEY}`]],
    ['a key in the query', `/known/?api_key=${KEY}`, []],
    ['a key in a cookie', '/known/', [`Cookie: a=b; api-key="${KEY}"`]],
    ['a password', '/known/', [basic('ann:plain secret')]],
    ['a password that is kept by scrypt', '/known/', [basic('bob:slow secret')]],
    ['a password that is kept by argon2id', '/known/', [basic('läden:slower secret')]],
  ];
  for (const [what, path, fields] of welcome) {
    it(`comes in with ${what}, again and again`, async (t) => {
      const { client } = await rig(t);
      const connection = await client();
      for (let i = 0; i < 3; i++) assert.equal((await connection.ask(get(path, ...fields))).status, 200);
      assert.equal((await connection.ask(get('/known/'))).status, 401);
    });
  }

  const refused: readonly (readonly [what: string, path: string, fields: readonly string[]])[] = [
    ['nothing', '/known/', []],
    ['a wrong key', '/known/', [`X-API-Key: ${KEY}x`]],
    ['a key that has expired', '/known/', [`X-API-Key: ${OLD_KEY}`]],
    ['a key twice', '/known/', [`X-API-Key: ${KEY}`, `X-API-Key: ${KEY}`]],
    ['a key twice in the query', `/known/?api_key=${KEY}&api_key=${KEY}`, []],
    ['a wrong key where none is needed', '/optional/', ['X-API-Key: guess']],
    ['a key as a bearer token', '/known/', [`Authorization: Bearer ${KEY}`]],
    [
      'the digest of a key',
      '/known/',
      [`X-API-Key: ${createHash('sha256').update(SECOND_KEY).digest('hex')}`],
    ],
    ['a wrong password', '/known/', [basic('ann:Plain secret')]],
    ['a wrong slow password', '/known/', [basic('bob:plain secret')]],
    ['the hash of a password', '/known/', [basic(`bob:${SCRYPT}`)]],
    ['a name that nobody has', '/known/', [basic('eve:plain secret')]],
    ['a right key beside a wrong password', '/known/', [basic('ann:guess'), `X-API-Key: ${KEY}`]],
    ['Basic credentials without colon', '/known/', [basic('ann')]],
    ['a certificate without a proxy', '/known/', [field(certificate())]],
  ];
  for (const [what, path, fields] of refused) {
    it(`stays out with ${what}, and hears how to come in`, async (t) => {
      const { client, upstream } = await rig(t);
      const response = await (await client()).ask(get(path, ...fields));
      assert.equal(response.status, 401);
      assert.equal(codeOf(response), 'UNAUTHENTICATED');
      assert.equal(problemOf(response)['rule'], 'authenticate');
      assert.deepEqual(fieldsOf(response, 'www-authenticate'), [
        'Basic realm="turnpike", charset="UTF-8"',
        'ApiKey realm="turnpike", in="header", name="x-api-key"',
        'ApiKey realm="turnpike", in="query", name="api_key"',
        'ApiKey realm="turnpike", in="cookie", name="api-key"',
      ]);
      for (const sent of [KEY, 'secret', 'guess', 'eve'])
        assert.ok(!(response.head + response.body.toString()).includes(sent));
      assert.equal(upstream.requests.length, 0);
    });
  }

  it('is nobody without credentials where they are optional, or only reported', async (t) => {
    const { client } = await rig(t);
    const connection = await client();
    assert.equal((await connection.ask(get('/optional/'))).status, 200);
    assert.equal((await connection.ask(get('/reported/'))).status, 200);
    assert.equal((await connection.ask(get('/reported/', 'X-API-Key: wrong'))).status, 200);
    assert.equal((await connection.ask(get('/off/', 'X-API-Key: wrong'))).status, 200);
  });

  it('is out at once when a new configuration says so, also on a connection that it has', async (t) => {
    const { client, plane } = await rig(t);
    const connection = await client();
    assert.equal((await connection.ask(get('/known/', `X-API-Key: ${KEY}`))).status, 200);
    await plane.apply({
      listeners: { web: { address: '127.0.0.1:0' } },
      services: { main: { endpoints: ['http://127.0.0.1:1'] } },
      consumers: { acme: { keys: [SECOND_KEY] } },
      routes: {
        known: {
          match: { path: '/known/*' },
          respond: { status: 200 },
          policies: { authenticate: AUTHENTICATE },
        },
      },
    });
    assert.equal((await connection.ask(get('/known/', `X-API-Key: ${KEY}`))).status, 401);
    assert.equal((await connection.ask(get('/known/', `X-API-Key: ${SECOND_KEY}`))).status, 200);
  });
});

describe('a client certificate', () => {
  const proxied = { trustedProxies: ['127.0.0.1'], forwardedClientCert: true };
  const known = field(certificate());

  it('lets a consumer in, when a trusted proxy vouches for it', async (t) => {
    const { client, upstream } = await rig(t, proxied);
    const connection = await client();
    for (let i = 0; i < 2; i++) assert.equal((await connection.ask(get('/known/', known))).status, 200);
    const spiffe = certificate({ subject: [], names: [['uri', 'spiffe://example.org/warehouse']] });
    assert.equal((await connection.ask(get('/known/', field(spiffe)))).status, 200);
    for (const request of upstream.requests) assert.equal(fieldOf(request, 'client-cert'), undefined);
  });

  it('does not when the proxy is not trusted, or its word not taken', async (t) => {
    for (const listener of [
      { ...proxied, trustedProxies: ['10.0.0.1'] },
      { trustedProxies: ['127.0.0.1'] },
    ]) {
      const { client } = await rig(t, listener);
      assert.equal((await (await client()).ask(get('/known/', known))).status, 401);
    }
  });

  it('does not when it is another, over, twice, or none', async (t) => {
    const { client } = await rig(t, proxied);
    const connection = await client();
    const other = field(certificate({ subject: [[[CN, 'other']], [[O, 'Example']]] }));
    const over = field(certificate({ notAfter: '20200102000000Z' }));
    const details = new Set<unknown>();
    for (const fields of [[other], [over], [known, known], ['Client-Cert: :AAAA:'], ['Client-Cert: x']]) {
      const response = await connection.ask(get('/known/', ...fields));
      assert.equal(codeOf(response), 'UNAUTHENTICATED');
      details.add(problemOf(response)['detail']);
    }
    assert.equal(details.size, 3);
  });
});

describe('what the service sees', () => {
  const everywhere = [`X-API-Key: ${KEY}`, `Cookie: a=b; api-key=${KEY}; c=d`];

  it('has no key in it, the first time and when it is remembered', async (t) => {
    const { client, upstream } = await rig(t);
    const connection = await client();
    for (let i = 0; i < 3; i++) await connection.ask(get(`/known/?q=1&api_key=${KEY}&r=%2F`, ...everywhere));
    await connection.ask(get(`/known/?api_key=${KEY}`, ...everywhere));
    for (const { head } of upstream.requests) assert.ok(!head.includes(KEY));
    const first = await upstream.request(0);
    assert.equal(first.target, '/known/?q=1&r=%2F');
    assert.deepEqual(fieldsOf(first, 'cookie'), ['a=b; c=d']);
    assert.equal((await upstream.request(3)).target, '/known/');
  });

  it('has no password in it, and has what nobody asked for here', async (t) => {
    const { client, upstream } = await rig(t);
    const connection = await client();
    await connection.ask(get('/known/', basic('ann:plain secret')));
    assert.equal(fieldOf(await upstream.request(0), 'authorization'), undefined);
    await connection.ask(get('/plain/?api_key=x', basic('ann:plain secret'), ...everywhere));
    const { head } = await upstream.request(1);
    assert.match(head, /Authorization: Basic /);
    assert.equal(head.split(KEY).length, 3);
  });

  it('has everything in it under a policy that only reports, or that says so', async (t) => {
    const { client, upstream } = await rig(t);
    const connection = await client();
    for (const [i, path] of ['/reported/', '/all/'].entries()) {
      await connection.ask(get(`${path}?api_key=${KEY}`, ...everywhere));
      assert.equal((await upstream.request(i)).head.split(KEY).length, 4);
    }
  });

  it('never says who is calling in words of the caller, on whichever route', async (t) => {
    const { client, upstream } = await rig(t, { trustedProxies: ['127.0.0.1'], forwardedClientCert: true });
    const words = ['Subject', 'Provider', 'Consumer', 'Client', 'Scopes', 'Plan', 'Token'];
    const spellings = words.flatMap((word) => [
      `X-Identity-${word}`,
      `x-identity-${word.toLowerCase()}`,
      `X-IDENTITY-${word.toUpperCase()}`,
      `X_Identity_${word}`,
      `X-Identity_${word}`,
      `x_identity-${word}`,
    ]);
    const claims = spellings.map((name) => `${name}: forged`);
    const connection = await client();
    const paths = ['/', ...Object.keys(EVERY_KIND).map((name) => `/${name}/`)];
    for (const path of [...paths, ...paths]) {
      const response = await connection.ask(get(path, `X-API-Key: ${KEY}`, ...claims));
      assert.equal(response.status, 200, path);
    }
    assert.equal(upstream.requests.length, 2 * paths.length);
    for (const { head } of upstream.requests) assert.doesNotMatch(head, /forged/);
  });
});
