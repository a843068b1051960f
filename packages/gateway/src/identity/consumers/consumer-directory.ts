import type { Clock } from '../../core/ports.ts';
import { basicLookup } from './basic-lookup.ts';
import { certificateLookup } from './certificate-lookup.ts';
import type { ConsumersData } from './compile-consumers.ts';
import { consumerIdentity, type IdentityOf } from './consumer-identity.ts';
import { recordReader } from './consumer-records.ts';
import type { BasicCredentials, Consumers, Lookup } from './consumers.ts';
import type { IssuedKeys } from './issued-keys.ts';
import { keyLookup } from './key-lookup.ts';
import { PasswordChecks } from './password-checks.ts';

/**
 * The consumers of one snapshot. What it remembers of keys and certificates goes with it; the checks of passwords are the
 * thread's, so that they outlast a reload.
 */
export class ConsumerDirectory implements Consumers {
  readonly byKey: Lookup<string>;
  readonly byBasic: Lookup<BasicCredentials>;
  readonly byCertificate: Lookup<Uint8Array>;

  constructor(
    data: ConsumersData,
    clock: Clock,
    { checks = new PasswordChecks(clock), issued = null }: DirectoryParts = {},
  ) {
    const recordOf = recordReader(data.records, data.count);
    const identityOf: IdentityOf = (consumer, ...proof) => consumerIdentity(recordOf(consumer), ...proof);
    this.byKey = keyLookup({ ...data, issued }, identityOf, clock);
    this.byBasic = basicLookup(data.passwords, identityOf, checks);
    this.byCertificate = certificateLookup(data.certificates, identityOf, clock);
  }
}

/** What outlasts a snapshot. */
export interface DirectoryParts {
  readonly checks?: PasswordChecks;
  /** Null: none are ever issued. */
  readonly issued?: { readonly current: IssuedKeys | null } | null;
}
