import { hash } from 'node:crypto';

import type { Exchange } from '../../core/exchange.ts';
import type { Confirmation } from './confirmation.ts';
import type { TokenCredential } from './credential.ts';
import { proofCheck, type ProofPorts } from './dpop-proof.ts';
import type { Provider } from './provider.ts';
import { refusal, unavailable } from './token-refusals.ts';
import type { Refusal } from '../../core/identity.ts';

/** What it takes to check that a token belongs to who presents it. */
export interface PossessionPorts extends ProofPorts {
  /** The certificate with which the client has proven itself, in DER; null without one. */
  readonly clientCertificate: (exchange: Exchange) => Uint8Array | null;
}

/** A token that somebody presents. */
export interface Presented extends TokenCredential {
  readonly confirmation: Confirmation | null;
  readonly provider: Provider;
}

/** Whether a token belongs to who presents it. */
export type Possession =
  /** With the nonce for the next proof, where the client has to know another one; else `''`. */
  { readonly kind: 'proven'; readonly nonce: string } | Refusal;

/** Judges how a token is presented. */
export type PossessionCheck = (exchange: Exchange, presented: Presented) => Promise<Possession>;

/**
 * Makes the check of sender-constrained tokens. A token that is bound to a key must come as `DPoP` with a proof, and one
 * that is not must not: else a client, or who stole its token, could choose the weaker way (RFC 9449 §7.1 and §7.2).
 */
export function possessionCheck(ports: PossessionPorts): PossessionCheck {
  const check = proofCheck(ports);

  async function proven(
    exchange: Exchange,
    { token, provider }: Presented,
    jkt: string,
  ): Promise<Possession> {
    const { nonces, config } = provider;
    const verdict = await check(exchange, { token, jkt, nonces });
    if (verdict.kind === 'refused') {
      const refused = refusal(verdict.reason);
      return verdict.reason === 'proof-nonce' ? { ...refused, nonce: nonces?.current ?? '' } : refused;
    }
    if (!verdict.isShared && config.dpopWhenStoreFails === 'deny')
      return unavailable('replays-unavailable', config.id);
    return verdict.isFading ? { kind: 'proven', nonce: nonces?.current ?? '' } : PROVEN;
  }

  return async (exchange, presented) => {
    const { scheme, confirmation } = presented;
    const { certificate = null, jkt = null } = confirmation ?? {};
    if (certificate !== null && certificate !== digestOf(ports.clientCertificate(exchange)))
      return refusal('certificate', scheme);
    if (jkt === null) return scheme === 'DPoP' ? refusal('unbound') : PROVEN;
    return scheme === 'DPoP' ? proven(exchange, presented, jkt) : refusal('bound-as-bearer');
  };
}

const PROVEN: Possession = { kind: 'proven', nonce: '' };

/** RFC 8705 §3.1. */
function digestOf(certificate: Uint8Array | null): string | null {
  return certificate === null ? null : hash('sha256', certificate, 'base64url');
}
