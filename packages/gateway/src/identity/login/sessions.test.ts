import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SessionTokens } from '../../core/desk.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Authentication, Identity } from '../../core/identity.ts';
import { Browser, loginWorld, PROVIDER, tokensFor } from './login-testing.ts';
import { SessionCookies } from './session-cookies.ts';
import { beginSession } from './session.ts';
import { Sessions } from './sessions.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CLAIMS = { sub: 'alice', sid: 's-1', roles: ['staff'] };

/** A browser that has just logged in, and the thread that it talks to. */
function loggedIn(tokens: Partial<SessionTokens> = {}, login: Partial<typeof PROVIDER.login> = {}) {
  const world = loginWorld();
  const provider = { ...PROVIDER, login: { ...PROVIDER.login, ...login } };
  const cookies = new SessionCookies(provider);
  const browser = new Browser();
  const nowMs = world.clock.epoch();
  const fields = { expiresAtMs: nowMs + HOUR, refreshToken: 'refresh-1', ...tokens };
  const session = beginSession(tokensFor(CLAIMS, fields), nowMs);
  assert.ok(session !== null);
  browser.take(cookies.keep(session, browser.headers()) ?? []);
  const sessions = new Sessions(provider, cookies, world.ports);
  return {
    ...world,
    browser,
    sessions,
    cookies,
    /** As the stage does: it remembers or looks, and the browser gets what is new. */
    async ask(): Promise<Authentication> {
      const known = sessions.recall(browser.call());
      if (known !== null) return { kind: 'identified', identity: known, cookies: [] };
      const answer = await sessions.authenticate(browser.call());
      if (answer.kind === 'identified') browser.take(answer.cookies);
      return answer;
    },
    another: () => new Sessions(provider, cookies, world.ports),
  };
}

function identityIn(answer: Authentication): Identity {
  assert.equal(answer.kind, 'identified');
  return answer.kind === 'identified' ? answer.identity : assert.fail();
}

function refusing(code: 'UNAUTHENTICATED' | 'IDENTITY_UNAVAILABLE' | 'INTERNAL') {
  return () => {
    throw new GatewayError(code, 'as the test wants');
  };
}

describe('a caller with a session', () => {
  it('is who the ID token says', async () => {
    const { ask, clock } = loggedIn();
    const { claims, ...identity } = identityIn(await ask());
    assert.deepEqual({ ...claims }, CLAIMS);
    assert.deepEqual(identity, {
      method: 'session',
      provider: 'corporate',
      subject: 'alice',
      consumer: '',
      clientId: 'web',
      scopes: ['openid', 'profile'],
      metadata: {},
      plan: '',
      key: 'corporate:alice',
      token: 'access-1',
      expiresAtMs: clock.epoch() + HOUR,
    });
  });

  it('is known at once the second time, and looked at the first', async () => {
    const { browser, sessions } = loggedIn();
    assert.equal(sessions.recall(browser.call()), null);
    const identity = identityIn(await sessions.authenticate(browser.call()));
    assert.equal(sessions.recall(browser.call()), identity);
  });

  it('is nobody without its cookies, or with broken ones', async () => {
    const { browser, sessions } = loggedIn();
    assert.equal((await sessions.authenticate(new Browser().call())).kind, 'anonymous');
    browser.cookies.set('__Host-session', '1broken');
    assert.equal((await sessions.authenticate(browser.call())).kind, 'anonymous');
    assert.equal(sessions.recall(browser.call()), null);
  });

  it('is nobody after the lifetime of the session, however much it was used', async () => {
    const { ask, clock } = loggedIn({ expiresAtMs: Infinity });
    for (let hour = 0; hour < 16; hour++) {
      assert.equal((await ask()).kind, 'identified', `half hour ${hour}`);
      clock.advance(HOUR / 2);
    }
    assert.equal((await ask()).kind, 'anonymous');
  });

  it('is nobody when the session was not used for its idle time', async () => {
    const { ask, clock } = loggedIn({ expiresAtMs: Infinity });
    await ask();
    clock.advance(HOUR - 1);
    assert.equal((await ask()).kind, 'identified');
    clock.advance(HOUR);
    assert.equal((await ask()).kind, 'anonymous');
  });

  it('gets new cookies when a quarter of the idle time is over, not before', async () => {
    const { ask, clock } = loggedIn({ expiresAtMs: Infinity });
    clock.advance(15 * MINUTE - 1);
    const before = await ask();
    clock.advance(1);
    const after = await ask();
    assert.equal(before.kind === 'identified' && before.cookies.length, 0);
    assert.equal(after.kind === 'identified' && after.cookies.length, 1);
  });

  it('is nobody as soon as the provider has ended the session', async () => {
    const { ask, sessions, browser, clock, publish } = loggedIn();
    await ask();
    const ended = { provider: 'corporate', session: 's-1', subject: null, endedAtMs: clock.epoch() };
    publish({ topic: 'ended-sessions', id: 'corporate', ended: [ended] });
    assert.equal(sessions.recall(browser.call()), null);
    assert.equal((await ask()).kind, 'anonymous');
  });

  it('is nobody when the token has run out and there is none to renew it with', async () => {
    const { ask, clock, errands } = loggedIn({ refreshToken: null });
    clock.advance(HOUR / 2);
    assert.equal((await ask()).kind, 'identified');
    clock.advance(HOUR / 2 - 1);
    assert.equal((await ask()).kind, 'identified');
    clock.advance(1);
    assert.equal((await ask()).kind, 'anonymous');
    assert.deepEqual(errands, []);
  });
});

describe('the tokens of a session', () => {
  it('are renewed a minute before their end, and the browser gets them', async () => {
    const { ask, clock, answers, errands } = loggedIn();
    answers['refresh-tokens'] = () =>
      tokensFor(CLAIMS, { token: 'access-2', refreshToken: 'refresh-2', expiresAtMs: clock.epoch() + HOUR });
    clock.advance(HOUR - MINUTE - 1);
    assert.equal(identityIn(await ask()).token, 'access-1');
    clock.advance(1);
    assert.equal(identityIn(await ask()).token, 'access-2');
    assert.deepEqual(errands, [
      { kind: 'refresh-tokens', asks: { provider: 'corporate', refreshToken: 'refresh-1' } },
    ]);
    assert.equal(identityIn(await ask()).token, 'access-2');
    assert.equal(errands.length, 1);
  });

  it('are renewed in the last tenth of a short life, not all the time', async () => {
    const { ask, clock, answers, errands } = loggedIn({ expiresAtMs: 1_700_000_000_000 + MINUTE });
    answers['refresh-tokens'] = () => tokensFor(CLAIMS, { expiresAtMs: clock.epoch() + MINUTE });
    clock.advance(54_000 - 1);
    await ask();
    assert.equal(errands.length, 0);
    clock.advance(1);
    await ask();
    assert.equal(errands.length, 1);
  });

  it('keep what a refresh does not bring anew', async () => {
    const { ask, clock, answers, browser, cookies } = loggedIn();
    answers['refresh-tokens'] = () => ({
      token: 'access-2',
      expiresAtMs: clock.epoch() + HOUR,
      refreshToken: null,
      idToken: null,
      claims: null,
      scopes: [],
    });
    const before = cookies.find(browser.headers());
    clock.advance(HOUR - 1);
    const identity = identityIn(await ask());
    assert.equal(identity.subject, 'alice');
    assert.deepEqual(identity.scopes, ['openid', 'profile']);
    const after = cookies.find(browser.headers());
    assert.equal(after?.refreshToken, 'refresh-1');
    assert.equal(after?.idToken, before?.idToken);
    assert.equal(after?.beganAtMs, before?.beganAtMs);
  });

  it('keep the ID token that names the session, if the new one does not', async () => {
    const { ask, clock, answers, browser, cookies } = loggedIn();
    const { sid: _, ...unnamed } = CLAIMS;
    for (const [claims, sid] of [
      [{ ...CLAIMS, roles: ['admin'] }, 's-1'],
      [unnamed, 's-1'],
    ] as const) {
      answers['refresh-tokens'] = () => tokensFor(claims, { expiresAtMs: clock.epoch() + HOUR });
      clock.advance(HOUR - 1);
      assert.deepEqual(identityIn(await ask()).claims['roles'], ['admin']);
      assert.equal(cookies.find(browser.headers())?.claims['sid'], sid);
    }
  });

  it('are good until their end while the provider does not answer, which is asked now and then only', async () => {
    const { ask, clock, answers, errands } = loggedIn();
    answers['refresh-tokens'] = refusing('IDENTITY_UNAVAILABLE');
    clock.advance(HOUR - MINUTE);
    assert.equal(identityIn(await ask()).token, 'access-1');
    assert.equal(identityIn(await ask()).token, 'access-1');
    assert.equal(errands.length, 1);
    clock.advance(5000);
    assert.equal(identityIn(await ask()).token, 'access-1');
    assert.equal(errands.length, 2);
  });

  it('are missed when they have run out and the provider does not answer; the session waits for it', async () => {
    const { ask, clock, answers } = loggedIn({ expiresAtMs: 1_700_000_000_000 + 30 * MINUTE });
    answers['refresh-tokens'] = refusing('IDENTITY_UNAVAILABLE');
    clock.advance(30 * MINUTE);
    const answer = await ask();
    assert.equal(answer.kind === 'refused' && answer.code, 'IDENTITY_UNAVAILABLE');
    answers['refresh-tokens'] = () =>
      tokensFor(CLAIMS, { token: 'access-2', expiresAtMs: clock.epoch() + HOUR });
    assert.equal(identityIn(await ask()).token, 'access-2');
  });

  it('end the session when the provider refuses to renew them, which it is asked once', async () => {
    const { ask, clock, answers, errands, another, browser } = loggedIn();
    answers['refresh-tokens'] = refusing('UNAUTHENTICATED');
    clock.advance(HOUR - MINUTE);
    assert.equal((await ask()).kind, 'anonymous');
    assert.equal((await ask()).kind, 'anonymous');
    assert.equal(errands.length, 1);
    assert.equal((await another().authenticate(browser.call())).kind, 'anonymous');
    assert.equal(errands.length, 2);
  });

  it('end the session when they are those of somebody else', async () => {
    const { ask, clock, answers, logged } = loggedIn();
    answers['refresh-tokens'] = () => tokensFor({ sub: 'mallory' }, { expiresAtMs: clock.epoch() + HOUR });
    clock.advance(HOUR - MINUTE);
    assert.equal((await ask()).kind, 'anonymous');
    assert.equal(logged.length, 1);
  });

  it('let the caller in even when they have grown too large for cookies', async () => {
    const { ask, clock, answers, logged } = loggedIn();
    const token = Array.from({ length: 3000 }, (_, i) => (i * 7919).toString(36))
      .join('~')
      .repeat(3);
    answers['refresh-tokens'] = () => tokensFor(CLAIMS, { token, expiresAtMs: clock.epoch() + HOUR });
    clock.advance(HOUR - MINUTE);
    const answer = await ask();
    assert.equal(identityIn(answer).token, token);
    assert.equal(answer.kind === 'identified' && answer.cookies.length, 0);
    assert.equal(logged.length, 1);
  });
});
