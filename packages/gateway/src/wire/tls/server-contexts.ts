import { constants, X509Certificate } from 'node:crypto';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import type { TlsSettings } from './tls-settings.ts';

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
  return certificates.map(({ certificate, key }) => ({
    cert: certificate,
    key,
    ...(clientCertificates !== null && { ca: clientCertificates.authorities }),
    minVersion,
    maxVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    ecdhCurve: 'auto',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  }));
}

/** Chooses by the name that the client asks for: an exact one goes before a wildcard. Undefined: the default. */
export function contextsByName(
  certificates: readonly { readonly names: readonly string[]; readonly context: SecureContext }[],
): (serverName: string) => SecureContext | undefined {
  const byName = new Map<string, SecureContext>();
  for (const { names, context } of certificates)
    for (const name of names) if (!byName.has(name)) byName.set(name, context);

  return (serverName) => {
    const name = serverName.toLowerCase().replace(/\.$/, '');
    // A star stands for one label (RFC 9525 §6.3).
    return byName.get(name) ?? byName.get(`*${name.slice(name.indexOf('.'))}`);
  };
}

/** The host names on the first certificate of a PEM text, in lower case. Names in its subject count no more (RFC 9525 §2). */
export function namesOf(pem: string): string[] {
  const names = new X509Certificate(pem).subjectAltName ?? '';
  return names
    .split(', ')
    .filter((name) => name.startsWith('DNS:'))
    .map((name) => name.slice('DNS:'.length).toLowerCase());
}
