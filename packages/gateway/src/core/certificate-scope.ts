import type { Exchange } from './exchange.ts';

/** By the certificate of a connection, which is one array for all its requests: for which hosts its client proved itself. */
const scopes = new WeakMap<Uint8Array, (host: string) => boolean>();

/** On the connection of this client certificate only these hosts may be asked. Whoever ends TLS says it, once. */
export function limitToHosts(certificate: Uint8Array, isMeant: (host: string) => boolean): void {
  scopes.set(certificate, isMeant);
}

/**
 * Whether a client that proved itself under one name asks for another, which is shown another certificate and may be meant for
 * other people (RFC 9110 §7.4). A trusted proxy that speaks for its clients asks for all of their names.
 */
export function isMisdirected({
  clientCertificate,
  host,
  fromTrustedProxy,
  arrival,
}: Pick<Exchange, 'clientCertificate' | 'host' | 'fromTrustedProxy' | 'arrival'>): boolean {
  if (clientCertificate === null || (fromTrustedProxy && arrival.forwardedClientCert)) return false;
  return scopes.get(clientCertificate)?.(host) === false;
}
