/**
 * What expressions can see. Whoever evaluates one hands this in; nothing of it is read, copied or decoded unless the
 * expression asks for it, so the members may well be getters.
 *
 * What a request does not have is missing, not empty: `request.headers["x-tenant"] == "a"` cannot be evaluated without
 * that header. `"x-tenant" in request.headers` and `has(request.headers.host)` ask first. Numbers of JSON are doubles and
 * compare with integers by value: `identity.claims.level >= 3`, `== 3`.
 */
export interface Facts {
  readonly request: RequestFacts;
  /** `null` for callers without credentials: `identity != null && …`. */
  readonly identity: IdentityFacts | null;
  /** Name of the route. */
  readonly route: string;
  /** Milliseconds since 1970. In expressions a timestamp: `now.getHours()` is in UTC. */
  readonly now: number;
  /** Only where an expression is about responses. */
  readonly response?: ResponseFacts;
}

/** The request, as policies see it: after normalisation, before any rewrite. */
export interface RequestFacts {
  readonly id: string;
  /** As it was sent: upper case for the methods of RFC 9110. */
  readonly method: string;
  /** Normalised and still percent-encoded. */
  readonly path: string;
  /** Lower case, without port. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** The first value of each parameter, decoded as a form. */
  readonly query: Lookup;
  /** By lower-case name; repeated fields are joined by `, `. */
  readonly headers: Lookup;
  /** Parameters of the route's path, percent-decoded; `rest` is what a trailing `*` matched. */
  readonly params: Lookup;
  /** Address of the caller, as trusted proxies tell it. */
  readonly client: string;
  /** Name of the listener. */
  readonly listener: string;
  /** SHA-256 of the certificate with which the client proved itself, in lower-case hexadecimal; `""` without one. */
  readonly certificate: string;
  /** What a GraphQL request asks for: `type`, `name`, `cost`, `depth`. Empty where the route has no `graphql` policy. */
  readonly graphql: JsonRecord;
}

/** The response of the service, before we change anything of it. */
export interface ResponseFacts {
  readonly status: number;
  /** By lower-case name; repeated fields are joined by `, `. `response.header["x-tokens"]` is the same. */
  readonly headers: Lookup;
}

/** Who is calling. */
export interface IdentityFacts {
  /** `token`, `session`, `key`, `certificate` or `basic`. */
  readonly method: string;
  /** Id of the identity provider, or `consumers`. */
  readonly provider: string;
  readonly subject: string;
  /** `""` for who is no consumer of ours. */
  readonly consumer: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly claims: JsonRecord;
  readonly metadata: JsonRecord;
  readonly plan: string;
}

/** A value of JSON. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonRecord;

/** An object of JSON, with a prototype or without one: only its own members are looked at. */
export type JsonRecord = { readonly [name: string]: JsonValue };

/** Texts by name that are looked up one by one; all names are asked for only by expressions that go through them. */
export interface Lookup {
  get(name: string): string | undefined;
  names(): readonly string[];
}

/** What an expression can name; `response` only if it is about responses. */
export const VARIABLES = [
  'request',
  'identity',
  'route',
  'now',
  'response',
] as const satisfies (keyof Facts)[];

/** A top-level name; `line` is one of the access log, and stands alone. */
export type Variable = (typeof VARIABLES)[number] | 'line';

/** What `request` has. */
export const REQUEST_FIELDS = [
  'id',
  'method',
  'path',
  'host',
  'scheme',
  'query',
  'headers',
  'params',
  'client',
  'listener',
  'certificate',
  'graphql',
] as const satisfies (keyof RequestFacts)[];

/** What `identity` has. */
export const IDENTITY_FIELDS = [
  'method',
  'provider',
  'subject',
  'consumer',
  'clientId',
  'scopes',
  'claims',
  'metadata',
  'plan',
] as const satisfies (keyof IdentityFacts)[];

/** What `response` has. */
export const RESPONSE_FIELDS = ['status', 'headers', 'header'] as const;
