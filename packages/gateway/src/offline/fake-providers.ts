import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { IdentityProviderConfig, JwsAlgorithm } from '@turnpike/config';
import type { Jwk, ProviderNews } from '../core/desk.ts';
import type { Claims } from '../core/identity.ts';
import type { Clock } from '../core/ports.ts';

/** How long a token is good, unless its claims say otherwise. */
const LIFETIME_S = 300;

/** Claims as a test writes them: what is null is left out of the token. */
export type WantedClaims = Readonly<Record<string, unknown>>;

/** A provider that is played: its configuration, and a key pair that was made for it. */
interface Played {
  readonly config: IdentityProviderConfig;
  readonly algorithm: JwsAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: Jwk;
}

/** Plays all identity providers of a configuration, with keys that nobody else has. */
export class FakeProviders {
  readonly #clock: Clock;
  readonly #played: ReadonlyMap<string, Played>;
  /** What opaque tokens stand for. */
  readonly #opaque = new Map<string, Claims>();

  constructor(configs: readonly IdentityProviderConfig[], clock: Clock) {
    this.#clock = clock;
    this.#played = new Map(configs.map((config) => [config.id, play(config)]));
  }

  /** What the gateway has learned of them. */
  get news(): ProviderNews[] {
    return Array.from(this.#played.values(), ({ config: { id, issuer }, publicKey }) => ({
      topic: 'provider',
      id,
      keys: [publicKey],
      authorizationEndpoint: `${issuer}/authorize`,
      endSessionEndpoint: `${issuer}/logout`,
      problem: '',
      learnedAtMs: this.#clock.epoch(),
    }));
  }

  /** A token that the provider has signed now. Throws for one that is not in the configuration. */
  token(provider: string, wanted: WantedClaims = {}): string {
    const { config, algorithm, privateKey, publicKey } = this.#of(provider);
    const type = config.tokenType === 'any' ? 'JWT' : 'at+jwt';
    const head = base64url({ alg: algorithm, typ: type, kid: publicKey.kid });
    const input = `${head}.${base64url(this.#claims(config, wanted))}`;
    const key = { key: privateKey, dsaEncoding: 'ieee-p1363', ...paddingOf(algorithm) } as const;
    return `${input}.${sign(digestOf(algorithm), Buffer.from(input), key).toString('base64url')}`;
  }

  /** A token that only the provider can read (RFC 7662). */
  opaqueToken(provider: string, wanted: WantedClaims = {}): string {
    const claims = this.#claims(this.#of(provider).config, wanted);
    const token = `opaque-${this.#opaque.size + 1}`;
    this.#opaque.set(token, claims);
    return token;
  }

  /** What the provider says of an opaque token. */
  introspect(token: string) {
    const claims = this.#opaque.get(token);
    const nowMs = this.#clock.epoch();
    const expiryMs = Number(claims?.['exp'] ?? 0) * 1000;
    const isActive = claims !== undefined && expiryMs > nowMs;
    const leftMs = isActive ? expiryMs - nowMs : 0;
    return { isActive, claims: claims ?? {}, askAgainAtMs: this.#clock.now() + leftMs };
  }

  #of(provider: string): Played {
    const found = this.#played.get(provider);
    if (found === undefined) throw new Error(`there is no identity provider ${provider}`);
    return found;
  }

  #claims({ issuer, audiences }: IdentityProviderConfig, wanted: WantedClaims): Claims {
    const nowS = Math.floor(this.#clock.epoch() / 1000);
    const all = {
      iss: issuer,
      sub: 'somebody',
      ...(audiences[0] !== undefined && { aud: audiences[0] }),
      client_id: 'a-client',
      iat: nowS,
      exp: nowS + LIFETIME_S,
      jti: `token-${nowS}`,
      ...wanted,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
  }
}

function play(config: IdentityProviderConfig): Played {
  const algorithm = QUICK.find((one) => config.algorithms.includes(one)) ?? config.algorithms[0] ?? 'ES256';
  const { privateKey, publicKey } = keysFor(algorithm);
  const id = { alg: algorithm, kid: `offline-${config.id}`, use: 'sig' };
  return { config, algorithm, privateKey, publicKey: { ...jwkOf(publicKey), ...id } };
}

/** A pair of RSA takes a tenth of a second. */
const QUICK: readonly JwsAlgorithm[] = ['ES256', 'EdDSA', 'ES384', 'ES512'];

const CURVES: Readonly<Partial<Record<JwsAlgorithm, string>>> = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
};

function keysFor(algorithm: JwsAlgorithm): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  const namedCurve = CURVES[algorithm];
  if (namedCurve !== undefined) return generateKeyPairSync('ec', { namedCurve });
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function jwkOf(key: KeyObject): Jwk {
  const { kty = '', ...members } = key.export({ format: 'jwk' });
  return { kty, ...members };
}

function digestOf(algorithm: JwsAlgorithm): string | null {
  return algorithm === 'EdDSA' ? null : `sha${algorithm.slice(2)}`;
}

/** RFC 7518 §3.5: the salt is as long as the digest. */
function paddingOf(algorithm: JwsAlgorithm): object {
  return algorithm.startsWith('PS') ? { padding: RSA_PSS, saltLength: RSA_SALT_DIGEST } : {};
}

const RSA_PSS = constants.RSA_PKCS1_PSS_PADDING;
const RSA_SALT_DIGEST = constants.RSA_PSS_SALTLEN_DIGEST;

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
