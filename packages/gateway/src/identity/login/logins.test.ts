import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Browser, loginWorld, PROVIDER, providerNews, setCookiesOf, tokensFor } from './login-testing.ts';
import { Logins } from './logins.ts';

const REQUIRED = { optional: false, mode: 'on' } as const;
const PARTNER = {
  ...PROVIDER,
  id: 'partner',
  login: { ...PROVIDER.login, session: { ...PROVIDER.login.session, cookie: '__Host-partner' } },
};
const BOTH = [PROVIDER, PARTNER];

function world() {
  const parts = loginWorld();
  return {
    ...parts,
    browser: new Browser(),
    logins: new Logins([...BOTH, { ...PROVIDER, id: 'keys', login: null }], parts.ports),
  };
}

describe('the logins of a route', () => {
  it('send browsers to the first provider', async () => {
    const { logins, browser, publish } = world();
    publish({ ...providerNews('https://partner.example.com/authorize', null), id: 'partner' } as never);
    for (const [providers, origin] of [
      [BOTH, 'https://login.example.com'],
      [BOTH.toReversed(), 'https://partner.example.com'],
    ] as const) {
      const answer = await logins.scheme(providers, REQUIRED).authenticate(browser.page());
      const location = answer.kind === 'login' ? answer.reply.headers.get('location') : null;
      assert.equal(new URL(location ?? '').origin, origin);
    }
  });

  it('send nobody away where callers may be unknown, or are only looked at', async () => {
    const { logins, browser } = world();
    for (const config of [
      { optional: true, mode: 'on' },
      { optional: false, mode: 'report' },
    ] as const) {
      const answer = await logins.scheme(BOTH, config).authenticate(browser.page());
      assert.equal(answer.kind, 'anonymous');
    }
  });

  it('know a session at any of them', async () => {
    const { logins, browser, answers, publish } = world();
    publish({ ...providerNews('https://partner.example.com/authorize', null), id: 'partner' } as never);
    answers['redeem-code'] = () => tokensFor({ sub: 'alice' });
    const begun = await logins.scheme([PARTNER], REQUIRED).authenticate(browser.page());
    const { headers } = begun.kind === 'login' ? begun.reply : assert.fail();
    browser.take(setCookiesOf(headers));
    const state = new URL(headers.get('location') ?? '').searchParams.get('state') ?? '';
    const outcome = await logins
      .of('partner')
      .complete(browser.page(`/_auth/callback?code=c&state=${state}`));
    browser.take(outcome.kind === 'in' ? outcome.cookies : assert.fail());
    const scheme = logins.scheme(BOTH, REQUIRED);
    const answer = await scheme.authenticate(browser.call());
    assert.equal(answer.kind === 'identified' && answer.identity.provider, 'partner');
    assert.equal(scheme.recall(browser.call())?.provider, 'partner');
    assert.equal((await logins.scheme([PROVIDER], REQUIRED).authenticate(browser.call())).kind, 'anonymous');
  });

  it('are not to be had from a provider without one', () => {
    assert.throws(() => world().logins.of('keys'), /keys/);
    assert.throws(() => world().logins.of('unknown'), /unknown/);
  });
});
