/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * Who is calling. What is in `claims` and `metadata` was said by somebody else, so whatever a plugin expects there may be
 * missing, and the types say so.
 */
export interface Identity<
  Claims extends object = AnyNames<Json>,
  Metadata extends object = AnyNames<Scalar>,
> {
  /** How it was proven. */
  readonly method: 'token' | 'session' | 'key' | 'certificate' | 'basic';
  /** Id of the identity provider, or `consumers`. */
  readonly provider: string;
  /** `sub` of the token, or the id of the consumer. */
  readonly subject: string;
  /** Id of the consumer, or `''`. */
  readonly consumer: string;
  /** OAuth client that the token was issued to, or `''`. */
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** What the token says. */
  readonly claims: Readonly<Partial<Claims>>;
  /** Of the consumer. */
  readonly metadata: Readonly<Partial<Metadata>>;
  readonly plan: string;
  /** Names the caller among all callers. */
  readonly key: string;
  /** Milliseconds since 1970; Infinity when it does not expire. */
  readonly expiresAtMs: number;
}

/** Where nothing is known of the names. */
export type AnyNames<V> = Readonly<Record<string, V>>;

/** What metadata of a consumer may be. */
export type Scalar = string | number | boolean;
