// What tokens cost. Run: node packages/gateway/src/identity/tokens/tokens.bench.ts
import { hash } from 'node:crypto';

import { Remembered } from '../../core/remembered.ts';
import { ReplayMemory } from '../../core/replay-memory.ts';
import type { TokenScheme } from './token-desk.ts';
import {
  goodClaims,
  NOW_S,
  requestWith,
  signer,
  stand,
  type Signer,
  type TestAlgorithm,
} from './tokens-testing.ts';

const CLAIMS = goodClaims({
  scope: 'openid profile orders:read orders:write',
  azp: 'web',
  realm_access: { roles: ['staff', 'admin', 'offline_access'] },
  name: 'Alice Liddell',
  email: 'alice@example.com',
});

/** Best of some rounds, in microseconds. */
async function best(times: number, work: (i: number) => unknown): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    for (let i = 0; i < times; i++) {
      const result = work(i);
      if (result instanceof Promise) await result;
    }
    best = Math.min(best, ((performance.now() - start) * 1000) / times);
  }
  return best;
}

async function report(name: string, times: number, work: (i: number) => unknown): Promise<void> {
  process.stdout.write(`${name}: ${(await best(times, work)).toFixed(2)} µs\n`);
}

/** Tokens of which none was seen before: each round begins with a desk that remembers nothing. */
async function verifications(algorithm: TestAlgorithm): Promise<void> {
  const key = signer(algorithm);
  const requests = Array.from({ length: 1000 }, (_, i) =>
    requestWith(`Bearer ${key.token({ ...CLAIMS, jti: `token-${i}` })}`),
  );
  let route = stand().scheme();
  await report(`${algorithm} first`, requests.length, (i) => {
    if (i === 0) route = routeThatKnows(key);
    return requests[i] === undefined ? null : route.authenticate(requests[i]);
  });
}

function routeThatKnows({ jwk }: Signer): TokenScheme {
  const { publish, scheme } = stand();
  publish([jwk]);
  return scheme();
}

/** Each request has its own string, as it comes from the wire. */
async function repeats(): Promise<void> {
  const key = signer('RS256');
  const route = routeThatKnows(key);
  const field = `Bearer ${key.token(CLAIMS)}`;
  await route.authenticate(requestWith(field));
  const requests = Array.from({ length: 10_000 }, () => requestWith(Buffer.from(field).toString()));
  const head = `GET / HTTP/1.1\r\nAuthorization: ${field}\r\n\r\n`;
  const heads = Array.from({ length: 10_000 }, () => {
    const text = Buffer.from(head).toString('latin1');
    return requestWith(text.slice(31, 31 + field.length));
  });
  process.stdout.write(`a token of ${field.length - 7} characters\n`);
  let i = 0;
  await report('repeated, its text is new', 2000, () => route.recall(requests[i++ % 10_000] ?? heads[0]!));
  i = 0;
  await report('repeated, cut from its head', 2000, () => route.recall(heads[i++ % 10_000] ?? heads[0]!));
  await report('repeated on a connection that repeats its fields', 100_000, () => route.recall(requests[0]!));
  const bySha = new Remembered<object>(10_000);
  bySha.set(hash('sha256', field, 'base64url'), {});
  i = 0;
  await report('the same with SHA-256 as the key', 2000, () =>
    bySha.get(hash('sha256', requests[i++ % 10_000]?.headers.get('authorization') ?? '', 'base64url')),
  );
}

async function proofs(): Promise<void> {
  const clock = { now: () => performance.now(), epoch: () => performance.now() };
  const replays = new ReplayMemory(ReplayMemory.allocate(1 << 20), clock);
  let jti = 0;
  await report('ReplayMemory.isNew', 50_000, () => replays.isNew(`proof-${jti++}`, 120_000));
}

for (const algorithm of ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const) {
  await verifications(algorithm);
}
const expired = signer('RS256').token({ ...CLAIMS, exp: NOW_S - 3600 });
const route = stand().scheme();
await report('expired', 5000, () => route.authenticate(requestWith(`Bearer ${expired}`)));
await repeats();
await proofs();
