import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Authentication } from '../../core/identity.ts';
import { Browser, loginWorld, PROVIDER, providerNews, setCookiesOf } from './login-testing.ts';
import { challengeOf, LoginAttempts } from './login-attempts.ts';
import { providerLogin } from './provider-login.ts';

function world(login: Partial<typeof PROVIDER.login> = {}) {
  const parts = loginWorld();
  const provider = { ...PROVIDER, login: { ...PROVIDER.login, ...login } };
  return { ...parts, browser: new Browser(), begin: providerLogin(provider, parts.ports).begin };
}

function locationIn(answer: Authentication): URL {
  assert.equal(answer.kind, 'login');
  return new URL((answer.kind === 'login' && answer.reply.headers.get('location')) || '');
}

const http = {
  listener: 'web',
  scheme: 'http',
  port: 80,
  bodyBytes: 0,
  forwardedClientCert: false,
  forwardsClientCert: false,
} as const;

describe('a browser without a session', () => {
  it('is sent to its provider, with what belongs to the request', async () => {
    const { begin, browser, clock } = world();
    const answer = await begin(browser.page('/orders?id=1'));
    const location = locationIn(answer);
    const { state, nonce, code_challenge: challenge, ...rest } = Object.fromEntries(location.searchParams);
    assert.equal(location.origin + location.pathname, 'https://login.example.com/authorize');
    assert.deepEqual(rest, {
      response_type: 'code',
      client_id: 'web',
      redirect_uri: 'https://api.example.com/_auth/callback',
      scope: 'openid profile',
      code_challenge_method: 'S256',
    });
    const { headers, status } = answer.kind === 'login' ? answer.reply : assert.fail();
    assert.equal(status, 302);
    assert.equal(headers.get('cache-control'), 'no-store');
    browser.take(setCookiesOf(headers));
    const attempts = new LoginAttempts('corporate', PROVIDER.login.session.secrets);
    const attempt = attempts.find(state ?? '', browser.headers(), clock.epoch());
    assert.ok(attempt !== null);
    assert.equal(attempt.nonce, nonce);
    assert.equal(challengeOf(attempt), challenge);
    assert.equal(attempt.returnTo, '/orders?id=1');
  });

  it('keeps the query that the endpoint has', async () => {
    const { begin, browser, publish } = world();
    publish(providerNews('https://login.example.com/authorize?tenant=a%20b', null));
    assert.equal(locationIn(await begin(browser.page())).searchParams.get('tenant'), 'a b');
  });

  it('is sent under the origin of the configuration, whatever it asked for', async () => {
    const { begin, browser } = world({ publicOrigin: 'https://app.example.com' });
    const location = locationIn(await begin(browser.page('/', { authority: 'evil.example', arrival: http })));
    assert.equal(location.searchParams.get('redirect_uri'), 'https://app.example.com/_auth/callback');
  });

  it('forgets what is left of a session that is over', async () => {
    const { begin, browser } = world();
    browser.cookies.set('__Host-session', '1over').set('__Host-session.1', 'and more').set('theme', 'dark');
    const answer = await begin(browser.page());
    browser.take(answer.kind === 'login' ? setCookiesOf(answer.reply.headers) : []);
    assert.deepEqual([...browser.cookies.keys()].toSorted().slice(1), ['theme']);
  });

  it('is told that logins need https, where they do', async () => {
    const { begin, browser, logged } = world();
    const answer = await begin(browser.page('/', { authority: 'app.example.com', arrival: http }));
    assert.equal(answer.kind === 'refused' && answer.reason, 'insecure');
    assert.equal(logged.length, 1);
    const local = await begin(browser.page('/', { authority: 'localhost:8080', arrival: http }));
    assert.equal(local.kind, 'login');
  });

  it('is nobody when it asks for anything but a page', async () => {
    const { begin, browser } = world();
    const others: Exchange[] = [browser.call(), browser.page('/', { method: 'POST' })];
    for (const exchange of others) assert.deepEqual(await begin(exchange), { kind: 'anonymous' });
  });
});

describe('a provider that is not known yet', () => {
  it('is asked once, and its login follows', async () => {
    const { begin, browser, publish, answers, errands } = world();
    publish(providerNews(null, null));
    answers['refresh-keys'] = () => {
      publish(providerNews('https://late.example.com/authorize', null));
      return null;
    };
    assert.equal(locationIn(await begin(browser.page())).origin, 'https://late.example.com');
    assert.deepEqual(errands, [{ kind: 'refresh-keys', asks: { provider: 'corporate' } }]);
  });

  const failures: readonly (readonly [string, () => null])[] = [
    ['that does not answer', () => assert.fail(new GatewayError('IDENTITY_UNAVAILABLE', 'down'))],
    ['that has no login', () => null],
  ];
  for (const [which, answer] of failures) {
    it(`${which} is named in the refusal`, async () => {
      const { begin, browser, publish, answers } = world();
      publish(providerNews(null, null));
      answers['refresh-keys'] = answer;
      const refusal = await begin(browser.page());
      assert.equal(refusal.kind === 'refused' && refusal.code, 'IDENTITY_UNAVAILABLE');
      assert.match((refusal.kind === 'refused' && refusal.detail) || '', /corporate/);
    });
  }
});
