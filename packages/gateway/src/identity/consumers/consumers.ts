import type { Authentication, Identity } from '../../core/identity.ts';

/** A user name and a password (RFC 7617). */
export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

/** Finds consumers by one kind of credentials. */
export interface Lookup<Credentials> {
  /** Whether any consumer has such credentials, so that it makes sense to offer them. */
  readonly isUsed: boolean;
  /** Whose these are, if that was found out before and still holds; else null. */
  recall(credentials: Credentials): Identity | null;
  /** Whose these are, or why they are nobody's. Never anonymous. */
  find(credentials: Credentials): Promise<Authentication>;
}

/** The callers that we keep credentials for: from the configuration, later from a database as well. */
export interface Consumers {
  /** By API key. */
  readonly byKey: Lookup<string>;
  readonly byBasic: Lookup<BasicCredentials>;
  /** By client certificate (DER). */
  readonly byCertificate: Lookup<Uint8Array>;
}
