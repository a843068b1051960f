import {
  constants,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
  type SignKeyObjectInput,
} from 'node:crypto';
import type { IdentityProviderConfig } from '@turnpike/config';

import type { Desk, ErrandKind, Errands, Jwk, NewsStand, ProviderNews } from '../../core/desk.ts';
import type { Exchange, ExchangeFields } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import type { Authentication, Claims, Refusal } from '../../core/identity.ts';
import type { SharedProofs } from '../../core/proof-memory.ts';
import { ReplayMemory } from '../../core/replay-memory.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { proofsSeen } from './proofs-seen.ts';
import { TokenDesk, type TokenScheme } from './token-desk.ts';

// For tests and benchmarks: tokens of all kinds, and a desk with a provider whose keys and answers are given.

/** When the clocks of the tests stand. */
export const NOW_MS = 1_800_000_000_000;
export const NOW_S = NOW_MS / 1000;

/** Every algorithm with the kind of key that it takes. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'Ed448',
] as const;

export type TestAlgorithm = (typeof ALGORITHMS)[number];

/** A key pair that signs tokens. */
export interface Signer {
  readonly algorithm: TestAlgorithm;
  readonly privateKey: KeyObject;
  /** Public. */
  readonly jwk: Jwk;
  /** A token with this payload; the header is added to `alg` and `kid`. */
  token(payload: object, header?: object): string;
  /** The same with texts, to write what no JSON writer would. */
  raw(header: string, payload: string): string;
}

const pairs = new Map<string, KeyObject>();

/** A signer; the same key for the same name and kind of key, because to make an RSA key takes long. */
export function signer(algorithm: TestAlgorithm, kid = 'k1'): Signer {
  const kind = kindOf(algorithm);
  const privateKey = pairs.get(`${kind} ${kid}`) ?? generate(kind);
  pairs.set(`${kind} ${kid}`, privateKey);
  const { kty = '', ...members } = createPublicKey(privateKey).export({ format: 'jwk' });
  const raw = (header: string, payload: string): string => {
    const signed = `${encoded(header)}.${encoded(payload)}`;
    return `${signed}.${signatureOf(algorithm, privateKey, signed).toString('base64url')}`;
  };
  const token = (payload: object, header: object = {}): string =>
    raw(JSON.stringify({ alg: algorithm, kid, ...header }), JSON.stringify(payload));
  return { algorithm, privateKey, jwk: { kty, ...members, kid, alg: algorithm }, token, raw };
}

/** Base64url of a text. */
export function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** The signature of a text, as JWS writes it. */
export function signatureOf(algorithm: string, key: KeyObject, signed: string): Buffer {
  const data = Buffer.from(signed);
  if (algorithm.startsWith('Ed')) return sign(null, data, key);
  const how: SignKeyObjectInput = { key };
  if (algorithm.startsWith('PS')) {
    Object.assign(how, {
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    });
  }
  if (algorithm.startsWith('ES')) how.dsaEncoding = 'ieee-p1363';
  return sign(`sha${algorithm.slice(2)}`, data, how);
}

function kindOf(algorithm: TestAlgorithm): string {
  if (/^[RP]S/.test(algorithm)) return 'RSA';
  return algorithm === 'EdDSA' ? 'Ed25519' : algorithm;
}

function generate(kind: string): KeyObject {
  if (kind === 'RSA') return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  if (kind === 'Ed25519') return generateKeyPairSync('ed25519').privateKey;
  if (kind === 'Ed448') return generateKeyPairSync('ed448').privateKey;
  const namedCurve = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }[kind] ?? '';
  return generateKeyPairSync('ec', { namedCurve }).privateKey;
}

/** A provider `corporate` for the audience `orders`, with all algorithms. */
export function providerConfig(fields: Partial<IdentityProviderConfig> = {}): IdentityProviderConfig {
  return {
    id: 'corporate',
    issuer: 'https://login.example.com',
    keys: { kind: 'discovery' },
    audiences: ['orders'],
    algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
    tokenType: 'any',
    clockToleranceMs: 30_000,
    dpop: 'optional',
    dpopNonce: null,
    dpopWhenStoreFails: 'deny',
    keyLifetimeMs: 600_000,
    staleKeysMs: 86_400_000,
    introspection: null,
    client: null,
    login: null,
    origin: { file: 'turnpike.yaml', line: 1, column: 1 },
    ...fields,
  };
}

/** How opaque tokens are looked up. */
export const INTROSPECTION = {
  clientId: 'gateway',
  authentication: { kind: 'basic', secret: 'secret' },
  endpoint: null,
  cacheMs: 60_000,
} as const;

/** Claims that are all right at `NOW_MS`. */
export function goodClaims(claims: object = {}): object {
  return {
    iss: 'https://login.example.com',
    sub: 'alice',
    aud: 'orders',
    exp: NOW_S + 600,
    iat: NOW_S,
    ...claims,
  };
}

/** What `desk.run` was asked for. */
export type Asked = { readonly kind: ErrandKind; readonly provider: string };

/** A desk of tokens whose surroundings a test is in charge of. */
export interface Stand {
  readonly desk: TokenDesk;
  /** In the order in which they were run. */
  readonly asked: Asked[];
  /** What comes of errands; replace it. */
  answers: {
    refresh: () => Promise<null>;
    introspect: (token: string, provider: string) => Promise<Introspection>;
  };
  /** The certificate of every client. */
  certificate: Uint8Array | null;
  /** What other gateways have seen. */
  shared: SharedProofs | null;
  pass(ms: number): void;
  /** Somebody corrects the wall clock. */
  setBack(ms: number): void;
  /** News of the keys of a provider. */
  publish(keys: readonly Jwk[] | null, id?: string): void;
  scheme(...configs: IdentityProviderConfig[]): TokenScheme;
}

export function stand(): Stand {
  let nowMs = NOW_MS;
  let behindMs = 0;
  const clock = { now: () => nowMs, epoch: () => nowMs - behindMs };
  const latest = new Map<string, ProviderNews>();
  const hearers: ((news: ProviderNews) => void)[] = [];
  const asked: Asked[] = [];
  const news = {
    latest: (_: string, id: string) => latest.get(id) ?? null,
    subscribe: (_: string, hear: (news: ProviderNews) => void) => void hearers.push(hear),
  } as unknown as NewsStand;
  const errands = {
    run: (kind: ErrandKind, asks: { provider: string; token: string }) => {
      asked.push({ kind, provider: asks.provider });
      return kind === 'introspect'
        ? introspected(surroundings.answers.introspect(asks.token, asks.provider), clock.now())
        : surroundings.answers.refresh();
    },
  } as unknown as Desk;
  const own = new ReplayMemory(ReplayMemory.allocate(1024), clock);
  const replays = proofsSeen(own, () => surroundings.shared);
  const clientCertificate = (): Uint8Array | null => surroundings.certificate;
  const desk = new TokenDesk({ clock, desk: errands, news, replays, clientCertificate });
  const surroundings: Stand = {
    desk,
    asked,
    answers: {
      refresh: () => Promise.resolve(null),
      introspect: () => Promise.resolve({ isActive: false, claims: {} }),
    },
    certificate: null,
    shared: null,
    pass: (ms) => void (nowMs += ms),
    setBack: (ms) => void (behindMs += ms),
    publish: (keys, id = 'corporate') => {
      const told = { topic: 'provider', id, keys, problem: '', learnedAtMs: nowMs } as const;
      const whole = { ...told, authorizationEndpoint: null, endSessionEndpoint: null };
      latest.set(id, whole);
      for (const hear of hearers) hear(whole);
    },
    scheme: (...configs) => desk.scheme(configs.length === 0 ? [providerConfig()] : configs),
  };
  return surroundings;
}

/** A request with these credentials. */
export function requestWith(
  authorization: string | null,
  proofs: readonly string[] = [],
  fields: Partial<ExchangeFields> = {},
): Exchange {
  const headers = headersOf(
    ['Accept', '*/*'],
    ...(authorization === null ? [] : [['Authorization', authorization] as const]),
    ...proofs.map((proof) => ['DPoP', proof] as const),
  );
  return exchangeFrom({ headers, ...fields });
}

/** What came of it: the subject, the reason of a refusal, or the kind of anything else. */
export function outcomeOf(answer: Authentication): string {
  if (answer.kind === 'identified') return `welcome ${answer.identity.subject}`;
  return answer.kind === 'refused' ? answer.reason : answer.kind;
}

/** What a scheme says to a token. */
export async function judged(scheme: TokenScheme, token: string): Promise<string> {
  return outcomeOf(await scheme.authenticate(requestWith(`Bearer ${token}`)));
}

/** The claims of who is welcome. */
export function claimsOf(answer: Authentication): Claims {
  if (answer.kind !== 'identified') throw new Error(`not identified: ${outcomeOf(answer)}`);
  return answer.identity.claims;
}

/** The refusal of who is not. */
export function refusalIn(answer: Authentication): Refusal {
  if (answer.kind !== 'refused') throw new Error(`not refused: ${answer.kind}`);
  return answer;
}

/** An answer that is good for a minute unless it says something else. */
type Introspection = Omit<Errands['introspect']['gives'], 'askAgainAtMs'> & {
  readonly askAgainAtMs?: number;
};

async function introspected(answer: Promise<Introspection>, nowMs: number) {
  return { askAgainAtMs: nowMs + 60_000, ...(await answer) };
}
