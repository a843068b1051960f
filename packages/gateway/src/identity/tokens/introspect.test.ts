import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { GatewayError } from '../../core/errors.ts';
import type { Claims } from '../../core/identity.ts';
import {
  claimsOf,
  INTROSPECTION,
  judged,
  NOW_S,
  outcomeOf,
  providerConfig,
  refusalIn,
  requestWith,
  stand,
} from './tokens-testing.ts';

const ASKABLE = providerConfig({ introspection: INTROSPECTION });
const OTHER = providerConfig({
  id: 'other',
  issuer: 'https://other.example.com',
  introspection: INTROSPECTION,
});
const SILENT = () => Promise.reject(new GatewayError('IDENTITY_UNAVAILABLE', 'silent'));

function active(claims: Claims = {}) {
  return () => Promise.resolve({ isActive: true, claims: { sub: 'alice', ...claims } });
}

describe('an opaque token', () => {
  it('is looked up once and then recalled, until the answer is too old', async () => {
    const { scheme, asked, answers, pass } = stand();
    answers.introspect = active();
    const route = scheme(ASKABLE);
    const request = requestWith('Bearer opaque');
    assert.equal(outcomeOf(await route.authenticate(request)), 'welcome alice');
    assert.equal(outcomeOf(await route.authenticate(request)), 'welcome alice');
    pass(59_999);
    assert.equal(route.recall(request)?.subject, 'alice');
    pass(1);
    assert.equal(route.recall(request), null);
    assert.equal(asked.length, 1);
    await route.authenticate(request);
    assert.equal(asked.length, 2);
  });

  it('is believed no longer when the wall clock is set back', async () => {
    const { scheme, answers, pass, setBack } = stand();
    answers.introspect = active();
    const route = scheme(ASKABLE);
    const request = requestWith('Bearer opaque');
    await route.authenticate(request);
    setBack(3_600_000);
    pass(59_999);
    assert.notEqual(route.recall(request), null);
    pass(1);
    assert.equal(route.recall(request), null);
  });

  it('is not recalled after it has expired, whatever the cache would allow', async () => {
    const { scheme, answers, pass } = stand();
    answers.introspect = active({ exp: NOW_S + 5 });
    const route = scheme({ ...ASKABLE, clockToleranceMs: 1000 });
    const request = requestWith('Bearer opaque');
    await route.authenticate(request);
    pass(5999);
    assert.notEqual(route.recall(request), null);
    pass(1);
    assert.equal(route.recall(request), null);
  });

  it('is asked about each time when nothing may be kept', async () => {
    const { scheme, asked, answers } = stand();
    answers.introspect = async () => ({ ...(await active()()), askAgainAtMs: 0 });
    const route = scheme(ASKABLE);
    for (let i = 0; i < 3; i++) assert.equal(await judged(route, 'opaque'), 'welcome alice');
    assert.equal(asked.length, 3);
  });

  it('that is not active is not asked about again for ten seconds', async () => {
    const { scheme, asked, pass } = stand();
    const route = scheme(ASKABLE);
    assert.equal(await judged(route, 'opaque'), 'inactive');
    pass(9999);
    assert.equal(await judged(route, 'opaque'), 'inactive');
    assert.equal(asked.length, 1);
    pass(1);
    await judged(route, 'opaque');
    assert.equal(asked.length, 2);
  });

  it('is asked about at one provider after the other', async () => {
    const { scheme, asked, answers } = stand();
    answers.introspect = (_, provider) =>
      Promise.resolve({ isActive: provider === 'other', claims: { sub: 'bob' } });
    const route = scheme(ASKABLE, providerConfig({ id: 'not-askable' }), OTHER);
    assert.equal(await judged(route, 'opaque'), 'welcome bob');
    assert.deepEqual(
      asked.map(({ provider }) => provider),
      ['corporate', 'other'],
    );
  });

  it('of one provider is not recalled where only another is trusted', async () => {
    const { scheme, answers } = stand();
    answers.introspect = active();
    const request = requestWith('Bearer opaque');
    await scheme(ASKABLE).authenticate(request);
    const there = scheme(OTHER);
    assert.equal(there.recall(request), null);
    answers.introspect = () => Promise.resolve({ isActive: false, claims: {} });
    assert.equal(outcomeOf(await there.authenticate(request)), 'inactive');
  });

  it('cannot be judged when a provider that might know it is silent', async () => {
    const { scheme, answers } = stand();
    answers.introspect = (_, provider) =>
      provider === 'corporate' ? SILENT() : Promise.resolve({ isActive: false, claims: {} });
    const answer = await scheme(ASKABLE, OTHER).authenticate(requestWith('Bearer opaque'));
    const { code, reason, detail, challenge } = refusalIn(answer);
    assert.deepEqual([code, reason, challenge], ['IDENTITY_UNAVAILABLE', 'introspection-unavailable', '']);
    assert.equal(
      detail,
      'The identity provider corporate cannot be asked about the access token at the moment',
    );
  });

  it('is welcome when another provider vouches for it while one is silent', async () => {
    const { scheme, answers } = stand();
    answers.introspect = (_, provider) => (provider === 'corporate' ? SILENT() : active()());
    assert.equal(await judged(scheme(ASKABLE, OTHER), 'opaque'), 'welcome alice');
  });

  it('is still recalled while the provider is silent', async () => {
    const { scheme, answers } = stand();
    answers.introspect = active();
    const route = scheme(ASKABLE);
    assert.equal(await judged(route, 'opaque'), 'welcome alice');
    answers.introspect = SILENT;
    assert.equal(await judged(route, 'opaque'), 'welcome alice');
    assert.equal(await judged(route, 'another'), 'introspection-unavailable');
  });

  it('is refused where nobody can look it up', async () => {
    assert.equal(await judged(stand().scheme(), 'opaque'), 'opaque');
  });

  it('may have dots in it: what counts is whether it begins as a signed token does', async () => {
    const { scheme, answers } = stand();
    answers.introspect = active();
    const route = scheme(ASKABLE);
    for (const token of ['Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU', 'a.b.c.d.e', 'v4.public.xyz']) {
      assert.equal(await judged(route, token), 'welcome alice');
    }
    assert.equal(await judged(route, 'eyJhIjox.e30.x'), 'malformed');
  });

  const wrong: readonly (readonly [claims: Claims, reason: string])[] = [
    [{ iss: 'https://other.example.com' }, 'issuer'],
    [{ aud: ['billing'] }, 'audience'],
    [{ exp: NOW_S - 3600 }, 'expired'],
    [{ nbf: NOW_S + 3600 }, 'not-yet-valid'],
    [{ token_type: 'mac' }, 'type'],
    [{ cnf: { jwk: {} } }, 'confirmation'],
    [{ cnf: { jkt: 'x' } }, 'bound-as-bearer'],
    [{ cnf: { 'x5t#S256': 'x' } }, 'certificate'],
    [{ sub: '' }, 'claims'],
    [{ sub: 7 }, 'claims'],
  ];
  for (const [claims, reason] of wrong) {
    it(`that is active is refused for ${reason}: ${JSON.stringify(claims)}`, async () => {
      const { scheme, answers } = stand();
      answers.introspect = active(claims);
      assert.equal(await judged(scheme(ASKABLE), 'opaque'), reason);
      assert.equal(await judged(scheme(ASKABLE), 'opaque'), reason);
    });
  }

  it('has claims without a prototype, although they came from another thread', async () => {
    const { scheme, answers } = stand();
    const claims = structuredClone(
      JSON.parse('{"sub":"alice","a":{"__proto__":{"isAdmin":true}}}') as Claims,
    );
    answers.introspect = () => Promise.resolve({ isActive: true, claims });
    const found = claimsOf(await scheme(ASKABLE).authenticate(requestWith('Bearer opaque')));
    assert.equal(Object.getPrototypeOf(found), null);
    assert.equal(Object.getPrototypeOf(found['a']), null);
    assert.deepEqual(Object.keys(found['a'] as object), ['__proto__']);
  });

  it('with claims that are nested too deeply is refused', async () => {
    const { scheme, answers } = stand();
    const deep = JSON.parse(`${'['.repeat(50)}${']'.repeat(50)}`) as Claims[string];
    answers.introspect = active({ deep: deep ?? null });
    assert.equal(await judged(scheme(ASKABLE), 'opaque'), 'claims');
  });
});
