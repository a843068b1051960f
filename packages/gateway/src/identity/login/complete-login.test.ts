import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import { Browser, loginWorld, PROVIDER, setCookiesOf, tokensFor } from './login-testing.ts';
import { providerLogin } from './provider-login.ts';

const CLAIMS = { sub: 'alice', sid: 's-1' };

/** A browser that was sent away from `path`, and comes back with a query. */
async function away(path = '/orders?id=1', id = 'corporate') {
  const world = loginWorld();
  const login = providerLogin({ ...PROVIDER, id: 'corporate' }, world.ports);
  const browser = new Browser();
  const answer = await login.begin(browser.page(path));
  const { headers } = answer.kind === 'login' ? answer.reply : assert.fail();
  browser.take(setCookiesOf(headers));
  const state = new URL(headers.get('location') ?? '').searchParams.get('state') ?? '';
  const other = providerLogin({ ...PROVIDER, id }, world.ports);
  return {
    ...world,
    browser,
    login: other,
    state,
    async back(query: string) {
      const outcome = await other.complete(browser.page(`/_auth/callback${query}`));
      if ('cookies' in outcome) browser.take(outcome.cookies);
      return outcome;
    },
  };
}

function failing(code: 'UNAUTHENTICATED' | 'IDENTITY_UNAVAILABLE'): () => never {
  return () => {
    throw new GatewayError(code, 'as the test wants');
  };
}

describe('a browser that comes back from its provider', () => {
  it('has a session, and goes where it wanted', async () => {
    const { back, state, answers, browser, login, errands } = await away();
    answers['redeem-code'] = () => tokensFor(CLAIMS);
    const outcome = await back(`?code=c-1&state=${state}&iss=x`);
    assert.equal(outcome.kind === 'in' && outcome.returnTo, '/orders?id=1');
    assert.deepEqual([...browser.cookies.keys()], ['__Host-session']);
    const answer = await login.sessions.authenticate(browser.call());
    assert.equal(answer.kind === 'identified' && answer.identity.subject, 'alice');
    const { kind, asks } = errands[0] ?? assert.fail();
    const { nonce, verifier, ...rest } = asks as Record<string, string>;
    assert.equal(kind, 'redeem-code');
    assert.deepEqual(rest, {
      provider: 'corporate',
      callback: `https://api.example.com/_auth/callback?code=c-1&state=${state}&iss=x`,
      redirectUri: 'https://api.example.com/_auth/callback',
      state,
    });
    assert.ok((nonce ?? '').length >= 22 && (verifier ?? '').length >= 43);
  });

  it('gets a new session in place of any that it had', async () => {
    const { back, state, answers, browser } = await away();
    browser.cookies.set('__Host-session', '2planted').set('__Host-session.1', 'as well');
    answers['redeem-code'] = () => tokensFor(CLAIMS);
    await back(`?code=c-1&state=${state}`);
    assert.deepEqual([...browser.cookies.keys()], ['__Host-session']);
    assert.notEqual(browser.cookies.get('__Host-session'), '2planted');
  });

  it('cannot come back twice', async () => {
    const { back, state, answers, errands } = await away();
    answers['redeem-code'] = () => tokensFor(CLAIMS);
    assert.equal((await back(`?code=c-1&state=${state}`)).kind, 'in');
    assert.equal((await back(`?code=c-1&state=${state}`)).kind, 'stray');
    assert.equal(errands.length, 1);
  });

  it('cannot come back with what another browser has begun', async () => {
    const victim = await away();
    const attacker = await away();
    assert.equal((await victim.back(`?code=c-1&state=${attacker.state}`)).kind, 'stray');
  });

  it('cannot come back to another provider', async () => {
    const { back, state } = await away('/', 'partner');
    assert.equal((await back(`?code=c-1&state=${state}`)).kind, 'stray');
  });

  it('cannot come back after ten minutes', async () => {
    const { back, state, clock } = await away();
    clock.advance(600_000);
    assert.equal((await back(`?code=c-1&state=${state}`)).kind, 'stray');
  });

  const STRAYS = ['', '?', '?code=c-1', '?state=', '?state=%', '?code=c-1&state=unknown', '?state[]=a'];
  for (const query of STRAYS) {
    it(`is not known by ${JSON.stringify(query)}`, async () => {
      const { back, errands } = await away();
      assert.equal((await back(query)).kind, 'stray');
      assert.deepEqual(errands, []);
    });
  }

  it('is not known by two states', async () => {
    const { back, state } = await away();
    assert.equal((await back(`?code=c-1&state=${state}&state=${state}`)).kind, 'stray');
  });

  it('is turned away when the provider says so, and has to begin again', async () => {
    const { back, state, errands, browser } = await away();
    assert.equal((await back(`?error=access_denied&state=${state}`)).kind, 'denied');
    assert.deepEqual(errands, []);
    assert.equal(browser.cookies.size, 0);
  });

  it('is told to come later when the provider says so', async () => {
    const { back, state, browser } = await away();
    assert.equal((await back(`?error=temporarily_unavailable&state=${state}`)).kind, 'unavailable');
    assert.equal(browser.cookies.size, 0);
  });

  it('is turned away when its code is refused', async () => {
    const { back, state, answers, browser } = await away();
    answers['redeem-code'] = failing('UNAUTHENTICATED');
    assert.equal((await back(`?code=c-1&state=${state}`)).kind, 'denied');
    assert.equal(browser.cookies.size, 0);
  });

  it('may come again with its code when the provider did not answer', async () => {
    const { back, state, answers } = await away();
    answers['redeem-code'] = failing('IDENTITY_UNAVAILABLE');
    assert.equal((await back(`?code=c-1&state=${state}`)).kind, 'unavailable');
    answers['redeem-code'] = () => tokensFor(CLAIMS);
    assert.equal((await back(`?code=c-1&state=${state}`)).kind, 'in');
  });

  it('gets an error when the provider gives no ID token, or more than cookies hold', async () => {
    const bad = [
      tokensFor(CLAIMS, { idToken: null, claims: null }),
      tokensFor({}),
      tokensFor({ sub: 7 }),
      tokensFor(CLAIMS, { token: 'x'.repeat(40_000) }),
    ];
    for (const tokens of bad) {
      const { back, state, answers } = await away();
      answers['redeem-code'] = () => tokens;
      await assert.rejects(back(`?code=c-1&state=${state}`), { code: 'INTERNAL' });
    }
  });
});
