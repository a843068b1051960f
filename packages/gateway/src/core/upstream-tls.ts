import { constants, hash, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity, type DetailedPeerCertificate, type PeerCertificate } from 'node:tls';

/** How the endpoints of a service are spoken to over TLS; certificates and keys are PEM texts. */
export interface UpstreamTls {
  /** Null: those that Node.js knows. */
  readonly authorities: string | null;
  /** The name to ask for and to verify; null: the host of the endpoint. */
  readonly serverName: string | null;
  /** Null: we prove nothing. */
  readonly keyPair: { readonly certificate: string; readonly key: string } | null;
  /** SHA-256 of public keys in base64, of which the certificate or one that leads to it has one; empty: any. */
  readonly pins: readonly string[];
  /** Whether endpoints have TLS that do not say so, because they are discovered. */
  readonly isForAll: boolean;
}

/** Of services that say nothing: an endpoint with https:// or grpcs:// has to have a certificate that everybody believes. */
export const PLAIN_UPSTREAM_TLS: UpstreamTls = {
  authorities: null,
  serverName: null,
  keyPair: null,
  pins: [],
  isForAll: false,
};

/** What an endpoint with this URL is spoken to with; null: no TLS. */
export function tlsOf(tls: UpstreamTls, url: string): UpstreamTls | null {
  return tls.isForAll || /^(?:https|grpcs):/.test(url) ? tls : null;
}

/** Options of a context of Node.js: who is believed, and who we are. */
export function contextOptionsOf({ authorities, keyPair }: UpstreamTls) {
  return {
    ...(authorities !== null && { ca: authorities }),
    ...(keyPair !== null && { cert: keyPair.certificate, key: keyPair.key }),
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  } as const;
}

/** Options of a connection of Node.js to `host`. Whoever cannot prove to be it is refused, whatever the environment says. */
export function peerOptionsOf({ serverName, pins }: UpstreamTls, host: string) {
  const name = serverName ?? host;
  return {
    // Addresses are verified, but not asked for (RFC 6066 §3).
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_: string, certificate: PeerCertificate) =>
      mismatch(name, certificate) ?? unpinned(pins, certificate),
    rejectUnauthorized: true,
  };
}

/** Node.js throws for names that it cannot read, in a place where nobody could catch it. */
function mismatch(name: string, certificate: PeerCertificate): Error | undefined {
  try {
    return checkServerIdentity(name, certificate);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The longest way from a certificate to its authority that we go. */
const MOST_CERTIFICATES = 16;

/** None of the public keys on the way to the authority is one of those that the service is known by (RFC 7469 §2.6). */
function unpinned(pins: readonly string[], certificate: PeerCertificate): Error | undefined {
  if (pins.length === 0) return undefined;
  let next = certificate as Partial<DetailedPeerCertificate>;
  for (let count = 0; count < MOST_CERTIFICATES && next.raw !== undefined; count++) {
    if (pins.includes(pinOf(next.raw))) return undefined;
    if (next.issuerCertificate === undefined || next.issuerCertificate === next) break;
    next = next.issuerCertificate;
  }
  return new Error('no public key of the certificate is pinned');
}

function pinOf(certificate: Uint8Array): string {
  const { publicKey } = new X509Certificate(certificate);
  return hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'base64');
}
