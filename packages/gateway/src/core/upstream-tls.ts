import { constants } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/** How the endpoints of a service are spoken to over TLS; certificates and keys are PEM texts. */
export interface UpstreamTls {
  /** Null: those that Node.js knows. */
  readonly authorities: string | null;
  /** The name to ask for and to verify; null: the host of the endpoint. */
  readonly serverName: string | null;
  /** Null: we prove nothing. */
  readonly keyPair: { readonly certificate: string; readonly key: string } | null;
  /** Whether endpoints have TLS that do not say so, because they are discovered. */
  readonly isForAll: boolean;
}

/** Of services that say nothing: an endpoint with https:// or grpcs:// has to have a certificate that everybody believes. */
export const PLAIN_UPSTREAM_TLS: UpstreamTls = {
  authorities: null,
  serverName: null,
  keyPair: null,
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
export function peerOptionsOf({ serverName }: UpstreamTls, host: string) {
  const name = serverName ?? host;
  return {
    // Addresses are verified, but not asked for (RFC 6066 §3).
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_: string, certificate: PeerCertificate) => mismatch(name, certificate),
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
