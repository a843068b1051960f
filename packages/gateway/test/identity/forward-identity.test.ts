import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { answer, fieldOf, reply, scriptedUpstream, type ScriptedUpstream } from '@turnpike/testkit';
import type { Supervisor } from '../../src/main.ts';
import { ask, onSite, saying } from '../threads/fixture.ts';

const JWKS_PATH = '/.well-known/turnpike/jwks.json';
const CONSUMERS = {
  acme: { keys: ['key-of-acme-0123456789'], scopes: ['orders:read', 'orders:write'], plan: 'gold' },
};
const KEY = { headers: { 'x-api-key': 'key-of-acme-0123456789' } };

/** A service behind two routes: `/fields` is told in fields, and `/token` in a token, who is calling. */
async function orders(t: TestContext): Promise<ScriptedUpstream> {
  const upstream = await scriptedUpstream(answer(reply('x')));
  t.after(() => upstream.close());
  return upstream;
}

function route(path: string, forwardIdentity: 'headers' | 'jwt' | 'off'): object {
  const authenticate = { with: ['consumers'], optional: true };
  return { match: { path }, service: 'orders', policies: { authenticate, forwardIdentity } };
}

function document(
  { url }: ScriptedUpstream,
  sections: object = {},
  withToken: 'jwt' | 'off' = 'jwt',
): string {
  return saying('pong', {
    services: { orders: { endpoints: [url] } },
    consumers: CONSUMERS,
    routes: { fields: route('/fields', 'headers'), token: route('/token', withToken) },
    ...sections,
  });
}

/** What the service got as `X-Identity-Token` of the request with this number. */
async function tokenOf(upstream: ScriptedUpstream, index: number): Promise<string> {
  return fieldOf(await upstream.request(index), 'x-identity-token') ?? '';
}

async function jwks(port: number | null | undefined, path: string): Promise<JSONWebKeySet> {
  const { status, body } = await ask(port, path);
  assert.equal(status, 200);
  return JSON.parse(body) as JSONWebKeySet;
}

const published = ({ ports }: Supervisor) => jwks(ports.get('web'), JWKS_PATH);

/** As the service does it. */
const verify = async (token: string, keys: JSONWebKeySet) =>
  (await jwtVerify(token, createLocalJWKSet(keys), { issuer: 'turnpike', audience: 'orders' })).payload;

describe('a service that is told who is calling', () => {
  it('reads it in fields', async (t) => {
    const upstream = await orders(t);
    await onSite(document(upstream), async ({ start }) => {
      const { ports } = await start();
      const headers = { ...KEY.headers, 'x-identity-subject': 'root' };
      assert.equal((await ask(ports.get('web'), '/fields', { headers })).status, 200);
      const { fields } = await upstream.request(0);
      assert.deepEqual(
        fields.filter(([name]) => name.startsWith('X-Identity-')),
        [
          ['X-Identity-Subject', 'acme'],
          ['X-Identity-Provider', 'consumers'],
          ['X-Identity-Consumer', 'acme'],
          ['X-Identity-Scopes', 'orders:read orders:write'],
          ['X-Identity-Plan', 'gold'],
        ],
      );
      assert.equal(fieldOf({ fields }, 'x-identity-subject'), 'acme');
    });
  });

  it('is told nothing of callers without credentials', async (t) => {
    const upstream = await orders(t);
    await onSite(document(upstream), async ({ start }) => {
      const { ports } = await start();
      const headers = { 'x-identity-subject': 'root', 'x-identity-token': 'e30.e30.e30' };
      for (const path of ['/fields', '/token']) await ask(ports.get('web'), path, { headers });
      for (const index of [0, 1]) assert.doesNotMatch((await upstream.request(index)).head, /x-identity/i);
    });
  });

  it('verifies a token with the keys that every thread and the admin API publish', async (t) => {
    const upstream = await orders(t);
    await onSite(document(upstream), async ({ start }) => {
      const gateway = await start();
      const keys = await published(gateway);
      assert.deepEqual(await jwks(gateway.adminPort, '/jwks'), keys);
      for (let index = 0; index < 6; index++) {
        await ask(gateway.ports.get('web'), '/token', KEY);
        const { sub, consumer, plan, scope } = await verify(await tokenOf(upstream, index), keys);
        assert.deepEqual([sub, consumer, plan, scope], ['acme', 'acme', 'gold', 'orders:read orders:write']);
      }
    });
  });

  it('may keep the keys for five minutes', async (t) => {
    await onSite(document(await orders(t)), async ({ start }) => {
      const { headers } = await ask((await start()).ports.get('web'), JWKS_PATH);
      assert.equal(headers['cache-control'], 'public, max-age=300');
      assert.equal(headers['content-type'], 'application/jwk-set+json');
    });
  });

  it('finds the same keys after a restart', async (t) => {
    await onSite(document(await orders(t)), async ({ start }) => {
      const first = await start();
      const keys = await published(first);
      await first.stop('SIGTERM');
      assert.deepEqual(await published(await start()), keys);
    });
  });

  it('knows the old key and the new one after a change', async (t) => {
    const upstream = await orders(t);
    await onSite(document(upstream), async ({ start, write }) => {
      const gateway = await start({ watch: false });
      await ask(gateway.ports.get('web'), '/token', KEY);
      const before = await published(gateway);
      await write(document(upstream, { runtime: { threads: 2, signingKey: newPem() } }));
      assert.equal((await gateway.reload('test')).kind, 'applied');
      await ask(gateway.ports.get('web'), '/token', KEY);
      const after = await published(gateway);
      assert.deepEqual(after.keys.slice(1), before.keys);
      const [first, second] = [await tokenOf(upstream, 0), await tokenOf(upstream, 1)];
      await verify(first, after);
      await verify(second, after);
      assert.notEqual(decodeProtectedHeader(second).kid, undefined);
    });
  });
});

describe('the path of the keys', () => {
  it('leads nowhere when no route signs', async (t) => {
    await onSite(document(await orders(t), {}, 'off'), async ({ start }) => {
      assert.equal((await ask((await start()).ports.get('web'), JWKS_PATH)).status, 404);
    });
  });
});

describe('a signing key that is none', () => {
  it('is an error of the configuration, and the old one stays', async (t) => {
    const upstream = await orders(t);
    await onSite(document(upstream), async ({ start, write }) => {
      const gateway = await start({ watch: false });
      const before = await published(gateway);
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384', ...PEM });
      await write(document(upstream, { runtime: { threads: 2, signingKey: privateKey } }));
      const { kind } = await gateway.reload('test');
      assert.ok(kind === 'failed' || kind === 'rejected', kind);
      assert.deepEqual(await published(gateway), before);
    });
  });
});

const PEM = {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
} as const;

function newPem(): string {
  return generateKeyPairSync('ed25519', PEM).privateKey;
}
