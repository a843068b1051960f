import { readFile } from 'node:fs/promises';
import type { GatewayConfig } from '@turnpike/config';

/** Texts of certificates and keys, by absolute path. */
export type PemTexts = ReadonlyMap<string, string>;

/** What names certificates. */
type Holders = Pick<GatewayConfig, 'listeners' | 'services'> & Partial<Pick<GatewayConfig, 'telemetry'>>;

/**
 * Reads the certificates and keys of a configuration, which has only their paths. Once for all threads, so that all have the
 * same. Rejects if one cannot be read.
 */
export async function readPems(config: Holders): Promise<PemTexts> {
  const texts = new Map<string, string>();
  for (const path of new Set(pemPaths(config))) texts.set(path, await readFile(path, 'utf8'));
  return texts;
}

/** The text of a file that was read. */
export function pemText(texts: PemTexts, path: string): string {
  const text = texts.get(path);
  if (text === undefined) throw new Error(`${path} was not read`);
  return text;
}

function pemPaths(config: Holders): string[] {
  const { listeners, services, telemetry } = config;
  const pairs = [
    ...listeners.flatMap(({ tls }) => tls?.certificates ?? []),
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
