import type { AuthenticateConfig } from '@turnpike/config';
import type { Exchange, Reply } from './exchange.ts';

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What a token says, by name. Has no prototype, because the names are the caller's. */
export type Claims = Readonly<Record<string, Json>>;

/** Who is calling. */
export interface Identity {
  /** How it was proven. */
  readonly method: 'token' | 'session' | 'key' | 'certificate' | 'basic';
  /** Id of the identity provider, or `consumers`. */
  readonly provider: string;
  /** `sub` of the token, or the id of the consumer. */
  readonly subject: string;
  /** Id of the consumer, or `''`. */
  readonly consumer: string;
  /** OAuth client that the token was issued to (RFC 9068 §2.2), or `''`. */
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly claims: Claims;
  /** Of the consumer. */
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
  readonly plan: string;
  /** Names the caller among all callers: for limits, caches and logs. */
  readonly key: string;
  /** The access token that was presented or that the session holds, or `''`. Never logged. */
  readonly token: string;
  /** Milliseconds since 1970; Infinity when it does not expire. */
  readonly expiresAtMs: number;
}

/** What the credentials of a request are worth. */
export type Authentication =
  /** There are none. */
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'identified';
      readonly identity: Identity;
      /** Values of `Set-Cookie` for the reply, when a session was renewed. */
      readonly cookies: readonly string[];
      /** Value of `DPoP-Nonce` for the reply (RFC 9449 §8.2); without it, there is nothing new. */
      readonly nonce?: string;
    }
  | Refusal
  /** The browser is sent to log in. */
  | { readonly kind: 'login'; readonly reply: Reply };

/** Credentials that are not accepted, or that nobody can judge at the moment. */
export interface Refusal {
  readonly kind: 'refused';
  /** Unavailable: the provider that could tell does not answer, and nothing that is known suffices. */
  readonly code: 'UNAUTHENTICATED' | 'IDENTITY_UNAVAILABLE';
  /** From a closed list, for the metrics: `expired`, `signature`, `issuer`, … */
  readonly reason: string;
  /** For the client: what is wrong, without anything secret or anything that the client sent. */
  readonly detail: string;
  /** Value of `WWW-Authenticate` for it (RFC 6750 §3), or `''`. */
  readonly challenge: string;
  /** Value of `DPoP-Nonce` (RFC 9449 §9), where the challenge asks for one. */
  readonly nonce?: string;
}

/** How callers of one route prove who they are. Made once a route. */
export interface Authenticator {
  /** Values of `WWW-Authenticate` for who brings nothing (RFC 9110 §11.6.1). */
  readonly challenges: readonly string[];
  /** Names of the cookies that hold sessions, whole or in parts (`name.1`): they are nobody's business but ours. */
  readonly sessionCookies: readonly string[];
  /** Who is calling, if the same credentials were proven before and nothing has to be waited for; else null. */
  recall(exchange: Exchange): Identity | null;
  /** Looks at the credentials that the request carries. Rejects only for faults of ours. */
  authenticate(exchange: Exchange): Promise<Authentication>;
}

/** What the stages know of identities: makes what a route needs. */
export interface Identities {
  authenticator(config: AuthenticateConfig): Authenticator;
}
