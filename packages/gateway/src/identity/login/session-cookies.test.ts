import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import * as fc from '@turnpike/testkit/fast-check';
import { Browser, PROVIDER, tokensFor } from './login-testing.ts';
import { sealer } from './sealer.ts';
import { SessionCookies } from './session-cookies.ts';
import { beginSession, type Session } from './session.ts';

const { clientId, session: config } = PROVIDER.login;
const cookies = new SessionCookies(PROVIDER);

/** Those of a provider that differs in these. */
function otherCookies({ login = {}, session = {}, ...provider }: Differences): SessionCookies {
  const changed = { ...PROVIDER.login, ...login, session: { ...config, ...session } };
  return new SessionCookies({ ...PROVIDER, ...provider, login: changed });
}

interface Differences {
  readonly id?: string;
  readonly issuer?: string;
  readonly login?: Partial<typeof PROVIDER.login>;
  readonly session?: Partial<typeof config>;
}

/** Of a size that cannot be compressed away. */
function sessionOf(characters: number): Session {
  const token = randomBytes(characters).toString('base64').slice(0, characters);
  const session = beginSession(tokensFor({ sub: 'alice', sid: 's-1' }, { token, refreshToken: 'r' }), 1000);
  assert.ok(session !== null);
  return session;
}

function browserWith(session: Session, browser = new Browser()): Browser {
  const kept = cookies.keep(session, browser.headers());
  assert.ok(kept !== null);
  browser.take(kept);
  return browser;
}

describe('the cookies of a session', () => {
  it('give it back, in as many parts as it needs', () => {
    for (const [characters, parts] of [
      [100, 1],
      [4000, 2],
      [8000, 3],
    ] as const) {
      const session = sessionOf(characters);
      const browser = browserWith(session);
      assert.equal(browser.cookies.size, parts);
      assert.deepEqual(cookies.find(browser.headers()), session);
      for (const [name, value] of browser.cookies) assert.ok(name.length + value.length < 3900, name);
    }
  });

  it('are for our pages only', () => {
    for (const cookie of cookies.keep(sessionOf(4000), new Browser().headers()) ?? [])
      assert.match(cookie, /^__Host-session(\.1)?=[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
  });

  it('do not hold a session that is too large', () => {
    assert.equal(cookies.keep(sessionOf(20_000), new Browser().headers()) === null, true);
    assert.equal(cookies.keep(sessionOf(100_000), new Browser().headers()) === null, true);
  });

  it('leave nothing of a longer session behind', () => {
    const browser = browserWith(sessionOf(11_000));
    browserWith(sessionOf(100), browser);
    assert.deepEqual([...browser.cookies.keys()], ['__Host-session']);
  });

  it('are forgotten as far as they are there', () => {
    const browser = browserWith(sessionOf(8000));
    browser.cookies.set('theme', 'dark');
    browser.take(cookies.forget(browser.headers()));
    assert.deepEqual([...browser.cookies.keys()], ['theme']);
    assert.deepEqual(cookies.forget(browser.headers()), []);
  });

  it('are nothing when a part is missing, exchanged, doubled or of another session', () => {
    const browser = browserWith(sessionOf(8000));
    const other = browserWith(sessionOf(8000));
    const names = [...browser.cookies.keys()];
    for (const name of names) {
      const without = new Map(browser.cookies);
      without.delete(name);
      const mixed = new Map(browser.cookies).set(name, other.cookies.get(name) ?? '');
      for (const held of [without, mixed]) assert.equal(cookies.find(headersOfCookies(held)), null, name);
    }
    const [first = '', second = '', third = ''] = names;
    const swapped = new Map(browser.cookies);
    swapped.set(second, browser.cookies.get(third) ?? '').set(third, browser.cookies.get(second) ?? '');
    assert.equal(cookies.find(headersOfCookies(swapped)), null);
    const fewer = new Map(browser.cookies).set(first, `2${browser.cookies.get(first)?.slice(1)}`);
    assert.equal(cookies.find(headersOfCookies(fewer)), null);
  });

  it('are nothing when a character is another', () => {
    const browser = browserWith(sessionOf(1000));
    const value = browser.cookies.get('__Host-session') ?? '';
    fc.assert(
      fc.property(fc.nat(value.length - 1), fc.constantFrom(...'AZaz09-_~!'.split('')), (at, other) => {
        fc.pre(value[at] !== other);
        const changed = value.slice(0, at) + other + value.slice(at + 1);
        assert.equal(cookies.find(headersOfCookies(new Map([['__Host-session', changed]]))), null);
      }),
      { numRuns: 500 },
    );
  });

  it('are nothing when they are anything', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (first, second) => {
        const held = new Map([
          ['__Host-session', first],
          ['__Host-session.1', second],
        ]);
        assert.equal(cookies.find(headersOfCookies(held)), null);
      }),
    );
  });

  it('are nothing at another provider, under another name and with another secret', () => {
    const { headers } = { headers: browserWith(sessionOf(100)).headers() };
    const renamed = headersOfCookies(
      new Map([['__Host-other', browserWith(sessionOf(100)).cookies.get('__Host-session') ?? '']]),
    );
    const others: readonly Differences[] = [
      { id: 'partner' },
      { issuer: 'https://login.example.org' },
      { login: { clientId: 'other' } },
      { session: { secrets: ['x'.repeat(32)] } },
    ];
    for (const other of others) assert.equal(otherCookies(other).find(headers), null, JSON.stringify(other));
    assert.equal(otherCookies({ session: { cookie: '__Host-other' } }).find(renamed), null);
  });

  it('stay good when a new secret is put in front of theirs', () => {
    const headers = browserWith(sessionOf(100)).headers();
    const rotated = otherCookies({ session: { secrets: ['x'.repeat(32), ...config.secrets] } });
    assert.ok(rotated.find(headers) !== null);
  });

  it('are not inflated without end', () => {
    const bomb = deflateRawSync(Buffer.alloc(10_000_000, 0x20));
    const context = JSON.stringify(['__Host-session', 'corporate', PROVIDER.issuer, clientId, 1]);
    const sealed = sealer(config.secrets, 'session').seal(bomb, context);
    const parts = sealed.match(/.{1,3800}/g) ?? [];
    const held = new Map(
      parts.map((part, i) =>
        i === 0 ? ['__Host-session', `${parts.length}${part}`] : [`__Host-session.${i}`, part],
      ),
    );
    assert.equal(cookies.find(headersOfCookies(held)), null);
  });
});

function headersOfCookies(held: ReadonlyMap<string, string>) {
  const browser = new Browser();
  for (const [name, value] of held) browser.cookies.set(name, value);
  return browser.headers();
}
