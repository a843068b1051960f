import { constants, X509Certificate } from 'node:crypto';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import type { TlsCertificate, TlsSettings } from './tls-settings.ts';

/** With authentication and forward secrecy (RFC 9325 §4.2); the fastest first, because nobody has broken any of them. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** The options of the contexts of a listener, in the order of its certificates. Throws for what OpenSSL does not take. */
export function contextOptions(settings: TlsSettings): SecureContextOptions[] {
  const { certificates, minVersion, clientCertificates } = settings;
  return certificates.map((one) => ({
    ...(one.kind === 'here' && { cert: one.certificate, key: one.key }),
    ...(clientCertificates !== null && {
      ca: clientCertificates.authorities,
      ...(clientCertificates.revocations !== null && { crl: clientCertificates.revocations }),
    }),
    minVersion,
    maxVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    ecdhCurve: 'auto',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  }));
}

/**
 * Chooses by the name that the client asks for: an exact one goes before a wildcard. `'default'`: no certificate has the name;
 * `'none'`: only one that is still being fetched, and to show another would only puzzle people.
 */
export function contextsByName(
  certificates: readonly { readonly one: TlsCertificate; readonly context: SecureContext }[],
): (serverName: string) => SecureContext | 'default' | 'none' {
  const byName = new Map<string, SecureContext | 'none'>();
  for (const { one, context } of certificates) {
    if (one.kind === 'coming') continue;
    for (const name of namesOf(one.certificate)) if (!byName.has(name)) byName.set(name, context);
  }
  const find = (name: string) =>
    // A star stands for one label (RFC 9525 §6.3).
    byName.get(name) ?? byName.get(`*${name.slice(name.indexOf('.'))}`);
  for (const { one } of certificates)
    if (one.kind === 'coming')
      for (const name of one.names) if (find(name) === undefined) byName.set(name, 'none');
  const other = certificates[0]?.one.kind === 'here' ? 'default' : 'none';

  return (serverName) => find(serverName.toLowerCase().replace(/\.$/, '')) ?? other;
}

/** The host names on the first certificate of a PEM text, in lower case. Names in its subject count no more (RFC 9525 §2). */
export function namesOf(pem: string): string[] {
  const names = new X509Certificate(pem).subjectAltName ?? '';
  return names
    .split(', ')
    .filter((name) => name.startsWith('DNS:'))
    .map((name) => name.slice('DNS:'.length).toLowerCase());
}
