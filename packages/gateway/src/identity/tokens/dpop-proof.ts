import { hash } from 'node:crypto';

import type { Exchange } from '../../core/exchange.ts';
import type { Claims } from '../../core/identity.ts';
import type { Clock } from '../../core/ports.ts';
import { Remembered } from '../../core/remembered.ts';
import type { ProofMemory } from '../../core/proof-memory.ts';
import type { DpopNonces } from './dpop-nonces.ts';
import { readJws, type Jws } from './jws.ts';
import { isUrlOf } from './request-url.ts';
import { isJsonObject, readJsonObject } from './strict-json.ts';
import { thumbprint } from './thumbprint.ts';
import type { TokenReason } from './token-refusals.ts';
import { verificationKey, type VerificationKey } from './verification-key.ts';

/** What it takes to check proofs. */
export interface ProofPorts {
  readonly clock: Clock;
  /** Shared by all threads and gateways, because a proof that one has seen may come again to another. */
  readonly replays: ProofMemory;
}

/** What a proof is to prove: that who has the key with this thumbprint uses this token. */
export interface Binding {
  readonly token: string;
  readonly jkt: string;
  /** Null: none is asked for. */
  readonly nonces: DpopNonces | null;
}

/** What a proof is worth. */
export type ProofVerdict =
  /** Unshared: nobody can tell whether another gateway has seen it. */
  | { readonly kind: 'proven'; readonly isShared: boolean; readonly isFading: boolean }
  | { readonly kind: 'refused'; readonly reason: TokenReason };

/** Judges the proof of an exchange. */
export type ProofCheck = (exchange: Exchange, binding: Binding) => Promise<ProofVerdict>;

const MAX_PROOF_LENGTH = 4096;
/** How far the clock of a client may be off, either way. */
const WINDOW_MS = 60_000;
/** A proof is remembered for longer than it is good: it must not come again in its last moment. */
const BEYOND_MS = 1000;
/** Keys of clients that a thread remembers, of a generation. */
const KEYS = 1000;

/**
 * Makes the check of DPoP proofs (RFC 9449 §4.3, §7.1 and §9): a proof is good for one request within a minute of its making,
 * and once.
 *
 * The key is compared with the one that the token is bound to before anything is computed with it: nobody has us work with
 * keys that no provider has seen.
 */
export function proofCheck({ clock, replays }: ProofPorts): ProofCheck {
  const keys = new Remembered<VerificationKey>(KEYS);

  function keyOf(jws: Jws, jkt: string): VerificationKey | null {
    const { jwk } = jws.header;
    if (!isJsonObject(jwk) || thumbprint(jwk) !== jkt) return null;
    const text = JSON.stringify(jwk);
    const known = keys.get(text);
    if (known !== undefined) return known;
    const key = verificationKey(jwk);
    if (key !== null) keys.set(text, key);
    return key;
  }

  function read(exchange: Exchange, { token, jkt, nonces }: Binding): Proof | TokenReason {
    const field = exchange.headers.getList('dpop');
    if (field === undefined) return 'proof-missing';
    const jws = field.length > MAX_PROOF_LENGTH ? 'malformed' : readJws(field);
    if (typeof jws === 'string' || jws.type !== 'dpop+jwt') return 'proof-malformed';
    const claims = proofClaims(readJsonObject(jws.payload));
    if (claims === null) return 'proof-malformed';

    const key = keyOf(jws, jkt);
    if (key === null) return 'proof-key';
    const verifies = key.verifiers.get(jws.algorithm);
    if (verifies === undefined) return 'proof-malformed';
    const nowMs = clock.epoch();
    const fault = faultOfClaims(exchange, token, claims, nowMs);
    if (fault !== null) return fault;
    const worth = nonces?.worth(claims.nonce) ?? 'good';
    if (worth === 'wrong') return 'proof-nonce';
    if (!verifies(jws.signed, jws.signature)) return 'proof-signature';

    const lifetimeMs = claims.iat * 1000 + WINDOW_MS - nowMs + BEYOND_MS;
    return { key: `${jkt} ${claims.jti}`, lifetimeMs, isFading: worth === 'fading' };
  }

  return async (exchange, binding) => {
    const proof = read(exchange, binding);
    if (typeof proof === 'string') return { kind: 'refused', reason: proof };
    const seen = await replays.note(proof.key, proof.lifetimeMs);
    if (seen === 'known') return { kind: 'refused', reason: 'proof-replayed' };
    return { kind: 'proven', isShared: seen === 'new', isFading: proof.isFading };
  };
}

/** A proof that is right, as far as itself can tell. */
interface Proof {
  /** By which it is known again. */
  readonly key: string;
  readonly lifetimeMs: number;
  readonly isFading: boolean;
}

/** What a proof says (RFC 9449 §4.2). */
interface ProofClaims {
  readonly htm: string;
  readonly htu: string;
  readonly ath: string;
  readonly jti: string;
  readonly iat: number;
  readonly nonce: unknown;
}

function proofClaims(claims: Claims | null): ProofClaims | null {
  const { htm, htu, ath = '', jti, iat, nonce } = claims ?? {};
  if (typeof htm !== 'string' || typeof htu !== 'string' || typeof ath !== 'string') return null;
  if (typeof jti !== 'string' || jti === '' || typeof iat !== 'number') return null;
  return { htm, htu, ath, jti, iat, nonce };
}

function faultOfClaims(
  exchange: Exchange,
  token: string,
  { htm, htu, ath, iat }: ProofClaims,
  nowMs: number,
): TokenReason | null {
  if (Math.abs(iat * 1000 - nowMs) > WINDOW_MS) return 'proof-time';
  if (htm !== exchange.method || !isUrlOf(exchange, htu)) return 'proof-request';
  return ath === hash('sha256', token, 'base64url') ? null : 'proof-token';
}
