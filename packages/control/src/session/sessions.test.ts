import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { TLSSocket } from 'node:tls';
import type { GatewayConfig } from '@turnpike/config';
import type { Caller } from '../domain/callers.ts';
import type { Claims, LoginCode } from '../gateway-port.ts';
import { sealedText } from './sealed-text.ts';
import { type SessionParts, Sessions, type ToldSignIn } from './sessions.ts';

const LOGIN = {
  provider: 'corporate',
  publicOrigin: null,
  claim: ['realm', 'groups'],
  nameClaim: ['email'],
  roles: { viewer: ['*'], editor: [], admin: ['platform'] },
  workspaces: [{ workspace: 'shop', roles: { viewer: [], editor: ['shop-team'], admin: [] } }],
  lifetimeMs: 1000,
};
const CONFIG = {
  admin: { login: LOGIN },
  identityProviders: [{ id: 'corporate', login: { clientId: 'gateway', scopes: ['openid'] } }],
} as unknown as GatewayConfig;

const NOBODY = { debug() {}, info() {}, warn() {}, error() {} };
const EDITOR: Caller = { name: 'ada', via: 'token', role: 'editor', workspaces: new Map() };

/** Sessions of a gateway that knows one token, behind a provider that says `claims`. */
function sessions({
  claims = null,
  config = CONFIG,
}: { claims?: Claims | null; config?: GatewayConfig } = {}) {
  const redeemed: LoginCode[] = [];
  const signIns: ToldSignIn[] = [];
  let nowMs = 1_000_000;
  let failures = 0;
  let current = config;
  const gateway: SessionParts['gateway'] = {
    config: () => current,
    callerOf: (token) => (token === 'good' ? EDITOR : null),
    lockedSeconds: () => (failures >= 3 ? 42 : 0),
    credentialsFailed: () => void failures++,
    authorizationEndpoint: () => Promise.resolve('https://login.test/authorize?tenant=1'),
    redeem: (code) => {
      redeemed.push(code);
      return claims === null ? Promise.reject(new Error('refused')) : Promise.resolve(claims);
    },
  };
  const made = new Sessions({
    gateway,
    findToken: (token) => (token === 'stored' ? EDITOR : null),
    told: (signIn) => signIns.push(signIn),
    seals: sealedText('a secret of sessions'),
    clock: { epoch: () => nowMs },
    log: NOBODY,
  });
  return {
    sessions: made,
    redeemed,
    signIns,
    pass: (ms: number) => (nowMs += ms),
    reconfigure: (admin: object) => (current = { ...config, admin } as unknown as GatewayConfig),
  };
}

function from(cookies: readonly string[] = [], more: object = {}): IncomingMessage {
  const cookie = cookies.map((one) => one.split(';')[0]).join('; ');
  const headers = { host: 'localhost:9901', cookie };
  return {
    headers,
    method: 'GET',
    url: '/',
    socket: { remoteAddress: '192.0.2.1' },
    ...more,
  } as IncomingMessage;
}

/** Goes to the provider and comes back as it says. */
async function loggedIn(claims: Claims | null) {
  const site = sessions({ claims });
  const sent = await site.sessions.login(from());
  assert.ok(sent.kind === 'redirect');
  const url = new URL(sent.location);
  const back = await site.sessions.callback(
    from(sent.cookies, { url: `/v1/login/callback?code=c&state=${url.searchParams.get('state')}` }),
  );
  return { ...site, url, back };
}

describe('a session that was made of a token', () => {
  it('is that of its caller, as long as the token is good', async () => {
    const { sessions: site } = sessions();
    for (const token of ['good', 'stored']) {
      const entrance = await site.enter(from(), token);
      assert.ok(entrance.kind === 'entered');
      const caller = site.identify(from(entrance.cookies));
      assert.deepEqual([caller?.name, caller?.role, caller?.via], ['ada', 'editor', 'session']);
    }
  });

  it('is over after a while', async () => {
    const { sessions: site, pass } = sessions();
    const entrance = await site.enter(from(), 'good');
    assert.ok(entrance.kind === 'entered');
    pass(12 * 3_600_000);
    assert.equal(site.identify(from(entrance.cookies)), null);
  });

  it('is over for good when it is left', async () => {
    const { sessions: site } = sessions();
    const [kept, left] = [await site.enter(from(), 'good'), await site.enter(from(), 'good')];
    assert.ok(kept.kind === 'entered' && left.kind === 'entered');
    await site.leave(from(left.cookies));
    assert.equal(site.identify(from(left.cookies)), null);
    assert.equal(site.identify(from(kept.cookies))?.name, 'ada');
  });

  it('changes something only with what its page was told', async () => {
    const { sessions: site } = sessions();
    const entrance = await site.enter(from(), 'good');
    assert.ok(entrance.kind === 'entered');
    const sent = (token: string): IncomingMessage => {
      const request = from(entrance.cookies);
      request.headers['x-csrf-token'] = token;
      return request;
    };
    assert.equal(site.csrf(from(entrance.cookies)), entrance.csrf);
    assert.equal(site.mayChange(sent(entrance.csrf)), true);
    assert.equal(site.mayChange(sent('x')), false);
    assert.equal(site.mayChange(from(entrance.cookies)), false);
    const withPassword = from(entrance.cookies);
    withPassword.headers.authorization = 'Basic dXNlcjpwYXNzd29yZA==';
    assert.equal(site.mayChange(withPassword), false, 'a link can bring a password along');
    assert.equal(site.mayChange(from()), true);
  });

  it('has a cookie that nobody else can make, and of which nobody can read anything', async () => {
    const { sessions: site } = sessions();
    const entrance = await site.enter(from(), 'good');
    assert.ok(entrance.kind === 'entered');
    const [cookie = ''] = entrance.cookies;
    assert.match(cookie, /^turnpike-session=[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    assert.ok(!Buffer.from(cookie.split(/[=;]/)[1] ?? '', 'base64url').includes('good'));
    for (let at = 'turnpike-session='.length; at < cookie.indexOf(';'); at += 7) {
      const changed = `${cookie.slice(0, at)}${cookie[at] === 'A' ? 'B' : 'A'}${cookie.slice(at + 1)}`;
      assert.equal(site.identify(from([changed])), null);
    }
  });

  it('is not made by who guesses', async () => {
    const { sessions: site } = sessions();
    for (let i = 0; i < 3; i++) assert.equal((await site.enter(from(), 'bad')).kind, 'refused');
    assert.deepEqual(await site.enter(from(), 'good'), { kind: 'blocked', retryAfterSeconds: 42 });
  });

  it('belongs to this host alone over TLS', async () => {
    const { sessions: site } = sessions();
    const socket = Object.create(TLSSocket.prototype, { remoteAddress: { value: '192.0.2.1' } });
    const entrance = await site.enter(from([], { socket }), 'good');
    assert.ok(entrance.kind === 'entered');
    assert.match(entrance.cookies[0] ?? '', /^__Host-turnpike-session=.*; Secure$/);
  });
});

describe('a login at a provider', () => {
  it('goes there with PKCE, state and nonce, and comes back with roles', async () => {
    const claims = { sub: '1', email: 'grace@corp.test', realm: { groups: ['platform', 'shop-team'] } };
    const { sessions: site, url, back, redeemed, signIns } = await loggedIn(claims);
    assert.deepEqual(
      signIns.map(({ action, caller, target, address }) => [action, caller?.name, target, address]),
      [['login.done', 'grace@corp.test', 'corporate', '192.0.2.1']],
    );
    assert.equal(url.origin + url.pathname, 'https://login.test/authorize');
    const asked = Object.fromEntries(url.searchParams);
    assert.equal(asked['tenant'], '1');
    assert.equal(asked['code_challenge_method'], 'S256');
    assert.equal(asked['redirect_uri'], 'http://localhost:9901/v1/login/callback');
    assert.ok(back.kind === 'redirect' && back.location === '/');
    assert.equal(redeemed[0]?.nonce, asked['nonce']);
    const caller = site.identify(from(back.cookies));
    assert.deepEqual([caller?.name, caller?.role], ['grace@corp.test', 'admin']);
    assert.deepEqual([...(caller?.workspaces ?? [])], [['shop', 'editor']]);
  });

  it('is refused when the provider does not confirm it, and when it was not begun in this browser', async () => {
    assert.equal((await loggedIn(null)).back.kind, 'refused');
    const { sessions: site, signIns } = sessions({ claims: { sub: '1' } });
    const stray = await site.callback(from([], { url: '/v1/login/callback?code=c&state=s' }));
    assert.equal(stray.kind, 'refused');
    const told = signIns.map(({ action, caller }) => [action, caller]);
    assert.deepEqual(told, [['login.failed', null]]);
  });

  it('is refused to who has no role', async () => {
    const login = { ...LOGIN, roles: { viewer: [], editor: [], admin: ['platform'] } };
    const config = { ...CONFIG, admin: { login } } as unknown as GatewayConfig;
    const { sessions: site } = sessions({ claims: { sub: '1', realm: { groups: 'other' } }, config });
    const sent = await site.login(from());
    assert.ok(sent.kind === 'redirect');
    const state = new URL(sent.location).searchParams.get('state');
    const back = await site.callback(from(sent.cookies, { url: `/v1/login/callback?code=c&state=${state}` }));
    assert.ok(back.kind === 'refused' && back.detail.includes('no role'));
  });

  it('is over when others may log in, or nobody may any more', async () => {
    const { sessions: site, back, reconfigure } = await loggedIn({ sub: '1' });
    assert.ok(back.kind === 'redirect');
    reconfigure({ login: structuredClone(LOGIN) });
    assert.equal(site.identify(from(back.cookies))?.role, 'viewer');
    for (const login of [{ ...LOGIN, roles: { viewer: [], editor: [], admin: ['platform'] } }, null]) {
      reconfigure({ login });
      assert.equal(site.identify(from(back.cookies)), null);
    }
  });

  it('is over when its lifetime is', async () => {
    const { sessions: site, back, pass } = await loggedIn({ sub: '1' });
    assert.ok(back.kind === 'redirect');
    assert.equal(site.identify(from(back.cookies))?.role, 'viewer');
    pass(1000);
    assert.equal(site.identify(from(back.cookies)), null);
  });
});
