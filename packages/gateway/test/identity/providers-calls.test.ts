import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import type { IdentityProviderConfig, LoginConfig, OAuthClientConfig } from '@turnpike/config';
import type { ProviderOptions, TestClient, TestProvider } from '@turnpike/testkit/identity-provider';
import { onKnownProvider } from './providers-real.ts';
import type { DeskSite } from './providers-site.ts';

const UNAVAILABLE = { code: 'IDENTITY_UNAVAILABLE' };
const UNAUTHENTICATED = { code: 'UNAUTHENTICATED' };
const INTROSPECTION = '/token/introspection';
const REDIRECT_URI = 'http://127.0.0.1:1/_auth/callback';

function asClient(
  { clientId, clientSecret: secret }: TestClient,
  kind: 'basic' | 'post' = 'basic',
): OAuthClientConfig {
  return { clientId, authentication: { kind, secret } };
}

/** A desk that may do everything at a real provider. */
function onProvider(
  use: (site: DeskSite & { readonly provider: TestProvider }) => Promise<void>,
  change: Partial<IdentityProviderConfig> = {},
  options: ProviderOptions = {},
): Promise<void> {
  const config = ({ clients }: TestProvider): Partial<IdentityProviderConfig> => ({
    introspection: { ...asClient(clients.gateway), endpoint: null, cacheMs: 60_000 },
    client: { ...asClient(clients.machine, 'post'), endpoint: null },
    login: loginConfig(asClient(clients.web)),
    ...change,
  });
  return onKnownProvider(use, config, { web: { redirectUris: [REDIRECT_URI] }, ...options });
}

function loginConfig(client: OAuthClientConfig): LoginConfig {
  return {
    ...client,
    scopes: ['openid', 'profile'],
    callbackPath: '/_auth/callback',
    logoutPath: '/_auth/logout',
    backchannelLogoutPath: null,
    afterLogout: '/',
    publicOrigin: null,
    session: { cookie: '__Host-session', secrets: ['secret'], lifetimeMs: 3_600_000, idleMs: 600_000 },
  };
}

describe('introspection', () => {
  it('tells what a token says', async () => {
    await onProvider(async ({ provider, run }) => {
      const token = await provider.accessToken({ scope: 'orders:read' });
      const { isActive, claims } = await run('introspect', { token });
      assert.equal(isActive, true);
      assert.equal(claims['client_id'], 'machine');
      assert.equal(claims['scope'], 'orders:read');
      assert.equal(claims['iss'], provider.issuer);
      assert.equal('active' in claims, false);
    });
  });

  it('tells nothing of a token that is none', async () => {
    await onProvider(async ({ run, provider }) => {
      const { isActive, claims } = await run('introspect', { token: 'made-up' });
      assert.deepEqual([isActive, claims], [false, {}]);
      await run('introspect', { token: 'made-up' });
      assert.equal(provider.traffic.count(INTROSPECTION), 1);
    });
  });

  it('is one request for all who have the same token at the same time', async () => {
    await onProvider(async ({ run, provider }) => {
      const token = await provider.accessToken();
      const held = provider.traffic.hold(INTROSPECTION);
      const answers = Array.from({ length: 20 }, () => run('introspect', { token }));
      await held.arrived();
      held.release();
      for (const { isActive } of await Promise.all(answers)) assert.equal(isActive, true);
      assert.equal(provider.traffic.count(INTROSPECTION), 1);
    });
  });

  it('is asked again when its answer is too old', async () => {
    await onProvider(async ({ run, provider, clockwork }) => {
      const token = await provider.accessToken();
      await run('introspect', { token });
      clockwork.advance(59_999);
      await run('introspect', { token });
      assert.equal(provider.traffic.count(INTROSPECTION), 1);
      clockwork.advance(1);
      await run('introspect', { token });
      assert.equal(provider.traffic.count(INTROSPECTION), 2);
    });
  });

  it('lets nobody in while the provider is away, and does not wait for it each time', async () => {
    await onProvider(async ({ run, provider, desk, clockwork }) => {
      provider.traffic.answer(INTROSPECTION, 500);
      for (let count = 0; count < 5; count++)
        await assert.rejects(run('introspect', { token: `${count}` }), UNAVAILABLE);
      await assert.rejects(run('introspect', { token: 'another' }), UNAVAILABLE);
      assert.equal(provider.traffic.count(INTROSPECTION), 5);
      assert.equal(desk.status()[0]?.endpoints.introspection, 'open');
      assert.equal(desk.status()[0]?.endpoints.token, 'closed');

      provider.traffic.answer(INTROSPECTION, null);
      clockwork.advance(1000);
      const token = await provider.accessToken();
      assert.equal((await run('introspect', { token })).isActive, true);
      assert.equal(desk.status()[0]?.endpoints.introspection, 'closed');
    });
  });

  it('lets nobody in when the provider refuses us, and says so without the secret', async () => {
    const authentication = { kind: 'basic', secret: 'wrong-secret' } as const;
    const introspection = { clientId: 'gateway', authentication, endpoint: null, cacheMs: 60_000 };
    await onProvider(
      async ({ run }) => {
        await assert.rejects(run('introspect', { token: 'sesame' }), (error: Error & { code: string }) => {
          assert.equal(error.code, 'IDENTITY_UNAVAILABLE');
          assert.doesNotMatch(
            JSON.stringify([error.message, error.stack, error.cause]),
            /wrong-secret|sesame/,
          );
          return true;
        });
      },
      { introspection },
    );
  });

  it('works again as soon as the provider is there again', async () => {
    await onProvider(async ({ run, provider }) => {
      provider.goDown();
      await assert.rejects(run('introspect', { token: 'a' }), UNAVAILABLE);
      provider.comeBack();
      assert.equal((await run('introspect', { token: 'a' })).isActive, false);
    });
  });
});

describe('client credentials', () => {
  it('are got once for all who ask for the same', async () => {
    await onProvider(async ({ run, provider, clockwork }) => {
      const asks = { scopes: ['orders:read'], audience: null };
      const tokens = await Promise.all(Array.from({ length: 20 }, () => run('client-credentials', asks)));
      assert.equal(new Set(tokens.map(({ token }) => token)).size, 1);
      assert.equal(tokens[0]?.expiresAtMs, clockwork.clock.epoch() + 3_600_000);
      assert.equal(provider.traffic.count('/token'), 1);
      await run('client-credentials', { scopes: ['orders:write'], audience: null });
      assert.equal(provider.traffic.count('/token'), 2);
    });
  });

  it('are for the audience that is asked for', async () => {
    await onProvider(async ({ run }) => {
      const audience = 'https://orders.example.com';
      const { token } = await run('client-credentials', { scopes: ['orders:read'], audience });
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      assert.equal(claims.aud, audience);
      assert.equal(claims.scope, 'orders:read');
    });
  });

  it('are refused when the provider refuses them', async () => {
    await onProvider(async ({ run, desk }) => {
      const asks = { scopes: ['email'], audience: null };
      for (let count = 0; count < 6; count++)
        await assert.rejects(run('client-credentials', asks), UNAUTHENTICATED);
      assert.equal(desk.status()[0]?.endpoints.token, 'closed');
    });
  });
});

/** A browser that was sent away to log in, and what it came back with. */
async function loggedIn(provider: TestProvider, state = 'state', nonce = 'nonce') {
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(`${provider.issuer}/auth`);
  url.search = new URLSearchParams({
    client_id: 'web',
    response_type: 'code',
    scope: 'openid profile',
    redirect_uri: REDIRECT_URI,
    state,
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const callback = await provider.browser().signIn(url.href, 'alice');
  return { callback, redirectUri: REDIRECT_URI, state, nonce, verifier };
}

describe('the code that a browser brings', () => {
  it('is redeemed for tokens, and an ID token that is verified', async () => {
    await onProvider(async ({ run, provider, clockwork }) => {
      const tokens = await run('redeem-code', await loggedIn(provider));
      assert.equal(tokens.claims?.['sub'], 'alice');
      assert.equal(tokens.claims['nonce'], 'nonce');
      assert.equal(tokens.expiresAtMs, clockwork.clock.epoch() + 3_600_000);
      assert.deepEqual(tokens.scopes, ['openid', 'profile']);
      assert.equal(typeof tokens.refreshToken, 'string');
      assert.equal(tokens.idToken?.split('.').length, 3);
      assert.equal((await run('introspect', { token: tokens.token })).claims['sub'], 'alice');
    });
  });

  for (const algorithm of ['PS256', 'ES256', 'EdDSA'] as const) {
    it(`is redeemed when ID tokens are signed by ${algorithm}`, async () => {
      await onProvider(
        async ({ run, provider }) => {
          const { claims } = await run('redeem-code', await loggedIn(provider));
          assert.equal(claims?.['sub'], 'alice');
        },
        {},
        { algorithm },
      );
    });
  }

  it('is redeemed once when a browser comes back twice', async () => {
    await onProvider(async ({ run, provider }) => {
      const asks = await loggedIn(provider);
      const [one, two] = await Promise.all([run('redeem-code', asks), run('redeem-code', asks)]);
      assert.equal(one.token, two.token);
      assert.equal((await run('redeem-code', asks)).token, one.token);
      assert.equal(provider.traffic.count('/token'), 1);
    });
  });

  it('is redeemed when keys have just been changed', async () => {
    await onProvider(async ({ run, provider }) => {
      await provider.rotateKeys('forgotten');
      const { claims } = await run('redeem-code', await loggedIn(provider));
      assert.equal(claims?.['sub'], 'alice');
      assert.equal(provider.traffic.count('/jwks'), 2);
    });
  });

  const changes: readonly [string, (asks: Awaited<ReturnType<typeof loggedIn>>) => object][] = [
    ['another state', () => ({ state: 'other' })],
    ['another nonce', () => ({ nonce: 'other' })],
    ['another verifier', () => ({ verifier: 'x'.repeat(43) })],
    ['another redirect URI', () => ({ redirectUri: `${REDIRECT_URI}/other` })],
    ['no code', ({ callback }) => ({ callback: callback.replace('code=', 'other=') })],
    ['two codes', ({ callback }) => ({ callback: `${callback}&code=other` })],
    [
      'another issuer',
      ({ callback }) => ({ callback: callback.replace(/iss=[^&]*/, 'iss=https://evil.example') }),
    ],
    ['no issuer', ({ callback }) => ({ callback: callback.replace('iss=', 'other=') })],
    ['an error', ({ callback }) => ({ callback: `${callback}&error=access_denied` })],
  ];
  for (const [name, change] of changes) {
    it(`is refused with ${name}`, async () => {
      await onProvider(async ({ run, provider }) => {
        const asks = await loggedIn(provider);
        await assert.rejects(run('redeem-code', { ...asks, ...change(asks) }), UNAUTHENTICATED);
      });
    });
  }

  it('is refused when the ID token is signed by an algorithm that is not allowed', async () => {
    await onProvider(
      async ({ run, provider }) => {
        await assert.rejects(run('redeem-code', await loggedIn(provider)), UNAUTHENTICATED);
      },
      { algorithms: ['PS256'] },
    );
  });

  it('cannot be redeemed while the provider is away', async () => {
    await onProvider(async ({ run, provider }) => {
      const asks = await loggedIn(provider);
      provider.goDown();
      await assert.rejects(run('redeem-code', asks), UNAVAILABLE);
    });
  });
});

describe('a refresh token', () => {
  it('is used once, although many bring it: rotation would end the session', async () => {
    await onProvider(async ({ run, provider, clockwork }) => {
      const first = await run('redeem-code', await loggedIn(provider));
      const refreshToken = first.refreshToken ?? assert.fail();
      const many = await Promise.all(
        Array.from({ length: 20 }, () => run('refresh-tokens', { refreshToken })),
      );
      const [second] = many;
      assert.equal(new Set(many.map(({ token }) => token)).size, 1);
      assert.notEqual(second?.refreshToken, refreshToken);
      assert.equal(second?.claims?.['sub'], 'alice');

      clockwork.advance(29_999);
      assert.equal((await run('refresh-tokens', { refreshToken })).token, second.token);
      assert.equal(provider.traffic.count('/token'), 2);
      const third = await run('refresh-tokens', { refreshToken: second.refreshToken ?? assert.fail() });
      assert.notEqual(third.token, second.token);
    });
  });

  it('is refused when it was used long ago, and with it all that came of it', async () => {
    await onProvider(async ({ run, provider, clockwork }) => {
      const first = await run('redeem-code', await loggedIn(provider));
      const refreshToken = first.refreshToken ?? assert.fail();
      const second = await run('refresh-tokens', { refreshToken });
      clockwork.advance(30_000);
      await assert.rejects(run('refresh-tokens', { refreshToken }), UNAUTHENTICATED);
      const stolen = { refreshToken: second.refreshToken ?? assert.fail() };
      await assert.rejects(run('refresh-tokens', stolen), UNAUTHENTICATED);
    });
  });

  it('is refused when it is none', async () => {
    await onProvider(async ({ run }) => {
      await assert.rejects(run('refresh-tokens', { refreshToken: 'made-up' }), UNAUTHENTICATED);
    });
  });
});

describe('an errand', () => {
  it('for what is not configured is not possible', async () => {
    await onProvider(
      async ({ run, provider }) => {
        await assert.rejects(run('introspect', { token: 'a' }), UNAVAILABLE);
        await assert.rejects(run('client-credentials', { scopes: [], audience: null }), UNAVAILABLE);
        await assert.rejects(run('refresh-tokens', { refreshToken: 'a' }), UNAVAILABLE);
        const end = { session: 'a', subject: null, endedAtMs: 0 };
        await assert.rejects(run('end-sessions', end), UNAVAILABLE);
        assert.equal(provider.traffic.count('/token'), 0);
      },
      { introspection: null, client: null, login: null },
    );
  });

  it('that ends a session is told to all', async () => {
    await onProvider(async ({ run, sessionNews, clockwork }) => {
      const ended = { session: 'a', subject: null, endedAtMs: clockwork.clock.epoch() };
      const end = run('end-sessions', ended);
      clockwork.advance(50);
      assert.equal(await end, null);
      assert.deepEqual(sessionNews, [
        { topic: 'ended-sessions', id: 'corporate', ended: [{ provider: 'corporate', ...ended }] },
      ]);
    });
  });

  it('gives what can be sent to a thread', async () => {
    await onProvider(async ({ run, provider, news }) => {
      const tokens = await run('redeem-code', await loggedIn(provider));
      assert.deepEqual(structuredClone(tokens), tokens);
      assert.deepEqual(structuredClone(news), news);
    });
  });
});
