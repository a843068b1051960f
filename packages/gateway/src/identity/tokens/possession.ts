import { hash } from 'node:crypto';

import type { Exchange } from '../../core/exchange.ts';
import type { Confirmation } from './confirmation.ts';
import type { TokenCredential } from './credential.ts';
import { proofCheck, type ProofPorts } from './dpop-proof.ts';
import type { TokenReason } from './token-refusals.ts';

/** What it takes to check that a token belongs to who presents it. */
export interface PossessionPorts extends ProofPorts {
  /** The certificate with which the client has proven itself, in DER; null without one. */
  readonly clientCertificate: (exchange: Exchange) => Uint8Array | null;
}

/** What is wrong with how a token is presented that is bound to this, or null. */
export type PossessionCheck = (
  exchange: Exchange,
  credential: TokenCredential,
  confirmation: Confirmation | null,
) => TokenReason | null;

/**
 * Makes the check of sender-constrained tokens. A token that is bound to a key must come as `DPoP` with a proof, and one
 * that is not must not: else a client, or who stole its token, could choose the weaker way (RFC 9449 §7.1 and §7.2).
 */
export function possessionCheck(ports: PossessionPorts): PossessionCheck {
  const faultOfProof = proofCheck(ports);

  return (exchange, { scheme, token }, confirmation) => {
    const { certificate = null, jkt = null } = confirmation ?? {};
    if (certificate !== null && certificate !== digestOf(ports.clientCertificate(exchange))) {
      return 'certificate';
    }
    if (jkt === null) return scheme === 'DPoP' ? 'unbound' : null;
    return scheme === 'DPoP' ? faultOfProof(exchange, token, jkt) : 'bound-as-bearer';
  };
}

/** RFC 8705 §3.1. */
function digestOf(certificate: Uint8Array | null): string | null {
  return certificate === null ? null : hash('sha256', certificate, 'base64url');
}
