import { hash } from 'node:crypto';
import type { AcmeCertificateConfig } from '@turnpike/config';

/** Names of everything that belongs to one certificate in a storage. Another set of names is another certificate. */
export interface StorageNames {
  readonly certificate: string;
  readonly attempts: string;
  readonly challenges: string;
  readonly lock: string;
  /** Shared by all certificates of one person at one authority. */
  readonly account: string;
}

/** What a certificate is called, here and by every gateway that shares a storage. */
export function certificateId({
  directory,
  domains,
}: Pick<AcmeCertificateConfig, 'directory' | 'domains'>): string {
  return hash('sha256', JSON.stringify([directory, [...domains].sort()])).slice(0, ID_CHARACTERS);
}

/** Where its parts are. */
export function storageNames(config: AcmeCertificateConfig): StorageNames {
  const id = certificateId(config);
  const holder = JSON.stringify([config.directory, config.email, config.eab?.keyId ?? null]);
  return {
    certificate: `certificate-${id}`,
    attempts: `attempts-${id}`,
    challenges: `challenges-${id}`,
    lock: `lock-${id}`,
    account: `account-${hash('sha256', holder).slice(0, ID_CHARACTERS)}`,
  };
}

const ID_CHARACTERS = 24;
