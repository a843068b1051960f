import { readFile } from 'node:fs/promises';
import { certificateKey, type GatewayConfig, type KeyPairFiles } from '@turnpike/config';
import type { PemTexts } from './pem-texts.ts';

/** What names certificates. */
type Holders = Pick<GatewayConfig, 'listeners' | 'services'> &
  Partial<Pick<GatewayConfig, 'telemetry' | 'certificates'>>;

/**
 * Reads the certificates and keys of a configuration, which has only their paths. Once for all threads, so that all have the
 * same. Rejects if one cannot be read.
 */
export async function readPems(config: Holders): Promise<PemTexts> {
  const texts = new Map<string, string>();
  for (const path of new Set(pemPaths(config))) texts.set(path, await readFile(path, 'utf8'));
  for (const path of new Set(revocationPaths(config))) texts.set(path, revocationLists(await readFile(path)));
  for (const { id, certificate, key } of config.certificates ?? []) {
    const places = placesOfTexts(id);
    texts.set(places.certificate.path, certificate).set(places.keyFile, key);
  }
  return texts;
}

/** Where a pair is that stands in the configuration itself: beside those of files, so that threads need not tell them apart. */
export function placesOfTexts(id: string): KeyPairFiles {
  const path = certificateKey(id);
  return { certificate: { path, digest: '' }, keyFile: `${path}:key` };
}

function pemPaths(config: Holders): string[] {
  const { listeners, services, telemetry } = config;
  const pairs = [
    ...listeners.flatMap(({ tls }) => (tls?.certificates ?? []).filter((one) => one.kind === 'files')),
    ...services.flatMap(({ tls }) => tls?.keyPair ?? []),
  ];
  const authorities = [
    ...listeners.flatMap(({ tls }) => tls?.clientCertificates?.authorities ?? []),
    ...services.flatMap(({ tls }) => tls?.authorities ?? []),
    ...[telemetry?.otlp.authorities ?? []].flat(),
  ];
  return [
    ...pairs.flatMap(({ certificate, keyFile }) => [certificate.path, keyFile]),
    ...authorities.map(({ path }) => path),
  ];
}

function revocationPaths({ listeners }: Pick<GatewayConfig, 'listeners'>): string[] {
  return listeners.flatMap(({ tls }) => tls?.clientCertificates?.revocations?.path ?? []);
}

/** Lists in PEM, which is all that Node.js takes; a file may also hold one in DER. */
function revocationLists(bytes: Buffer): string {
  if (bytes.includes('-----BEGIN X509 CRL-----')) return bytes.toString('latin1');
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n`;
}
