import type { DecisionTrace } from './decision-trace.ts';
import type { EndpointSet } from './endpoint-set.ts';
import type { Claims } from './identity.ts';
import type { TapBatch, TapWish } from './live-tap.ts';
import type { OtlpBatch } from './otlp-batch.ts';

// Between the supervisor and the data threads: what is done once a process for all of them. Errands go to the supervisor
// and come back with an answer; news come from it to every thread, and the latest of each topic to every new thread.

/** What the supervisor is asked to do: calls to identity providers, shared by all threads that ask the same. */
export interface Errands {
  /** Learns the keys anew, unless that was just done; the news arrive before the answer. */
  'refresh-keys': { readonly asks: { readonly provider: string }; readonly gives: null };
  /** RFC 7662. */
  introspect: {
    readonly asks: { readonly provider: string; readonly token: string };
    readonly gives: {
      readonly isActive: boolean;
      readonly claims: Claims;
      /** How long this may be believed without asking again, on the clock that nobody sets and all threads share. */
      readonly askAgainAtMs: number;
    };
  };
  /** RFC 6749 §4.1.3 with PKCE; `callback` is the whole URL with which the browser came back. */
  'redeem-code': {
    readonly asks: {
      readonly provider: string;
      readonly callback: string;
      readonly redirectUri: string;
      readonly state: string;
      readonly nonce: string;
      readonly verifier: string;
    };
    readonly gives: SessionTokens;
  };
  /** RFC 6749 §6. The same refresh token, asked for again within half a minute, gets the same answer. */
  'refresh-tokens': {
    readonly asks: { readonly provider: string; readonly refreshToken: string };
    readonly gives: SessionTokens;
  };
  /** RFC 6749 §4.4. */
  'client-credentials': {
    readonly asks: {
      readonly provider: string;
      readonly scopes: readonly string[];
      readonly audience: string | null;
    };
    readonly gives: AccessToken;
  };
  /** RFC 8693. */
  'exchange-token': {
    readonly asks: {
      readonly provider: string;
      readonly subjectToken: string;
      readonly scopes: readonly string[];
      readonly audience: string | null;
    };
    readonly gives: AccessToken;
  };
  /** The endpoints of a discovered service cannot be reached: its registry is asked again, unless it just was. */
  'refresh-endpoints': { readonly asks: { readonly service: string }; readonly gives: null };
  /** A client has sent the text of a GraphQL document together with its SHA-256, which was verified. */
  'register-document': {
    readonly asks: { readonly sha256: string; readonly text: string };
    readonly gives: null;
  };
  /** The text that a client has registered with any thread, or null. */
  'find-document': { readonly asks: { readonly sha256: string }; readonly gives: string | null };
  /** Somebody wants what a service that describes itself has not described: it is asked again, unless it just was. */
  'refresh-descriptors': { readonly asks: { readonly service: string }; readonly gives: null };
  /** Hands on what is to be exported; it is answered when the supervisor has it, which does not mean that the collector has. */
  'export-telemetry': { readonly asks: OtlpBatch; readonly gives: null };
  /** Hands on the trace of a request, to be kept for a while. */
  'keep-trace': { readonly asks: DecisionTrace; readonly gives: null };
  /** Hands on what somebody watches. */
  'hand-tapped': { readonly asks: TapBatch; readonly gives: null };
  /** OpenID Connect Back-Channel Logout 1.0: all threads forget the sessions. */
  'end-sessions': { readonly asks: EndedSessions; readonly gives: null };
}

export type ErrandKind = keyof Errands;

/** An errand on its way. */
export type Errand = { [Kind in ErrandKind]: { readonly kind: Kind } & Errands[Kind]['asks'] }[ErrandKind];

/** One that an identity provider is asked with. */
export type ProviderErrand = Exclude<
  Errand,
  {
    readonly kind:
      | 'refresh-endpoints'
      | 'refresh-descriptors'
      | 'register-document'
      | 'find-document'
      | 'export-telemetry'
      | 'keep-trace'
      | 'hand-tapped';
  }
>;

/** A token for a service. */
export interface AccessToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** What a provider gives for a login. */
export interface SessionTokens extends AccessToken {
  readonly refreshToken: string | null;
  /** `null`: none came with this refresh, and the one before stays. */
  readonly idToken: string | null;
  /** Of the ID token, verified (OpenID Connect Core §3.1.3.7); null without one. */
  readonly claims: Claims | null;
  /** Empty after a refresh: the provider did not say, and those before stay. */
  readonly scopes: readonly string[];
}

/** Which sessions are over: one, or all of a subject that began before. */
export interface EndedSessions {
  readonly provider: string;
  /** `sid`, or null for all sessions of the subject. */
  readonly session: string | null;
  readonly subject: string | null;
  /** Milliseconds since 1970. */
  readonly endedAtMs: number;
}

/**
 * Where a data thread has its errands run. Rejects with a `GatewayError`: `IDENTITY_UNAVAILABLE` when the provider does
 * not answer, `UNAUTHENTICATED` when it refuses what it was asked.
 */
export interface Desk {
  run<Kind extends ErrandKind>(kind: Kind, asks: Errands[Kind]['asks']): Promise<Errands[Kind]['gives']>;
}

/** A key (RFC 7517 §4), as far as it was looked at. */
export interface Jwk {
  readonly kty: string;
  readonly kid?: string;
  readonly alg?: string;
  readonly use?: string;
  readonly key_ops?: readonly string[];
  readonly crv?: string;
  readonly [member: string]: unknown;
}

/** What the supervisor has learned. Of each topic only the latest counts. */
export type News =
  | ProviderNews
  | AddressNews
  | SessionNews
  | SigningNews
  | EndpointNews
  | DescriptorNews
  | StickyNews
  | TicketNews
  | CertificateNews
  | ProofNews
  | TapNews
  | KeyNews
  | ForgottenNews;

/** No thread needs to know that any more: what it was on is not in the configuration. */
export interface ForgottenNews {
  readonly topic: 'forgotten';
  readonly what: 'provider' | 'endpoints' | 'descriptors';
  readonly id: string;
}

/** An identity provider, as far as it is known. */
export interface ProviderNews {
  readonly topic: 'provider';
  readonly id: string;
  /** Public keys (RFC 7517 §5), 64 at most; null: none were ever learned, or they are too old. */
  readonly keys: readonly Jwk[] | null;
  /** By discovery; null: unknown, or not offered. */
  readonly authorizationEndpoint: string | null;
  readonly endSessionEndpoint: string | null;
  /** Why the last attempt to learn failed, or `''`. For logs and the admin API. */
  readonly problem: string;
  /** Milliseconds since 1970 when the keys were learned; 0: never. */
  readonly learnedAtMs: number;
}

/** The endpoints of a service that are discovered. */
export interface EndpointNews extends EndpointSet {
  readonly topic: 'endpoints';
  /** The service. */
  readonly id: string;
}

/** What a service says of its gRPC methods when it is asked (server reflection). */
export interface DescriptorNews {
  readonly topic: 'descriptors';
  /** The service. */
  readonly id: string;
  /** Of the set; the same for the same content. */
  readonly digest: string;
  /** A FileDescriptorSet with all imports. */
  readonly set: Uint8Array;
}

/** A list of addresses. */
export interface AddressNews {
  readonly topic: 'addresses';
  /** Name of the list. */
  readonly id: string;
  /** A compiled address table; null: there is no such list any more. */
  readonly table: SharedArrayBuffer | null;
}

/** Sessions that were ended by their provider and whose cookies may still come. */
export interface SessionNews {
  readonly topic: 'ended-sessions';
  /** The provider. */
  readonly id: string;
  readonly ended: readonly EndedSessions[];
}

/** The key with which identities are signed for services. */
export interface SigningNews {
  readonly topic: 'signing-key';
  readonly id: '';
  /** Private (RFC 7517), with `kid` and `alg`. */
  readonly key: Jwk;
  /** Keys before it, public: services may have to verify with them until then, in milliseconds since 1970. */
  readonly retired: readonly { readonly key: Jwk; readonly untilMs: number }[];
}

/** The key with which cookies are signed that keep callers where they were, where the configuration has none. */
export interface StickyNews {
  readonly topic: 'sticky-key';
  readonly id: '';
  readonly key: Uint8Array;
}

/** What the keys of TLS session tickets are made of, so that a client may come again to any thread. */
export interface TicketNews {
  readonly topic: 'ticket-secret';
  readonly id: '';
  readonly secret: Uint8Array;
}

/** A certificate that was fetched, in PEM. */
export interface CertificateNews {
  readonly topic: 'certificate';
  /** `certificateId` of its configuration. */
  readonly id: string;
  readonly certificate: string;
  /** A secret. */
  readonly key: string;
}

/** API keys that were issued beside those of the configuration. */
export interface KeyNews {
  readonly topic: 'issued-keys';
  readonly id: '';
  /** `IssuedKeysData`. */
  readonly keys: SharedArrayBuffer;
  readonly owners: SharedArrayBuffer;
  readonly uses: SharedArrayBuffer;
}

/** Who watches requests at the moment. */
export interface TapNews {
  readonly topic: 'tap';
  readonly id: '';
  /** Empty: nobody. */
  readonly wishes: readonly TapWish[];
}

/** What an authority is shown while it looks whether we have control of names (RFC 8555 §8). */
export interface ProofNews {
  readonly topic: 'proofs';
  /** `certificateId`. */
  readonly id: string;
  /** By token, for http-01. */
  readonly answers: readonly { readonly token: string; readonly answer: string }[];
  /** By name, for tls-alpn-01 (RFC 8737). */
  readonly certificates: readonly {
    readonly name: string;
    readonly certificate: string;
    readonly key: string;
  }[];
}

/** Where news are heard. */
export interface NewsStand {
  /** The latest of a topic, or null. */
  latest<Topic extends News['topic']>(topic: Topic, id: string): Extract<News, { topic: Topic }> | null;
  /** Adds who hears each news of a topic from now on. */
  subscribe<Topic extends News['topic']>(
    topic: Topic,
    hear: (news: Extract<News, { topic: Topic }>) => void,
  ): void;
}
