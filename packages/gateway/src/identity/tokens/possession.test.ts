import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';

import type { IdentityProviderConfig } from '@turnpike/config';
import { GatewayError } from '../../core/errors.ts';
import type { SharedProofs } from '../../core/proof-memory.ts';
import { thumbprint } from './thumbprint.ts';
import {
  goodClaims,
  NOW_S,
  outcomeOf,
  providerConfig,
  refusalIn,
  requestWith,
  signer,
  stand,
} from './tokens-testing.ts';

const ISSUER = signer('RS256');
const CLIENT = signer('ES256', 'client');
const CERTIFICATE = Buffer.from('the certificate');

const cnf = {
  key: { jkt: thumbprint(CLIENT.jwk) },
  certificate: { 'x5t#S256': createHash('sha256').update(CERTIFICATE).digest('base64url') },
};

function tokenFor(confirmation?: unknown): string {
  return ISSUER.token(goodClaims({ cnf: confirmation }));
}

let last = 0;
function proofFor(token: string, more: object = {}): string {
  const { kid: _, ...jwk } = CLIENT.jwk;
  const ath = createHash('sha256').update(token).digest('base64url');
  const htu = 'https://api.example.com/v1/orders';
  const claims = { jti: `p${++last}`, htm: 'GET', htu, iat: NOW_S, ath, ...more };
  return CLIENT.token(claims, { typ: 'dpop+jwt', kid: undefined, jwk });
}

function routeFor(
  differences: Partial<IdentityProviderConfig> = {},
  shared: SharedProofs | null = null,
  certificate: Uint8Array | null = null,
) {
  const place = stand();
  place.publish([ISSUER.jwk]);
  place.certificate = certificate;
  place.shared = shared;
  return place.scheme(providerConfig(differences));
}

describe('a token that is bound to a key', () => {
  const token = tokenFor(cnf.key);

  it('is accepted with a proof, each time with another', async () => {
    const route = routeFor();
    for (let i = 0; i < 3; i++) {
      const request = requestWith(`DPoP ${token}`, [proofFor(token)]);
      assert.equal(outcomeOf(await route.authenticate(request)), 'welcome alice');
    }
    const replayed = proofFor(token);
    assert.equal(
      outcomeOf(await route.authenticate(requestWith(`DPoP ${token}`, [replayed]))),
      'welcome alice',
    );
    const again = await route.authenticate(requestWith(`DPoP ${token}`, [replayed]));
    assert.equal(outcomeOf(again), 'proof-replayed');
    assert.match(refusalIn(again).challenge, /^DPoP realm="turnpike", error="invalid_dpop_proof", /);
  });

  it('is used once by all gateways that share a store, and judged as its provider says when that is away', async () => {
    const replayed = requestWith(`DPoP ${token}`, [proofFor(token)]);
    const known = routeFor({}, { isNew: () => Promise.resolve(false) });
    assert.equal(outcomeOf(await known.authenticate(replayed)), 'proof-replayed');
    const away = {
      isNew: () => Promise.reject(new GatewayError('COUNTERS_UNAVAILABLE', 'away')),
    };
    const request = () => requestWith(`DPoP ${token}`, [proofFor(token)]);
    const refused = refusalIn(await routeFor({}, away).authenticate(request()));
    assert.deepEqual([refused.code, refused.reason], ['IDENTITY_UNAVAILABLE', 'replays-unavailable']);
    const alone = routeFor({ dpopWhenStoreFails: 'local' }, away);
    const again = request();
    assert.equal(outcomeOf(await alone.authenticate(again)), 'welcome alice');
    assert.equal(outcomeOf(await alone.authenticate(again)), 'proof-replayed');
  });

  it('is told which nonce its proof must have', async () => {
    const dpopNonce = { secret: 's'.repeat(32), lifetimeMs: 60_000 };
    const route = routeFor({ dpopNonce });
    const refused = refusalIn(await route.authenticate(requestWith(`DPoP ${token}`, [proofFor(token)])));
    assert.match(refused.challenge, /^DPoP realm="turnpike", error="use_dpop_nonce", /);
    const { nonce } = refused;
    const answer = await route.authenticate(requestWith(`DPoP ${token}`, [proofFor(token, { nonce })]));
    assert.equal(outcomeOf(answer), 'welcome alice');
    assert.equal('nonce' in answer && answer.nonce, '');
  });

  it('is refused without one, and as Bearer', async () => {
    const route = routeFor();
    assert.equal(outcomeOf(await route.authenticate(requestWith(`DPoP ${token}`))), 'proof-missing');
    const asBearer = await route.authenticate(requestWith(`Bearer ${token}`, [proofFor(token)]));
    assert.equal(outcomeOf(asBearer), 'bound-as-bearer');
    assert.match(
      refusalIn(asBearer).challenge,
      /^DPoP realm="turnpike", error="invalid_token", .*algs="RS256 /,
    );
  });

  it('is never recalled, however it comes', async () => {
    const route = routeFor();
    const request = requestWith(`DPoP ${token}`, [proofFor(token)]);
    assert.equal(outcomeOf(await route.authenticate(request)), 'welcome alice');
    assert.equal(route.recall(request), null);
    assert.equal(route.recall(requestWith(`Bearer ${token}`)), null);
  });
});

describe('a token that is bound to a certificate', () => {
  const token = tokenFor(cnf.certificate);

  it('is accepted with it and refused with another, or with none', async () => {
    const request = requestWith(`Bearer ${token}`);
    assert.equal(
      outcomeOf(await routeFor({ dpop: 'optional' }, null, CERTIFICATE).authenticate(request)),
      'welcome alice',
    );
    for (const other of [null, Buffer.from('another'), new Uint8Array(0)]) {
      assert.equal(
        outcomeOf(await routeFor({ dpop: 'optional' }, null, other).authenticate(request)),
        'certificate',
      );
    }
  });

  it('is never recalled', async () => {
    const route = routeFor({ dpop: 'optional' }, null, CERTIFICATE);
    const request = requestWith(`Bearer ${token}`);
    await route.authenticate(request);
    assert.equal(route.recall(request), null);
  });

  it('and to a key needs both', async () => {
    const both = tokenFor({ ...cnf.key, ...cnf.certificate });
    const judge = async (certificate: Uint8Array | null, proofs: readonly string[]) =>
      outcomeOf(
        await routeFor({ dpop: 'optional' }, null, certificate).authenticate(
          requestWith(`DPoP ${both}`, proofs),
        ),
      );
    assert.equal(await judge(CERTIFICATE, [proofFor(both)]), 'welcome alice');
    assert.equal(await judge(null, [proofFor(both)]), 'certificate');
    assert.equal(await judge(CERTIFICATE, []), 'proof-missing');
  });
});

describe('a token that is bound to nothing', () => {
  it('is refused as DPoP', async () => {
    const token = tokenFor();
    const answer = await routeFor().authenticate(requestWith(`DPoP ${token}`, [proofFor(token)]));
    assert.equal(outcomeOf(answer), 'unbound');
  });

  it('is refused where the provider binds all tokens, however often it comes', async () => {
    const route = routeFor({ dpop: 'required' }, null, CERTIFICATE);
    for (const token of [tokenFor(), tokenFor(cnf.certificate), tokenFor(), tokenFor(cnf.certificate)]) {
      const request = requestWith(`Bearer ${token}`);
      assert.equal(outcomeOf(await route.authenticate(request)), 'unbound');
      assert.equal(route.recall(request), null);
    }
    const bound = tokenFor(cnf.key);
    const answer = await route.authenticate(requestWith(`DPoP ${bound}`, [proofFor(bound)]));
    assert.equal(outcomeOf(answer), 'welcome alice');
  });
});

describe('a token that is bound in a way that we do not know', () => {
  for (const confirmation of [
    {},
    { jwk: CLIENT.jwk },
    { kid: 'x' },
    { jkt: 7 },
    { jkt: null },
    [],
    'x',
    null,
    false,
  ]) {
    it(`is refused: ${JSON.stringify(confirmation).slice(0, 20)}`, async () => {
      const answer = await routeFor().authenticate(requestWith(`Bearer ${tokenFor(confirmation)}`));
      assert.equal(outcomeOf(answer), 'confirmation');
    });
  }
});
