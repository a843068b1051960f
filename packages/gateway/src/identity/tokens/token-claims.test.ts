import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Claims } from '../../core/identity.ts';
import { expiryMs, faultOfAnswer, faultOfClaims, type Expectations } from './token-claims.ts';
import { goodClaims, NOW_MS, NOW_S } from './tokens-testing.ts';

const EXPECTED: Expectations = {
  issuer: 'https://login.example.com',
  audiences: ['orders', 'https://orders.example.com'],
  clockToleranceMs: 30_000,
  tokenType: 'any',
};

function fault(claims: object, { type = '', ...expected }: Partial<Expectations & { type: string }> = {}) {
  return faultOfClaims(type, goodClaims(claims) as Claims, { ...EXPECTED, ...expected }, NOW_MS);
}

describe('claims of a signed token', () => {
  const rules: readonly (readonly [what: string, claims: object, fault: string | null])[] = [
    ['an issuer with a slash at the end', { iss: 'https://login.example.com/' }, 'issuer'],
    ['an issuer in capitals', { iss: 'https://LOGIN.example.com' }, 'issuer'],
    ['no issuer', { iss: undefined }, 'issuer'],
    ['a list of issuers', { iss: ['https://login.example.com'] }, 'issuer'],
    ['a placeholder for the issuer', { iss: 'https://login.example.com/{tenantid}' }, 'issuer'],

    ['one of our audiences', { aud: 'https://orders.example.com' }, null],
    ['a list with one of our audiences', { aud: ['billing', 'orders'] }, null],
    ['no audience', { aud: undefined }, 'audience'],
    ['an empty audience', { aud: '' }, 'audience'],
    ['an empty list of audiences', { aud: [] }, 'audience'],
    ['another audience', { aud: 'billing' }, 'audience'],
    ['an audience in capitals', { aud: 'Orders' }, 'audience'],
    ['an audience that begins with ours', { aud: 'orders2' }, 'audience'],
    ['our audiences in one text', { aud: 'orders billing' }, 'audience'],
    ['a list with something else in it', { aud: ['orders', 1] }, 'audience'],
    ['a list in a list', { aud: [['orders']] }, 'audience'],
    ['an audience that is an object', { aud: { orders: true } }, 'audience'],

    ['the last moment', { exp: NOW_S - 29.999 }, null],
    ['the moment after', { exp: NOW_S - 30 }, 'expired'],
    ['long ago', { exp: 0 }, 'expired'],
    ['no expiry', { exp: undefined }, 'claims'],
    ['an expiry that is null', { exp: null }, 'claims'],
    ['an expiry that is a text', { exp: String(NOW_S + 60) }, 'claims'],
    ['an expiry before all time', { exp: -1 }, 'claims'],
    ['an expiry after all time', { exp: 8.64e12 + 1 }, 'claims'],
    ['an expiry that is a list', { exp: [NOW_S + 60] }, 'claims'],
    ['an expiry that is true', { exp: true }, 'claims'],

    ['a beginning that is just in reach', { nbf: NOW_S + 30 }, null],
    ['a beginning that is not', { nbf: NOW_S + 30.001 }, 'not-yet-valid'],
    ['a beginning that is a text', { nbf: '0' }, 'claims'],
    ['issued a minute ahead', { iat: NOW_S + 60 }, null],
    ['issued more than a minute ahead', { iat: NOW_S + 60.001 }, 'not-yet-valid'],
    ['issued at no known time', { iat: undefined }, null],
    ['issued at a text', { iat: 'now' }, 'claims'],

    ['an access token by its claims', { typ: 'Bearer', token_use: 'access' }, null],
    ['a kind that nobody knows', { typ: 'at+jwt', token_use: 'access_token' }, null],
    ['an ID token of Keycloak', { typ: 'ID' }, 'type'],
    ['a refresh token of Keycloak', { typ: 'Refresh' }, 'type'],
    ['an offline token of Keycloak', { typ: 'Offline' }, 'type'],
    ['an ID token of Cognito', { token_use: 'id' }, 'type'],
    [
      'a logout token without a type',
      { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
      'type',
    ],
  ];
  for (const [what, claims, expected] of rules) {
    it(`are ${expected === null ? 'accepted' : `refused as ${expected}`}: ${what}`, () =>
      assert.equal(fault(claims), expected));
  }

  it('need no audience where none is configured', () => {
    assert.equal(fault({ aud: undefined }, { audiences: [] }), null);
    assert.equal(fault({ aud: 'whatever' }, { audiences: [] }), null);
  });

  it('may be issued as far ahead as clocks may differ', () => {
    assert.equal(fault({ iat: NOW_S + 120 }, { clockToleranceMs: 120_000 }), null);
    assert.equal(fault({ iat: NOW_S + 121 }, { clockToleranceMs: 120_000 }), 'not-yet-valid');
    assert.equal(fault({ iat: NOW_S + 60, exp: NOW_S + 1 }, { clockToleranceMs: 0 }), null);
    assert.equal(fault({ exp: NOW_S }, { clockToleranceMs: 0 }), 'expired');
  });

  it('are of an access token: no other token of the issuer will do', () => {
    for (const type of ['', 'jwt', 'at+jwt']) assert.equal(fault({}, { type }), null, type);
    const others = [
      'dpop+jwt',
      'logout+jwt',
      'id_token+jwt',
      'secevent+jwt',
      'jose',
      'token-introspection+jwt',
      'at+jwt ',
    ];
    for (const type of others) assert.equal(fault({}, { type }), 'type', type);
  });

  it('are of an access token of RFC 9068, where the configuration says so', () => {
    assert.equal(fault({}, { type: 'at+jwt', tokenType: 'at+jwt' }), null);
    assert.equal(fault({}, { type: 'jwt', tokenType: 'at+jwt' }), 'type');
    assert.equal(fault({}, { type: '', tokenType: 'at+jwt' }), 'type');
  });
});

describe('claims of an introspection', () => {
  const rules: readonly (readonly [claims: Claims, fault: string | null])[] = [
    [{}, null],
    [{ iss: EXPECTED.issuer, aud: 'orders', exp: NOW_S + 1, nbf: NOW_S, token_type: 'Bearer' }, null],
    [{ token_type: 'bearer' }, null],
    [{ token_type: 'DPoP' }, null],
    [{ token_type: 'refresh_token' }, 'type'],
    [{ token_type: ['Bearer'] }, 'type'],
    [{ token_type: 'Bearer', token_use: 'access_token' }, null],
    [{ token_type: 'Bearer', token_use: 'refresh_token' }, 'type'],
    [{ iss: 'https://other.example.com' }, 'issuer'],
    [{ aud: 'billing' }, 'audience'],
    [{ aud: [] }, 'audience'],
    [{ exp: NOW_S - 30 }, 'expired'],
    [{ exp: 'soon' }, 'claims'],
    [{ nbf: NOW_S + 31 }, 'not-yet-valid'],
  ];
  for (const [claims, expected] of rules) {
    it(`are ${expected ?? 'accepted'}: ${JSON.stringify(claims)}`, () =>
      assert.equal(faultOfAnswer(claims, EXPECTED, NOW_MS), expected));
  }
});

describe('expiryMs', () => {
  it('is what the token says, or never', () => {
    assert.equal(expiryMs({ exp: 1.5 }), 1500);
    assert.equal(expiryMs({}), Infinity);
  });
});
