import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';

import { ReplayMemory } from '../../core/replay-memory.ts';
import { DpopNonces } from './dpop-nonces.ts';
import { proofCheck } from './dpop-proof.ts';
import { proofsSeen } from './proofs-seen.ts';
import { thumbprint } from './thumbprint.ts';
import { ALGORITHMS, NOW_MS, NOW_S, requestWith, signer, type Signer } from './tokens-testing.ts';

const TOKEN = 'the-token';
const KEY = signer('ES256', 'client');
const { kid: _, alg: __, ...PUBLIC } = KEY.jwk;
let last = 0;

function athOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** A proof for `GET https://api.example.com/v1/orders`; all that is given replaces what would be right. */
function proofOf(claims: object = {}, header: object = {}, key: Signer = KEY): string {
  const right = {
    jti: `proof-${++last}`,
    htm: 'GET',
    htu: 'https://api.example.com/v1/orders',
    iat: NOW_S,
    ath: athOf(TOKEN),
  };
  return key.token({ ...right, ...claims }, { typ: 'dpop+jwt', kid: undefined, jwk: PUBLIC, ...header });
}

function checkAt(startMs = NOW_MS, wantsNonce: 'nonce' | '' = '') {
  let nowMs = startMs;
  const clock = { now: () => nowMs, epoch: () => nowMs };
  const nonces =
    wantsNonce === '' ? null : new DpopNonces({ secret: 's'.repeat(32), lifetimeMs: 60_000 }, clock);
  const replays = proofsSeen(new ReplayMemory(ReplayMemory.allocate(64), clock), () => null);
  const check = proofCheck({ clock, replays });
  return {
    nonces,
    pass: (ms: number) => void (nowMs += ms),
    fault: async (proofs: readonly string[], jkt = thumbprint(PUBLIC) ?? '', token = TOKEN) => {
      const verdict = await check(requestWith(`DPoP ${token}`, proofs), { token, jkt, nonces });
      if (verdict.kind === 'refused') return verdict.reason;
      return verdict.isFading ? 'fading' : null;
    },
  };
}

describe('a DPoP proof', () => {
  it('is accepted, by keys of every kind', async () => {
    for (const algorithm of ALGORITHMS) {
      const key = signer(algorithm, 'client');
      const { kid: _, ...jwk } = key.jwk;
      assert.equal(
        await checkAt().fault([proofOf({}, { jwk }, key)], thumbprint(jwk) ?? ''),
        null,
        algorithm,
      );
    }
  });

  const { d } = KEY.privateKey.export({ format: 'jwk' });
  const other = signer('ES256', 'other');
  const wrong: readonly (readonly [what: string, proof: () => string, fault: string])[] = [
    ['of another type', () => proofOf({}, { typ: 'JWT' }), 'proof-malformed'],
    ['without a type', () => proofOf({}, { typ: undefined }), 'proof-malformed'],
    ['without a signature', () => proofOf().replace(/[^.]*$/, ''), 'proof-signature'],
    ['with another’s signature', () => proofOf({}, {}, other), 'proof-signature'],
    ['with another’s key', () => proofOf({}, { jwk: other.jwk }, other), 'proof-key'],
    ['without a key', () => proofOf({}, { jwk: undefined }), 'proof-key'],
    ['with a key by name', () => proofOf({}, { jwk: undefined, kid: 'client' }), 'proof-key'],
    ['with a key that is a text', () => proofOf({}, { jwk: JSON.stringify(PUBLIC) }), 'proof-key'],
    ['with a private key', () => proofOf({}, { jwk: { ...PUBLIC, d } }), 'proof-key'],
    ['with a symmetric key', () => proofOf({}, { jwk: { kty: 'oct', k: 'AAAA' } }), 'proof-key'],
    ['with a key for encryption', () => proofOf({}, { jwk: { ...PUBLIC, use: 'enc' } }), 'proof-key'],
    ['signed with nothing', () => proofOf({}, { alg: 'none' }), 'proof-malformed'],
    ['signed with a secret', () => proofOf({}, { alg: 'HS256' }), 'proof-malformed'],
    ['for another algorithm than its key', () => proofOf({}, { alg: 'ES384' }), 'proof-malformed'],
    ['that demands an extension', () => proofOf({}, { crit: ['x'], x: 1 }), 'proof-malformed'],
    ['for another method', () => proofOf({ htm: 'POST' }), 'proof-request'],
    ['for the method in another case', () => proofOf({ htm: 'get' }), 'proof-request'],
    ['for no method', () => proofOf({ htm: undefined }), 'proof-malformed'],
    ['for another path', () => proofOf({ htu: 'https://api.example.com/v1/bills' }), 'proof-request'],
    ['for another host', () => proofOf({ htu: 'https://api.example.org/v1/orders' }), 'proof-request'],
    ['for another scheme', () => proofOf({ htu: 'http://api.example.com/v1/orders' }), 'proof-request'],
    ['for no URL', () => proofOf({ htu: undefined }), 'proof-malformed'],
    ['for a list of URLs', () => proofOf({ htu: ['https://api.example.com/v1/orders'] }), 'proof-malformed'],
    ['for another token', () => proofOf({ ath: athOf('another') }), 'proof-token'],
    ['for no token', () => proofOf({ ath: undefined }), 'proof-token'],
    ['without an id', () => proofOf({ jti: undefined }), 'proof-malformed'],
    ['with an empty id', () => proofOf({ jti: '' }), 'proof-malformed'],
    ['with an id that is a number', () => proofOf({ jti: 7 }), 'proof-malformed'],
    ['without a time', () => proofOf({ iat: undefined }), 'proof-malformed'],
    ['with a time that is a text', () => proofOf({ iat: String(NOW_S) }), 'proof-malformed'],
    ['from more than a minute ago', () => proofOf({ iat: NOW_S - 60.001 }), 'proof-time'],
    ['from more than a minute ahead', () => proofOf({ iat: NOW_S + 60.001 }), 'proof-time'],
    ['of more than 4 KiB', () => proofOf({ filler: 'x'.repeat(4096) }), 'proof-malformed'],
    ['that says something twice', () => twice(), 'proof-malformed'],
    ['with an empty field', () => '', 'proof-malformed'],
  ];
  for (const [what, proof, fault] of wrong) {
    it(`is refused ${what}`, async () => assert.equal(await checkAt().fault([proof()]), fault));
  }

  it('must come, and once', async () => {
    assert.equal(await checkAt().fault([]), 'proof-missing');
    assert.equal(await checkAt().fault([proofOf(), proofOf()]), 'proof-malformed');
    assert.equal(await checkAt().fault([`${proofOf()}, ${proofOf()}`]), 'proof-malformed');
  });

  it('is good for one request, for as long as its time is', async () => {
    for (const iat of [NOW_S - 60, NOW_S, NOW_S + 60]) {
      const { fault, pass } = checkAt();
      const proof = proofOf({ iat });
      assert.equal(await fault([proof]), null);
      assert.equal(await fault([proof]), 'proof-replayed');
      const restMs = (iat - NOW_S) * 1000 + 60_000;
      pass(restMs);
      assert.equal(await fault([proof]), 'proof-replayed');
      pass(1);
      assert.equal(await fault([proof]), 'proof-time');
    }
  });

  it('is told from one by another key with the same id', async () => {
    const { fault } = checkAt();
    const jti = 'same';
    assert.equal(await fault([proofOf({ jti })]), null);
    assert.equal(
      await fault([proofOf({ jti }, { jwk: other.jwk }, other)], thumbprint(other.jwk) ?? ''),
      null,
    );
    assert.equal(await fault([proofOf({ jti })]), 'proof-replayed');
  });

  it('that is refused does not use up its id', async () => {
    const { fault } = checkAt();
    const jti = 'victim';
    assert.equal(await fault([proofOf({ jti, htm: 'POST' })]), 'proof-request');
    assert.equal(await fault([`${proofOf({ jti }).slice(0, -4)}AAAA`]), 'proof-signature');
    assert.equal(await fault([proofOf({ jti })]), null);
  });

  it('must have a nonce of ours where that is asked for, and hears of the next one in time', async () => {
    const { nonces, fault, pass } = checkAt(NOW_MS, 'nonce');
    const nonce = nonces?.current;
    assert.match(nonce ?? '', /^[\w-]{22}$/);
    for (const wrong of [undefined, '', 'x', 7, [nonce], `${nonce}=`])
      assert.equal(await fault([proofOf({ nonce: wrong })]), 'proof-nonce');
    assert.equal(await fault([proofOf({ nonce })]), null);
    // Each nonce has two halves of its lifetime: in the second, the next one is given out.
    pass(30_000);
    assert.equal(await fault([proofOf({ nonce, iat: NOW_S + 30 })]), 'fading');
    assert.notEqual(nonces?.current, nonce);
    assert.equal(await fault([proofOf({ nonce: nonces?.current, iat: NOW_S + 30 })]), null);
    pass(30_000);
    assert.equal(await fault([proofOf({ nonce, iat: NOW_S + 60 })]), 'proof-nonce');
  });

  it('has the nonces of a secret, on whichever gateway', async () => {
    const clock = { now: () => NOW_MS, epoch: () => NOW_MS };
    const ahead = { now: () => NOW_MS, epoch: () => NOW_MS + 30_000 };
    const config = { secret: 's'.repeat(32), lifetimeMs: 60_000 };
    const [one, other] = [new DpopNonces(config, clock), new DpopNonces(config, ahead)];
    assert.equal(one.worth(other.current), 'good');
    assert.equal(other.worth(one.current), 'fading');
    assert.equal(new DpopNonces({ ...config, secret: 'o'.repeat(32) }, clock).worth(one.current), 'wrong');
  });

  it('of RFC 9449 §7.1 is right', async () => {
    const token = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU';
    const proof =
      'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA';
    const nowMs = 1_562_262_618_000;
    const clock = { now: () => nowMs, epoch: () => nowMs };
    const replays = proofsSeen(new ReplayMemory(ReplayMemory.allocate(8), clock), () => null);
    const check = proofCheck({ clock, replays });
    const exchange = requestWith(`DPoP ${token}`, [proof], {
      authority: 'resource.example.org',
      path: '/protectedresource',
    });
    const jkt = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';
    assert.equal((await check(exchange, { token, jkt, nonces: null })).kind, 'proven');
  });
});

function twice(): string {
  const header = JSON.stringify({ alg: 'ES256', typ: 'dpop+jwt', jwk: PUBLIC });
  const htu = 'https://api.example.com/v1/orders';
  return KEY.raw(
    header,
    `{"htm":"POST","jti":"x","htm":"GET","htu":"${htu}","iat":${NOW_S},"ath":"${athOf(TOKEN)}"}`,
  );
}
