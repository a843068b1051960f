import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import type { EndedSessions } from '../../core/desk.ts';
import { Browser, loginWorld, PROVIDER, providerNews, tokensFor } from './login-testing.ts';
import { providerLogin } from './provider-login.ts';
import { SessionCookies } from './session-cookies.ts';
import { beginSession } from './session.ts';

function loggedIn() {
  const world = loginWorld();
  const browser = new Browser();
  const session = beginSession(tokensFor({ sub: 'alice' }), world.clock.epoch()) ?? assert.fail();
  const cookies = new SessionCookies(PROVIDER);
  browser.take(cookies.keep(session, browser.headers()) ?? []);
  world.answers['end-sessions'] = () => null;
  return { ...world, browser, session, login: providerLogin(PROVIDER, world.ports) };
}

const asked = (browser: Browser, ...fields: readonly (readonly [string, string])[]) =>
  browser.page('/_auth/logout', { headers: browser.headers(...fields) });

describe('a browser that logs out', () => {
  it('forgets its cookies and goes to the provider', async () => {
    const { login, browser, session } = loggedIn();
    const departure = await login.leave(asked(browser, ['Sec-Fetch-Site', 'same-origin']));
    const { location, cookies } = departure.kind === 'left' ? departure : assert.fail();
    const url = new URL(location);
    assert.equal(url.origin + url.pathname, 'https://login.example.com/logout');
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      client_id: 'web',
      id_token_hint: session.idToken,
      post_logout_redirect_uri: 'https://api.example.com/bye',
    });
    browser.take(cookies);
    assert.equal(browser.cookies.size, 0);
  });

  it('leaves nothing that a copy of its cookies could be used for', async () => {
    const { login, browser, errands, publish } = loggedIn();
    const copy = browser.call();
    assert.equal((await login.sessions.authenticate(copy)).kind, 'identified');
    await login.leave(asked(browser));
    const ended = errands.map(({ asks }) => asks as EndedSessions);
    publish({ topic: 'ended-sessions', id: 'corporate', ended });
    assert.equal(login.sessions.recall(copy), null);
    assert.equal((await login.sessions.authenticate(copy)).kind, 'anonymous');
  });

  it('is told to the other threads once, however often its cookies come', async () => {
    const { login, browser, errands, publish } = loggedIn();
    await login.leave(asked(browser));
    publish({
      topic: 'ended-sessions',
      id: 'corporate',
      ended: errands.map(({ asks }) => asks as EndedSessions),
    });
    const departure = await login.leave(asked(browser));
    assert.equal(departure.kind === 'left' && departure.cookies.length, 1);
    assert.equal(errands.length, 1);
  });

  it('goes to our own page where the provider knows no logout', async () => {
    const { login, browser, publish } = loggedIn();
    publish(providerNews('https://login.example.com/authorize', null));
    const departure = await login.leave(asked(browser));
    assert.equal(departure.kind === 'left' && departure.location, '/bye');
  });

  it('goes to the provider even without a session', async () => {
    const { login, errands } = loggedIn();
    const departure = await login.leave(asked(new Browser()));
    const { location, cookies } = departure.kind === 'left' ? departure : assert.fail();
    assert.equal(new URL(location).searchParams.get('id_token_hint'), null);
    assert.deepEqual([cookies, errands], [[], []]);
  });

  it('forgets its cookies even when nobody else hears of it', async () => {
    const { login, browser, answers, logged } = loggedIn();
    answers['end-sessions'] = () => {
      throw new GatewayError('INTERNAL', 'as the test wants');
    };
    const departure = await login.leave(asked(browser));
    assert.equal(departure.kind === 'left' && departure.cookies.length, 1);
    assert.equal(logged.length, 1);
  });

  const rows: readonly (readonly [string, 'left' | 'foreign', ...(readonly [string, string])[]])[] = [
    ['a link of ours', 'left', ['Sec-Fetch-Site', 'same-origin']],
    ['a page of a sibling', 'left', ['Sec-Fetch-Site', 'same-site']],
    ['somebody who types it', 'left', ['Sec-Fetch-Site', 'none']],
    ['a link elsewhere', 'foreign', ['Sec-Fetch-Site', 'cross-site'], ['Sec-Fetch-Mode', 'navigate']],
    ['a form elsewhere', 'foreign', ['Sec-Fetch-Site', 'cross-site'], ['Origin', 'https://evil.example']],
    ['an image elsewhere', 'foreign', ['Sec-Fetch-Site', 'cross-site'], ['Sec-Fetch-Mode', 'no-cors']],
    ['a form elsewhere, in an old browser', 'foreign', ['Origin', 'https://evil.example']],
    ['a form of nobody, in an old browser', 'foreign', ['Origin', 'null']],
    ['a form of ours, in an old browser', 'left', ['Origin', 'https://api.example.com']],
  ];
  for (const [what, kind, ...fields] of rows) {
    it(`${kind === 'left' ? 'does so' : 'does not do so'} for ${what}`, async () => {
      const { login, browser, errands } = loggedIn();
      assert.equal((await login.leave(asked(browser, ...fields))).kind, kind);
      assert.equal(errands.length, kind === 'left' ? 1 : 0);
    });
  }
});
