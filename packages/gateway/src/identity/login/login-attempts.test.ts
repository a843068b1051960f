import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginAttempt, challengeOf, LoginAttempts, type LoginAttempt } from './login-attempts.ts';
import { Browser } from './login-testing.ts';

const SECRET = '0123456789abcdef0123456789abcdef';
const REDIRECT = 'https://app.example.com/_auth/callback';
const TEN_MINUTES = 600_000;
const attempts = new LoginAttempts('corporate', [SECRET]);

function begun(browser: Browser, nowMs = 0): LoginAttempt {
  const attempt = beginAttempt(REDIRECT, '/orders?id=1', nowMs);
  browser.take(attempts.keep(attempt, browser.headers()));
  return attempt;
}

describe('an attempt to log in', () => {
  it('is found by its state in the browser that began it, for ten minutes', () => {
    const browser = new Browser();
    const attempt = begun(browser);
    assert.deepEqual(attempts.find(attempt.state, browser.headers(), TEN_MINUTES - 1), attempt);
    assert.equal(attempts.find(attempt.state, browser.headers(), TEN_MINUTES), null);
    assert.equal(attempts.find(attempt.state, new Browser().headers(), 0), null);
  });

  it('is kept in a cookie of its own, for our pages only', () => {
    const [cookie = ''] = attempts.keep(beginAttempt(REDIRECT, '/', 0), new Browser().headers());
    assert.match(
      cookie,
      /^__Host-login-[\w-]{8}=[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/,
    );
  });

  it('has secrets of 128 bits and more, which are new every time', () => {
    const all = Array.from({ length: 100 }, () => beginAttempt(REDIRECT, '/', 0));
    for (const part of ['state', 'nonce', 'verifier'] as const) {
      assert.equal(new Set(all.map((attempt) => attempt[part])).size, all.length);
      for (const attempt of all) assert.ok(Buffer.from(attempt[part], 'base64url').length >= 16);
    }
  });

  it('shows the provider a challenge (RFC 7636, appendix B)', () => {
    const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    const attempt = { ...beginAttempt(REDIRECT, '/', 0), verifier };
    assert.equal(challengeOf(attempt), 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  });

  it('is not found by a state that only begins like its own', () => {
    const browser = new Browser();
    const { state } = begun(browser);
    const other = state.slice(0, 8) + 'x'.repeat(state.length - 8);
    assert.equal(attempts.find(other, browser.headers(), 0), null);
    assert.equal(attempts.find('', browser.headers(), 0), null);
  });

  it('is not found under another name, at another provider, or with another secret', () => {
    const browser = new Browser();
    const { state } = begun(browser);
    const [[name, value] = assert.fail()] = [...browser.cookies];
    assert.equal(new LoginAttempts('partner', [SECRET]).find(state, browser.headers(), 0), null);
    assert.equal(new LoginAttempts('corporate', ['x'.repeat(32)]).find(state, browser.headers(), 0), null);
    browser.cookies.delete(name);
    const other = beginAttempt(REDIRECT, '/', 0);
    browser.cookies.set(`__Host-login-${other.state.slice(0, 8)}`, value);
    assert.equal(attempts.find(other.state, browser.headers(), 0), null);
  });

  it('does not disturb others, of which there are five at most: the oldest goes', () => {
    const browser = new Browser();
    browser.cookies.set('__Host-login-of-another-program', 'x');
    const begunInTurn = Array.from({ length: 7 }, () => begun(browser));
    const found = begunInTurn.map(({ state }) => attempts.find(state, browser.headers(), 0) !== null);
    assert.deepEqual(found, [false, false, true, true, true, true, true]);
    assert.equal(browser.cookies.size, 6);
  });

  it('is forgotten alone', () => {
    const browser = new Browser();
    const [first, second] = [begun(browser), begun(browser)];
    browser.take([attempts.forget(first)]);
    assert.equal(attempts.find(first.state, browser.headers(), 0), null);
    assert.deepEqual(attempts.find(second.state, browser.headers(), 0), second);
  });
});
