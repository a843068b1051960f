import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goodClaims, judged, NOW_S, providerConfig, signer, stand } from './tokens-testing.ts';

const KEY = signer('RS256');
const CLAIMS = {
  iss: 'https://login.example.com',
  aud: 'web',
  iat: NOW_S,
  exp: NOW_S + 120,
  jti: 'j',
  sid: 's',
};

/** A desk that knows the provider and its keys. */
function knowing() {
  const all = stand();
  all.desk.use([providerConfig()]);
  all.publish([KEY.jwk]);
  return all;
}

async function verdictOn(token: string, { desk } = knowing(), id = 'corporate'): Promise<string> {
  const verdict = await desk.verifyLogoutToken(id, token);
  return verdict.kind === 'verified' ? verdict.kind : verdict.reason;
}

describe('a logout token', () => {
  const header = { typ: 'logout+jwt' };

  it('is verified, and gives its claims', async () => {
    const verdict = await knowing().desk.verifyLogoutToken('corporate', KEY.token(CLAIMS, header));
    assert.equal(verdict.kind === 'verified' && verdict.claims['sid'], 's');
  });

  const rows: readonly (readonly [string, string, object, object?])[] = [
    ['without a type', 'verified', {}, {}],
    ['of the type of any JWT', 'verified', {}, { typ: 'JWT' }],
    ['without an expiry, as older providers have it', 'verified', { exp: undefined }],
    ['of the type of an access token', 'type', {}, { typ: 'at+jwt' }],
    ['of another issuer', 'issuer', { iss: 'https://evil.example' }],
    ['without an issuer', 'issuer', { iss: undefined }],
    ['that has expired', 'expired', { exp: NOW_S - 31 }],
    ['with an expiry that is none', 'claims', { exp: 'soon' }],
    ['with a key that nobody knows', 'unknown-key', {}, { ...header, kid: 'k2' }],
    ['without a signature', 'algorithm', {}, { ...header, alg: 'none' }],
    ['with a signature that needs no private key', 'algorithm', {}, { ...header, alg: 'HS256' }],
  ];
  for (const [what, verdict, claims, other = header] of rows) {
    it(`${what} is ${verdict}`, async () => {
      assert.equal(await verdictOn(KEY.token({ ...CLAIMS, ...claims }, other)), verdict);
    });
  }

  it('with a changed signature is refused', async () => {
    const forged = signer('RS256', 'other').token(CLAIMS, { ...header, kid: 'k1' });
    assert.equal(await verdictOn(forged), 'signature');
    assert.equal(await verdictOn('no token'), 'malformed');
  });

  it('of a provider that is not configured is refused', async () => {
    assert.equal(await verdictOn(KEY.token(CLAIMS, header), knowing(), 'partner'), 'issuer');
  });

  it('cannot be judged before its keys are known', async () => {
    const all = stand();
    all.desk.use([providerConfig()]);
    assert.equal(await verdictOn(KEY.token(CLAIMS, header), all), 'keys-unavailable');
  });

  it('is no access token', async () => {
    assert.equal(await judged(knowing().scheme(), KEY.token(goodClaims(), header)), 'type');
  });
});
