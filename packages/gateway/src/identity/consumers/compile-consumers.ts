import { hash } from 'node:crypto';
import type { ClientCertificateConfig, ConsumerConfig } from '@turnpike/config';
import { canonicalName } from '../distinguished-name.ts';
import { canonicalAlternativeName } from '../subject-alt-names.ts';
import { writeRecords } from './consumer-records.ts';
import { writeNames } from './issued-keys.ts';
import { SameKey, writeKeyTable, type KeyEntry } from './key-table.ts';
import { readPassword } from './password-hash.ts';

/**
 * Consumers in the form in which they cross to the data threads; they are known by their numbers. Of API keys only digests
 * are left. What there may be a hundred thousand of is in shared memory.
 */
export interface ConsumersData {
  readonly count: number;
  /** `writeRecords`. */
  readonly records: SharedArrayBuffer;
  /** `writeKeyTable`. */
  readonly keys: SharedArrayBuffer;
  /** `writeNames`, by which keys are found that were issued. */
  readonly names: SharedArrayBuffer;
  readonly passwords: readonly PasswordData[];
  readonly certificates: readonly CertificateData[];
}

/** A user name and its password as it stands in the configuration: in plain text, or a PHC string. */
export interface PasswordData {
  readonly username: string;
  readonly password: string;
  readonly consumer: number;
}

/** Which certificates are a consumer's; names are canonical. */
export interface CertificateData extends ClientCertificateConfig {
  readonly consumer: number;
}

const DIGEST_PREFIX = 'sha256:';

/**
 * Prepares the consumers of a valid configuration: the supervisor's part, off the request path.
 *
 * Throws for what the checks of the configuration, which hash nothing, cannot see: two consumers with the same key, one of
 * them as a digest; a password hash that costs too much; a name in a certificate that is none.
 */
export function compileConsumers(configs: readonly ConsumerConfig[]): ConsumersData {
  return {
    count: configs.length,
    records: writeRecords(configs),
    keys: compileKeys(configs),
    names: writeNames(configs.map(({ id }) => id)),
    passwords: configs.flatMap(passwordsOf),
    certificates: configs.flatMap(certificatesOf),
  };
}

function compileKeys(configs: readonly ConsumerConfig[]): SharedArrayBuffer {
  try {
    return writeKeyTable(configs.flatMap(keysOf));
  } catch (error) {
    if (!(error instanceof SameKey)) throw error;
    const [owner, other] = [configs[error.owner]?.id, configs[error.other]?.id];
    throw new Error(`Consumers ${owner} and ${other} have the same key`, { cause: error });
  }
}

function keysOf({ keys }: ConsumerConfig, consumer: number): KeyEntry[] {
  return keys.map(({ key, expiresAtMs }) => ({
    digest: digestOf(key),
    expiresAtMs: expiresAtMs ?? Infinity,
    consumer,
  }));
}

function digestOf(key: string): Buffer {
  if (!key.startsWith(DIGEST_PREFIX)) return hash('sha256', key, 'buffer');
  return Buffer.from(key.slice(DIGEST_PREFIX.length), 'hex');
}

function passwordsOf({ id, basic }: ConsumerConfig, consumer: number): PasswordData[] {
  return basic.map(({ username, password }) => {
    try {
      readPassword(password);
    } catch (error) {
      throw new Error(`Consumer ${id}: the password of ${username} is not usable`, { cause: error });
    }
    return { username, password, consumer };
  });
}

function certificatesOf({ id, certificates }: ConsumerConfig, consumer: number): CertificateData[] {
  return certificates.map((one) => canonicalCertificate(one, { id: `Consumer ${id}`, consumer }));
}

/** What tells a certificate, with its names as certificates are compared. Throws if a name is none; `id` is for people. */
export function canonicalCertificate(
  { subject, san, fingerprint }: ClientCertificateConfig,
  { id, consumer }: { readonly id: string; readonly consumer: number },
): CertificateData {
  const name = subject === null ? null : canonicalName(subject);
  if (subject !== null && name === null)
    throw new Error(`${id}: the subject of a certificate is no distinguished name`);
  return { subject: name, san: san === null ? null : canonicalAlternativeName(san), fingerprint, consumer };
}
