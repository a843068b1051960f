// Two gateways on one Redis: a proof of possession that one has seen is of no use at the other.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { redisServer, withoutRedis, type RedisServer } from '@turnpike/testkit/redis-server';
import { thumbprint } from '../../src/identity/tokens/thumbprint.ts';
import { signer } from '../../src/identity/tokens/tokens-testing.ts';
import type { Supervisor } from '../../src/main.ts';
import { ask, onSite, saying, until, type Answer } from '../threads/fixture.ts';

const ISSUER = signer('RS256');
const CLIENT = signer('ES256', 'client');
const HOST = 'api.example.com';
const SECRET = 'a secret that all gateways have in common';

function tokenOf(): string {
  const exp = Math.floor(Date.now() / 1000) + 600;
  const cnf = { jkt: thumbprint(CLIENT.jwk) };
  return ISSUER.token({ iss: 'https://login.example.com', sub: 'alice', aud: 'orders', exp, cnf });
}

function proofFor(token: string, more: object = {}): string {
  const { kid: _, ...jwk } = CLIENT.jwk;
  const ath = createHash('sha256').update(token).digest('base64url');
  const iat = Math.floor(Date.now() / 1000);
  const claims = { jti: randomUUID(), htm: 'GET', htu: `http://${HOST}/mine`, iat, ath, ...more };
  return CLIENT.token(claims, { typ: 'dpop+jwt', kid: undefined, jwk });
}

function sectionsFor(redis: RedisServer, provider: object) {
  const corporate = {
    issuer: 'https://login.example.com',
    audiences: ['orders'],
    jwks: './keys.json',
    ...provider,
  };
  return {
    runtime: { threads: 1, drainTimeout: '5s' },
    stores: { redis: { url: redis.url, timeout: '2s' } },
    identityProviders: { corporate },
    routes: {
      mine: {
        match: { path: '/mine' },
        respond: { status: 200, body: 'mine' },
        policies: { authenticate: { with: 'corporate' } },
      },
    },
  };
}

function call(gateway: Supervisor, token: string, proof: string): Promise<Answer> {
  const headers = { host: HOST, authorization: `DPoP ${token}`, dpop: proof };
  return ask(gateway.ports.get('web'), '/mine', { headers });
}

const codeOf = ({ status, headers, body }: Answer): string =>
  status === 200
    ? body
    : `${status} ${/error="(\w+)"/.exec(String(headers['www-authenticate']))?.[1] ?? ''}`.trim();

describe('proofs of possession', { skip: withoutRedis(), timeout: 120_000 }, () => {
  it('are used once in all gateways together, and not at all while nobody can tell', async () => {
    await using redis = await redisServer();
    await onSite(saying('', sectionsFor(redis, {})), async ({ directory, start }) => {
      await writeFile(join(directory, 'keys.json'), JSON.stringify({ keys: [ISSUER.jwk] }));
      const [one, other] = [await start(), await start()];
      const token = tokenOf();
      for (const gateway of [one, other])
        await until(async () => (await call(gateway, token, proofFor(token))).status === 200);
      const proof = proofFor(token);
      assert.equal(codeOf(await call(one, token, proof)), 'mine');
      for (const gateway of [other, one, other])
        assert.equal(codeOf(await call(gateway, token, proof)), '401 invalid_dpop_proof');
      assert.equal(codeOf(await call(other, token, proofFor(token))), 'mine');
      // Only digests are there.
      assert.doesNotMatch(await redis.cli('KEYS', '*'), new RegExp(thumbprint(CLIENT.jwk) ?? assert.fail()));

      await redis.kill();
      const { status, headers } = await call(one, token, proofFor(token));
      assert.deepEqual([status, headers['retry-after']], [503, '1']);
      await redis.restart();
      await until(async () => (await call(one, token, proofFor(token))).status === 200);
    });
  });

  it('go on in each gateway alone if that is wanted, and carry nonces that all gateways know', async () => {
    await using redis = await redisServer();
    const provider = { dpopWhenStoreFails: 'local', dpopNonce: { secret: SECRET } };
    await onSite(saying('', sectionsFor(redis, provider)), async ({ directory, start }) => {
      await writeFile(join(directory, 'keys.json'), JSON.stringify({ keys: [ISSUER.jwk] }));
      const [one, other] = [await start(), await start()];
      await redis.kill();
      const token = tokenOf();
      const first = await call(one, token, proofFor(token));
      assert.equal(codeOf(first), '401 use_dpop_nonce');
      assert.equal(first.headers['cache-control'], 'no-store');
      const proof = proofFor(token, { nonce: first.headers['dpop-nonce'] });
      assert.equal(codeOf(await call(other, token, proof)), 'mine');
      assert.equal(codeOf(await call(other, token, proof)), '401 invalid_dpop_proof');
      assert.equal(codeOf(await call(one, token, proofFor(token))), '401 use_dpop_nonce');
    });
  });
});
