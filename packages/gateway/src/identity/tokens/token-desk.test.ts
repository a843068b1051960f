import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  goodClaims,
  judged,
  NOW_S,
  outcomeOf,
  providerConfig,
  refusalIn,
  requestWith,
  signer,
  stand,
} from './tokens-testing.ts';

const KEY = signer('ES256');
const PARTNER = providerConfig({ id: 'partner', issuer: 'https://partner.example.com' });

describe('tokens on a route', () => {
  it('are recalled after they were verified, until they expire', async () => {
    const { publish, scheme, pass } = stand();
    publish([KEY.jwk]);
    const route = scheme();
    const request = requestWith(`Bearer ${KEY.token(goodClaims({ exp: NOW_S + 100, scope: 'a b' }))}`);
    assert.equal(route.recall(request), null);
    assert.equal(outcomeOf(await route.authenticate(request)), 'welcome alice');
    const identity = route.recall(request);
    assert.deepEqual(identity?.scopes, ['a', 'b']);
    assert.equal(identity?.expiresAtMs, (NOW_S + 100) * 1000);
    pass(129_999);
    assert.equal(route.recall(request), identity);
    pass(1);
    assert.equal(route.recall(request), null);
    assert.equal(outcomeOf(await route.authenticate(request)), 'expired');
  });

  it('are known again however their scheme is spelled', async () => {
    const { publish, scheme } = stand();
    publish([KEY.jwk]);
    const route = scheme();
    const token = KEY.token(goodClaims());
    await route.authenticate(requestWith(`bearer ${token}`));
    publish([KEY.jwk]);
    assert.equal(route.recall(requestWith(`Bearer ${token}`))?.token, token);
    const answer = await route.authenticate(requestWith(`BEARER ${token}`));
    assert.equal(outcomeOf(answer), 'welcome alice');
  });

  it('are known again on other routes that trust their provider, and on no others', async () => {
    const { publish, scheme } = stand();
    publish([KEY.jwk]);
    publish([KEY.jwk], 'partner');
    const request = requestWith(`Bearer ${KEY.token(goodClaims())}`);
    await scheme().authenticate(request);
    assert.equal(scheme(PARTNER, providerConfig()).recall(request)?.subject, 'alice');
    const partners = scheme(PARTNER);
    assert.equal(partners.recall(request), null);
    assert.equal(outcomeOf(await partners.authenticate(request)), 'issuer');
  });

  it('are for the provider that issued them, with its rules and its keys', async () => {
    const { publish, scheme } = stand();
    const other = signer('ES256', 'other');
    publish([KEY.jwk]);
    publish([{ ...other.jwk, kid: 'k1' }], 'partner');
    const route = scheme(providerConfig(), { ...PARTNER, audiences: ['shop'] });
    const byPartner = { iss: PARTNER.issuer, sub: 'bob', aud: 'shop' };
    assert.equal(await judged(route, KEY.token(goodClaims())), 'welcome alice');
    assert.equal(await judged(route, other.token(goodClaims(byPartner), { kid: 'k1' })), 'welcome bob');
    assert.equal(await judged(route, KEY.token(goodClaims(byPartner))), 'signature');
    assert.equal(await judged(route, other.token(goodClaims(), { kid: 'k1' })), 'signature');
    assert.equal(await judged(route, KEY.token(goodClaims({ aud: 'shop' }))), 'audience');
    assert.equal(await judged(route, KEY.token(goodClaims({ iss: 'https://evil.example.com' }))), 'issuer');
  });

  it('may be accepted by any of several providers of one issuer', async () => {
    const { publish, scheme } = stand();
    publish([KEY.jwk], 'web');
    publish([KEY.jwk], 'batch');
    const route = scheme(
      providerConfig({ id: 'web', audiences: ['web'] }),
      providerConfig({ id: 'batch', audiences: ['batch'] }),
    );
    const answer = await route.authenticate(requestWith(`Bearer ${KEY.token(goodClaims({ aud: 'batch' }))}`));
    assert.ok(answer.kind === 'identified');
    assert.equal(answer.identity.key, 'batch:alice');
    assert.equal(await judged(route, KEY.token(goodClaims({ aud: 'other' }))), 'audience');
  });

  it('of a provider whose configuration changes are judged anew', async () => {
    const { desk, publish, scheme } = stand();
    publish([KEY.jwk]);
    const request = requestWith(`Bearer ${KEY.token(goodClaims())}`);
    const before = scheme();
    await before.authenticate(request);

    const moved = providerConfig({ origin: { file: 'turnpike.yaml', line: 99, column: 1 } });
    desk.use([moved]);
    assert.equal(scheme(moved).recall(request)?.subject, 'alice');

    const changed = providerConfig({ audiences: ['billing'] });
    desk.use([changed]);
    const after = scheme(changed);
    assert.equal(after.recall(request), null);
    assert.equal(outcomeOf(await after.authenticate(request)), 'audience');
  });

  it('of routes of an old configuration are judged as before, by the latest keys', async () => {
    const { desk, publish, scheme } = stand();
    publish([KEY.jwk]);
    const request = requestWith(`Bearer ${KEY.token(goodClaims())}`);
    const before = scheme();
    await before.authenticate(request);
    for (const audience of ['billing', 'shop']) {
      const changed = providerConfig({ audiences: [audience] });
      desk.use([changed]);
      scheme(changed);
    }
    assert.equal(outcomeOf(await before.authenticate(request)), 'welcome alice');
    assert.equal(before.recall(request)?.subject, 'alice');
    publish([signer('ES256', 'other').jwk]);
    assert.equal(before.recall(request), null);
    assert.equal(outcomeOf(await before.authenticate(request)), 'unknown-key');
  });

  it('hear of keys that were learned before they were made', async () => {
    const { publish, scheme } = stand();
    publish([KEY.jwk]);
    assert.equal(await judged(scheme(), KEY.token(goodClaims())), 'welcome alice');
  });
});

describe('a request', () => {
  it('without a token is nobody’s', async () => {
    const route = stand().scheme();
    for (const field of [null, 'Basic YTpi', 'Digest x="y"']) {
      assert.equal(route.recall(requestWith(field)), null);
      assert.equal(outcomeOf(await route.authenticate(requestWith(field))), 'anonymous');
    }
  });

  it('with a malformed one, or with two, is refused', async () => {
    const route = stand().scheme();
    const twice = requestWith('Bearer a');
    twice.headers.append('Authorization', 'Bearer b');
    for (const request of [requestWith('Bearer'), requestWith('Bearer a b'), twice]) {
      assert.equal(outcomeOf(await route.authenticate(request)), 'credentials');
    }
  });
});

describe('challenges', () => {
  it('offer the schemes with which tokens of the providers can come', () => {
    const { scheme } = stand();
    const strict = providerConfig({ id: 'strict', dpop: 'required' });
    const bearer = 'Bearer realm="turnpike"';
    const dpop =
      'DPoP realm="turnpike", algs="RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519 Ed448"';
    assert.deepEqual(scheme().challenges, [bearer, dpop]);
    assert.deepEqual(scheme(strict).challenges, [dpop]);
    assert.deepEqual(scheme(providerConfig(), strict, strict).challenges, [bearer, dpop]);
  });

  it('name the scheme that a wrong token came in, or has to come in', async () => {
    const { scheme, publish } = stand();
    publish([KEY.jwk]);
    const token = KEY.token(goodClaims({ aud: 'another' }));
    const schemeOf = async (field: string, dpop: 'optional' | 'required') => {
      const answer = await scheme(providerConfig({ dpop })).authenticate(requestWith(field));
      return refusalIn(answer).challenge.split(', ')[0];
    };
    for (const [field, dpop, expected] of [
      [`Bearer ${token}`, 'optional', 'Bearer'],
      [`DPoP ${token}`, 'optional', 'DPoP'],
      [`Bearer ${token}`, 'required', 'DPoP'],
      [`DPoP ${token}`, 'required', 'DPoP'],
      ['Bearer  spaces', 'required', 'DPoP'],
      ['dpop  spaces', 'optional', 'DPoP'],
      ['bearer', 'optional', 'Bearer'],
    ] as const)
      assert.equal(
        await schemeOf(field, dpop),
        `${expected} realm="turnpike"`,
        `${field.slice(0, 10)} ${dpop}`,
      );
  });

  it('say what was wrong, and nothing of what was sent', async () => {
    const { scheme, publish } = stand();
    publish([KEY.jwk]);
    const token = KEY.token(goodClaims({ aud: '"evil"' }));
    const { challenge, detail, code } = refusalIn(
      await scheme().authenticate(requestWith(`Bearer ${token}`)),
    );
    assert.equal(code, 'UNAUTHENTICATED');
    assert.equal(detail, 'The access token is for somebody else');
    assert.equal(
      challenge,
      'Bearer realm="turnpike", error="invalid_token", error_description="The access token is for somebody else"',
    );
  });
});
