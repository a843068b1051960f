import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import type { IdentityProviderConfig } from '@turnpike/config';
import { onScript, type ScriptedSite } from './providers-script.ts';

const UNAUTHENTICATED = { code: 'UNAUTHENTICATED' };

function config(): Partial<IdentityProviderConfig> {
  return {
    login: {
      clientId: 'web',
      authentication: { kind: 'basic', secret: 'secret' },
      scopes: ['openid'],
      callbackPath: '/callback',
      logoutPath: '/logout',
      backchannelLogoutPath: null,
      afterLogout: '/',
      publicOrigin: null,
      session: { cookie: 'session', secrets: ['secret'], lifetimeMs: 3_600_000, idleMs: 600_000 },
    },
  };
}

const ASKS = {
  callback: 'http://127.0.0.1:1/callback?code=code&state=state',
  redirectUri: 'http://127.0.0.1:1/callback',
  state: 'state',
  nonce: 'nonce',
  verifier: 'v'.repeat(43),
};

/** Claims that are as they should be. */
function claims({ issuer, clockwork }: ScriptedSite) {
  const iat = Math.floor(clockwork.clock.epoch() / 1000);
  return { iss: issuer, sub: 'alice', aud: 'web', iat, exp: iat + 300, nonce: 'nonce' };
}

function redeem(
  makeToken: (site: ScriptedSite) => Promise<string>,
  use: (site: ScriptedSite) => Promise<void>,
) {
  const answer = async (site: ScriptedSite) => ({
    body: { access_token: 'token', token_type: 'bearer', expires_in: 60, id_token: await makeToken(site) },
  });
  return onScript({ answer, config }, use);
}

function withoutIdToken() {
  return { body: { access_token: 'token', token_type: 'bearer', expires_in: 60 } };
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

describe('an ID token', () => {
  it('is taken when everything is right', async () => {
    await redeem(
      (site) => site.idToken(claims(site)),
      async ({ run }) => {
        const { claims } = await run('redeem-code', ASKS);
        assert.equal(claims?.['sub'], 'alice');
      },
    );
  });

  const wrong: readonly [string, (site: ScriptedSite) => Promise<string>][] = [
    ['has another issuer', (site) => site.idToken({ ...claims(site), iss: 'https://evil.example' })],
    ['is for somebody else', (site) => site.idToken({ ...claims(site), aud: 'other' })],
    [
      'is for others too, and was not asked for by us',
      (site) => site.idToken({ ...claims(site), aud: ['web', 'other'] }),
    ],
    [
      'was asked for by others',
      (site) => site.idToken({ ...claims(site), aud: ['web', 'other'], azp: 'other' }),
    ],
    ['belongs to another login', (site) => site.idToken({ ...claims(site), nonce: 'other' })],
    ['has no nonce', (site) => site.idToken({ ...claims(site), nonce: undefined })],
    ['has no subject', (site) => site.idToken({ ...claims(site), sub: undefined })],
    ['has no end', (site) => site.idToken({ ...claims(site), exp: undefined })],
    ['is over', (site) => site.idToken({ ...claims(site), exp: claims(site).iat - 31 })],
    ['is not yet good', (site) => site.idToken({ ...claims(site), nbf: claims(site).iat + 90 })],
    ['has critical extensions', (site) => site.idToken(claims(site), { crit: ['b64'], b64: true })],
    ['has another key', (site) => site.idToken(claims(site), { kid: 'other' })],
    [
      'was changed',
      async (site) =>
        (await site.idToken(claims(site))).replace(
          /\.[^.]+\./,
          `.${encoded({ ...claims(site), sub: 'bob' })}.`,
        ),
    ],
    [
      'has a changed signature',
      async (site) => (await site.idToken(claims(site))).replace(/\.[^.]{10}([^.]*)$/, '.AAAAAAAAAA$1'),
    ],
    ['is not signed', async (site) => `${encoded({ alg: 'none' })}.${encoded(claims(site))}.`],
    [
      'is signed by what everybody knows',
      async (site) => {
        const content = `${encoded({ alg: 'HS256', kid: 'key' })}.${encoded(claims(site))}`;
        const secret = JSON.stringify(site.news.at(-1)?.keys?.[0]);
        return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
      },
    ],
    ['is encrypted', async (site) => `${await site.idToken(claims(site))}.AA.AA`],
  ];
  for (const [name, makeToken] of wrong) {
    it(`is refused when it ${name}`, async () => {
      await redeem(makeToken, async ({ run }) => {
        await assert.rejects(run('redeem-code', ASKS), UNAUTHENTICATED);
      });
    });
  }

  it('is judged by the time of the gateway', async () => {
    await redeem(
      (site) => site.idToken({ ...claims(site), nbf: claims(site).iat }),
      async ({ run, clockwork }) => {
        clockwork.advance(3_600_000);
        assert.equal((await run('redeem-code', ASKS)).claims?.['sub'], 'alice');
      },
    );
  });

  it('must come when it was asked for', async () => {
    await onScript({ answer: withoutIdToken, config }, async ({ run }) => {
      await assert.rejects(run('redeem-code', ASKS), UNAUTHENTICATED);
    });
  });

  it('is verified when it comes with a refresh', async () => {
    let isRight = true;
    await redeem(
      (site) => site.idToken({ ...claims(site), nonce: undefined, aud: isRight ? 'web' : 'other' }),
      async ({ run }) => {
        assert.equal((await run('refresh-tokens', { refreshToken: 'one' })).claims?.['sub'], 'alice');
        isRight = false;
        await assert.rejects(run('refresh-tokens', { refreshToken: 'two' }), UNAUTHENTICATED);
      },
    );
  });

  it('may be missing from a refresh, and so may scopes', async () => {
    await onScript({ answer: withoutIdToken, config }, async ({ run, clockwork }) => {
      assert.deepEqual(await run('refresh-tokens', { refreshToken: 'one' }), {
        token: 'token',
        expiresAtMs: clockwork.clock.epoch() + 60_000,
        refreshToken: null,
        idToken: null,
        claims: null,
        scopes: [],
      });
    });
  });
});
