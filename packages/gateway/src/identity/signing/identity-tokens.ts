import { randomUUID } from 'node:crypto';
import type { NewsStand, SigningNews } from '../../core/desk.ts';
import type { Identity } from '../../core/identity.ts';
import type { Clock } from '../../core/ports.ts';
import { signerOf } from './signing-key.ts';

/** How long a token is good. */
const LIFETIME_S = 60;
/** How long one is sent again and again: a service that gets it last still has half a minute. */
const REUSE_MS = 30_000;

/** A token that was signed. */
interface SignedToken {
  readonly token: string;
  readonly signedAtMs: number;
}

/** Makes a token of its claims. */
type Sign = (claims: object) => string;

/**
 * Tells services who is calling, in tokens that they can verify (RFC 7519). A token is for one service and good for a
 * minute; it is kept with the identity, so that a caller who comes often costs two signatures a minute.
 */
export class IdentityTokens {
  readonly #clock: Clock;
  #sign: Sign | null = null;
  /** By identity and service; forgotten with the identity. */
  readonly #signed = new WeakMap<Identity, Map<string, SignedToken>>();

  constructor(news: NewsStand, clock: Clock) {
    this.#clock = clock;
    const latest = news.latest('signing-key', '');
    if (latest !== null) this.#sign = signing(latest);
    news.subscribe('signing-key', (next) => (this.#sign = signing(next)));
  }

  /** A token for the service, or null as long as there is no key. */
  token(identity: Identity, service: string): string | null {
    const nowMs = this.#clock.epoch();
    const before = this.#signed.get(identity)?.get(service);
    if (before !== undefined && isOfNow(before, nowMs)) return before.token;
    if (this.#sign === null) return null;
    const token = this.#sign(claimsOf(identity, service, nowMs));
    this.#keep(identity, service, { token, signedAtMs: nowMs });
    return token;
  }

  #keep(identity: Identity, service: string, signed: SignedToken): void {
    let tokens = this.#signed.get(identity);
    if (tokens === undefined) this.#signed.set(identity, (tokens = new Map()));
    tokens.set(service, signed);
  }
}

/** A clock that was set back would make tokens that are not good yet. */
function isOfNow({ signedAtMs }: SignedToken, nowMs: number): boolean {
  return nowMs >= signedAtMs && nowMs - signedAtMs < REUSE_MS;
}

function signing({ key }: SigningNews): Sign {
  const signature = signerOf(key);
  const header = base64url({ alg: key.alg, typ: 'JWT', kid: key.kid });
  return (claims) => {
    const input = `${header}.${base64url(claims)}`;
    return `${input}.${signature(input)}`;
  };
}

/** What there is nothing to say of is left out. */
function claimsOf(identity: Identity, service: string, nowMs: number): object {
  const { subject, provider, consumer, clientId, scopes, plan } = identity;
  const issuedAtS = Math.floor(nowMs / 1000);
  return {
    iss: 'turnpike',
    sub: subject,
    aud: service,
    iat: issuedAtS,
    exp: issuedAtS + LIFETIME_S,
    jti: randomUUID(),
    provider,
    ...(consumer !== '' && { consumer }),
    ...(clientId !== '' && { client_id: clientId }),
    ...(scopes.length > 0 && { scope: scopeClaim(scopes) }),
    ...(plan !== '' && { plan }),
  };
}

/** One with a space in it is no scope (RFC 6749 §3.3), and would be read as two. */
function scopeClaim(scopes: readonly string[]): string {
  return scopes.filter((scope) => !scope.includes(' ')).join(' ');
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
