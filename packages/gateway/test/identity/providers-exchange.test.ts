import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import { jwtVerify } from 'jose';
import type { OAuthClientConfig } from '@turnpike/config';
import { onScript, type TokenAnswer } from './providers-script.ts';

const UNAVAILABLE = { code: 'IDENTITY_UNAVAILABLE' };
const UNAUTHENTICATED = { code: 'UNAUTHENTICATED' };
const ASKS = { subjectToken: 'subject', scopes: ['orders:read', 'orders:write'], audience: 'orders' };
const SECRET: OAuthClientConfig = {
  clientId: 'gateway',
  authentication: { kind: 'basic', secret: 'secret' },
};

function withClient(client: OAuthClientConfig) {
  return () => ({ client: { ...client, endpoint: null } });
}

const TOKEN = { access_token: 'token', token_type: 'bearer' };

function always(body: unknown, status = 200) {
  return (): TokenAnswer => ({ status, body });
}

/** Endpoints that the provider does not name. */
function ownEndpoints(origin: string) {
  return {
    client: { ...SECRET, endpoint: `${origin}/own/token` },
    introspection: { ...SECRET, endpoint: `${origin}/own/introspect`, cacheMs: 0 },
  };
}

/** No discovery at all. */
function nothingNamed(origin: string) {
  return { ...ownEndpoints(origin), keys: { kind: 'url', url: `${origin}/keys` } as const };
}

/** A new token each time. */
function exchanged(): () => TokenAnswer {
  let count = 0;
  return () => ({
    body: {
      access_token: `token ${++count}`,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: 3600,
    },
  });
}

describe('token exchange', () => {
  it('asks as RFC 8693 says', async () => {
    await onScript(
      { answer: exchanged(), config: withClient(SECRET) },
      async ({ run, requests, clockwork }) => {
        const given = await run('exchange-token', ASKS);
        assert.deepEqual(given, { token: 'token 1', expiresAtMs: clockwork.clock.epoch() + 3_600_000 });
        assert.deepEqual(Object.fromEntries(requests[0]?.form ?? []), {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: 'subject',
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          scope: 'orders:read orders:write',
          audience: 'orders',
        });
      },
    );
  });

  it('names a URI as a resource as well', async () => {
    await onScript({ answer: exchanged(), config: withClient(SECRET) }, async ({ run, requests }) => {
      await run('exchange-token', { ...ASKS, audience: 'https://orders.example.com' });
      assert.equal(requests[0]?.form.get('resource'), 'https://orders.example.com');
      assert.equal(requests[0].form.get('audience'), 'https://orders.example.com');
    });
  });

  it('happens once for the same token, audience and scopes', async () => {
    await onScript({ answer: exchanged(), config: withClient(SECRET) }, async ({ run, requests }) => {
      const same = await Promise.all(Array.from({ length: 20 }, () => run('exchange-token', ASKS)));
      assert.equal(new Set(same.map(({ token }) => token)).size, 1);
      assert.equal(requests.length, 1);
      const others = [
        { ...ASKS, subjectToken: 'other' },
        { ...ASKS, audience: null },
        { ...ASKS, scopes: ['orders:read'] },
        { ...ASKS, scopes: ['orders:read orders:write'] },
      ];
      const tokens = await Promise.all(others.map((asks) => run('exchange-token', asks)));
      assert.equal(new Set(tokens.map(({ token }) => token)).size, others.length);
    });
  });

  it('is refused when the provider does not take the token', async () => {
    const answer = always({ error: 'invalid_request', error_description: 'subject secret' }, 400);
    await onScript({ answer, config: withClient(SECRET) }, async ({ run }) => {
      await assert.rejects(run('exchange-token', ASKS), (error: Error & { code: string }) => {
        assert.equal(error.code, 'UNAUTHENTICATED');
        assert.doesNotMatch(`${error.stack} ${JSON.stringify(error.cause)}`, /secret/);
        return true;
      });
    });
  });

  const broken: readonly [string, TokenAnswer][] = [
    ['an error of its own', { status: 500 }],
    ['no time for us', { status: 429 }],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
    ['a page', { body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['half a JSON', { body: '{"access_token":' }],
    ['far too much', { body: { access_token: 'x'.repeat(100_000), token_type: 'bearer' } }],
    ['that it does not know us', { status: 401, body: { error: 'invalid_client' } }],
    [
      'a challenge',
      {
        status: 401,
        headers: { 'www-authenticate': 'Basic realm="idp"' },
        body: { error: 'invalid_client' },
      },
    ],
  ];
  for (const [name, answer] of broken) {
    it(`is not possible while the provider answers with ${name}`, async () => {
      await onScript({ answer: () => answer, config: withClient(SECRET) }, async ({ run, requests }) => {
        await assert.rejects(run('exchange-token', ASKS), UNAVAILABLE);
        assert.equal(requests.length, 1);
      });
    });
  }

  it('takes a token that is good for five minutes when the provider does not say for how long', async () => {
    await onScript({ answer: always(TOKEN), config: withClient(SECRET) }, async ({ run, clockwork }) => {
      const { expiresAtMs } = await run('exchange-token', ASKS);
      assert.equal(expiresAtMs, clockwork.clock.epoch() + 300_000);
    });
  });

  it('takes nothing that is no token to bear', async () => {
    const answer = always({ ...TOKEN, token_type: 'N_A' });
    await onScript({ answer, config: withClient(SECRET) }, async ({ run }) => {
      await assert.rejects(run('exchange-token', ASKS), UNAUTHENTICATED);
    });
  });
});

describe('the gateway proves who it is', () => {
  it('by a password, whatever is in it', async () => {
    const secret = 'p:ä s+s&%';
    const client = { clientId: 'the:gateway', authentication: { kind: 'basic', secret } } as const;
    await onScript({ answer: exchanged(), config: withClient(client) }, async ({ run, requests }) => {
      await run('exchange-token', ASKS);
      const [scheme, credentials = ''] = requests[0]?.authorization?.split(' ') ?? [];
      assert.equal(scheme, 'Basic');
      // RFC 6749 §2.3.1: both are form-encoded first.
      const pair = new URLSearchParams(Buffer.from(credentials, 'base64').toString().replace(':', '='));
      assert.deepEqual([...pair], [['the:gateway', secret]]);
    });
  });

  it('by a password in the form', async () => {
    const client = { clientId: 'gateway', authentication: { kind: 'post', secret: 'a&b' } } as const;
    await onScript({ answer: exchanged(), config: withClient(client) }, async ({ run, requests }) => {
      await run('exchange-token', ASKS);
      assert.equal(requests[0]?.authorization, undefined);
      assert.equal(requests[0]?.form.get('client_id'), 'gateway');
      assert.equal(requests[0]?.form.get('client_secret'), 'a&b');
    });
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys: readonly [
    alg: string,
    pair: { privateKey: KeyObject; publicKey: KeyObject },
    taken?: string[],
  ][] = [
    ['RS256', rsa],
    ['RS256', rsa, ['PS256', 'RS256']],
    ['PS256', rsa, ['PS256', 'ES256']],
    ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['Ed25519', generateKeyPairSync('ed25519')],
  ];
  for (const [alg, { privateKey, publicKey }, taken] of keys) {
    it(`by a key, signing by ${alg} where ${taken?.join(' and ') ?? 'nothing'} is said to be taken`, async () => {
      const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
      const keyId = alg === 'ES256' ? 'ours' : null;
      const client = { clientId: 'gateway', authentication: { kind: 'private-key', key, keyId } } as const;
      const metadata = taken === undefined ? {} : { token_endpoint_auth_signing_alg_values_supported: taken };
      await onScript({ answer: exchanged(), config: withClient(client), metadata }, async (site) => {
        await site.run('exchange-token', ASKS);
        const { form } = site.requests[0] ?? assert.fail();
        assert.equal(
          form.get('client_assertion_type'),
          'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        );
        const { payload, protectedHeader } = await jwtVerify(form.get('client_assertion') ?? '', publicKey, {
          issuer: 'gateway',
          subject: 'gateway',
          audience: site.issuer,
        });
        assert.deepEqual([protectedHeader.alg, protectedHeader.kid], [alg, keyId ?? undefined]);
        assert.equal(typeof payload.jti, 'string');
        assert.ok((payload.exp ?? 0) - (payload.iat ?? 0) <= 60);
      });
    });
  }

  it('by no key that is none', async () => {
    const client = {
      clientId: 'gateway',
      authentication: { kind: 'private-key', key: 'secret key', keyId: null },
    } as const;
    await onScript({ answer: exchanged(), config: withClient(client) }, async ({ run, requests }) => {
      await assert.rejects(run('exchange-token', ASKS), (error: Error & { code: string }) => {
        assert.equal(error.code, 'IDENTITY_UNAVAILABLE');
        assert.doesNotMatch(error.message, /secret/);
        return true;
      });
      assert.equal(requests.length, 0);
    });
  });
});

describe('an endpoint of the configuration', () => {
  it('is called, and nothing else is asked of the provider', async () => {
    const answer = always({ ...TOKEN, active: true });
    await onScript({ answer, config: nothingNamed }, async ({ run, requests, news }) => {
      await run('client-credentials', { scopes: [], audience: null });
      assert.equal((await run('introspect', { token: 'opaque' })).isActive, true);
      assert.equal(requests[1]?.form.get('token'), 'opaque');
      assert.equal(news.at(-1)?.authorizationEndpoint, null);
    });
  });

  it('that does not say whether a token is active lets nobody in', async () => {
    for (const body of [{}, { active: 'true' }, { active: 1 }, [], null, 'true']) {
      await onScript({ answer: always(body), config: ownEndpoints }, async ({ run }) => {
        await assert.rejects(run('introspect', { token: 'opaque' }), UNAVAILABLE);
      });
    }
  });
});
