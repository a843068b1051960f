/** Who must act when something failed: the caller, the service behind us, or we. */
export type Fault = 'client' | 'upstream' | 'gateway';

/** One line of the error table. */
export interface ErrorKind {
  /** HTTP status code of the reply. */
  readonly status: number;
  /** gRPC status code for gRPC callers (grpc/doc/statuscodes.md). */
  readonly grpcStatus: number;
  readonly fault: Fault;
  /** Whether the same request may succeed if it is sent again. */
  readonly retryable: boolean;
  /** `error` parameter of `Proxy-Status` (RFC 9209 §2.3), where the fault is the upstream's or ours. */
  readonly proxyError: string | null;
  /** Stable, human-readable title of the problem (RFC 9457 §3.1.3). */
  readonly title: string;
}

function client(status: number, grpcStatus: number, title: string): ErrorKind {
  return { status, grpcStatus, fault: 'client', retryable: false, proxyError: null, title };
}

function upstream(status: number, proxyError: string, title: string): ErrorKind {
  return {
    status,
    grpcStatus: status === 504 ? 4 : 14,
    fault: 'upstream',
    retryable: true,
    proxyError,
    title,
  };
}

function gateway(status: number, proxyError: string, title: string): ErrorKind {
  return {
    status,
    grpcStatus: status === 500 ? 13 : status === 504 ? 4 : 14,
    fault: 'gateway',
    retryable: status === 503,
    proxyError,
    title,
  };
}

/** The closed table of everything that Turnpike itself can answer with. Adding an error is adding a line. */
export const ERRORS = {
  BAD_REQUEST: client(400, 13, 'The request is not well-formed HTTP'),
  BAD_PATH: client(400, 3, 'The path is ambiguous or malformed'),
  BAD_HOST: client(400, 3, 'The Host field is missing or malformed'),
  BODY_NOT_ALLOWED: client(400, 3, 'This method takes no body here'),
  BAD_HANDSHAKE: client(400, 3, 'The handshake of the WebSocket is malformed'),
  LOGIN_OVER: client(400, 9, 'This login is over, or was not begun in this browser'),
  BAD_LOGOUT_TOKEN: client(400, 3, 'The logout token is not valid'),
  UNAUTHENTICATED: client(401, 16, 'The request carries no credentials that are accepted here'),
  FORBIDDEN: client(403, 7, 'The caller may not do this'),
  PLUGIN_REFUSED: client(403, 7, 'A plugin of the route does not let the request through'),
  IP_DENIED: client(403, 7, 'This address may not come in'),
  NO_ROUTE: client(404, 12, 'No route matches this request'),
  METHOD_NOT_ALLOWED: client(405, 12, 'The route does not take this method'),
  GRAPHQL_MALFORMED: client(400, 3, 'The request is not a GraphQL request'),
  GRAPHQL_SYNTAX: client(400, 3, 'The GraphQL document cannot be read'),
  GRAPHQL_INVALID: client(422, 3, 'The GraphQL operation is not valid here'),
  GRAPHQL_LIMITED: client(422, 8, 'The GraphQL operation asks for more than the route allows'),
  GRAPHQL_UNKNOWN: client(422, 5, 'PersistedQueryNotFound'),
  GRAPHQL_FORBIDDEN: client(403, 7, 'The route takes only operations that it knows'),
  REQUEST_TIMEOUT: client(408, 4, 'The request did not arrive in time'),
  BODY_TOO_LARGE: client(413, 8, 'The request body is larger than the route allows'),
  TARGET_TOO_LONG: client(414, 3, 'The request target is too long'),
  EXPECTATION_FAILED: client(417, 3, 'Only 100-continue may be expected'),
  INVALID_REQUEST: client(400, 3, 'The request is not what the API describes'),
  BODY_TOO_DEEP: client(400, 3, 'The request body is nested more deeply than the route allows'),
  UNSUPPORTED_MEDIA_TYPE: client(415, 3, 'The route does not take bodies of this media type'),
  MISDIRECTED: client(421, 9, 'This connection was made for another host'),
  WEBSOCKET_VERSION: client(426, 3, 'This version of the WebSocket protocol is not spoken here'),
  RATE_LIMITED: client(429, 8, 'The caller has used up what it may ask for at the moment'),
  CONCURRENCY_LIMITED: client(429, 8, 'The caller has too many requests under way'),
  HEAD_TOO_LARGE: client(431, 8, 'The header section is too large'),
  CLIENT_CLOSED: client(499, 1, 'The client went away'),
  NOT_IMPLEMENTED: client(501, 12, 'The method or transfer coding is not supported'),
  HTTP_VERSION: client(505, 3, 'The HTTP version is not supported'),
  LOOP_DETECTED: client(508, 9, 'The request has passed this gateway too often'),

  CONNECT_FAILED: upstream(502, 'connection_refused', 'The service could not be reached'),
  CONNECT_TIMEOUT: upstream(504, 'connection_timeout', 'The service did not accept a connection in time'),
  UPSTREAM_TLS_FAILED: upstream(502, 'tls_protocol_error', 'No TLS connection to the service came about'),
  UPSTREAM_CERTIFICATE: upstream(
    502,
    'tls_certificate_error',
    'The service could not prove that it is the right one',
  ),
  UPSTREAM_RESET: upstream(
    502,
    'connection_terminated',
    'The service closed the connection before it answered',
  ),
  UPSTREAM_REFUSED: upstream(
    503,
    'destination_unavailable',
    'The service gave the request back without having looked at it',
  ),
  UPSTREAM_TIMEOUT: upstream(504, 'http_response_timeout', 'The service did not answer in time'),
  UPSTREAM_INVALID: upstream(502, 'http_protocol_error', 'The service did not answer with well-formed HTTP'),
  UPSTREAM_INCOMPLETE: upstream(502, 'http_response_incomplete', 'The answer of the service broke off'),
  NO_ENDPOINT: upstream(503, 'destination_unavailable', 'No endpoint of the service is available'),
  BREAKER_OPEN: upstream(
    503,
    'destination_unavailable',
    'The service has failed, and is not asked for a while',
  ),

  IDENTITY_UNAVAILABLE: gateway(
    503,
    'destination_unavailable',
    'Nobody can tell who is calling at the moment',
  ),
  AUTHORIZATION_UNAVAILABLE: gateway(
    503,
    'destination_unavailable',
    'Nobody can tell at the moment whether the caller may do this',
  ),
  CREDENTIALS_UNAVAILABLE: gateway(
    503,
    'destination_unavailable',
    'The credentials for the service cannot be had at the moment',
  ),
  NOT_CACHED: client(504, 14, 'It was asked for from memory only, and is not there'),
  DEADLINE_EXCEEDED: gateway(504, 'http_response_timeout', 'The time allowed for this route is over'),
  OVERLOADED: gateway(503, 'destination_unavailable', 'The service has as much to do as it can'),
  GATEWAY_OVERLOADED: gateway(503, 'destination_unavailable', 'The gateway has as much to do as it can'),
  CACHE_STORE_UNAVAILABLE: gateway(
    503,
    'destination_unavailable',
    'The shared cache cannot be purged at the moment',
  ),
  COUNTERS_UNAVAILABLE: gateway(503, 'destination_unavailable', 'Limits cannot be counted at the moment'),
  INVALID_RESPONSE: gateway(
    502,
    'http_protocol_error',
    'The answer of the service is not what the API describes',
  ),
  RESPONSE_TOO_LARGE: {
    ...gateway(502, 'http_response_body_size', 'A message of the service is larger than the route allows'),
    grpcStatus: 8,
  },
  CONNECTION_LIMIT: gateway(503, 'connection_limit_reached', 'All connections to the service are in use'),
  FAULT_INJECTED: gateway(503, 'proxy_internal_response', 'This request was made to fail, for a drill'),
  DRAINING: gateway(503, 'destination_unavailable', 'The gateway is shutting down'),
  PLUGIN_FAILED: gateway(500, 'proxy_internal_error', 'A plugin of the route has failed'),
  INTERNAL: gateway(500, 'proxy_internal_error', 'The gateway failed to handle the request'),
} as const satisfies Record<string, ErrorKind>;

/** Stable code of an error; also the last part of its problem `type`. */
export type ErrorCode = keyof typeof ERRORS;

/** What a breakdown may say beside its code. */
export interface GatewayErrorOptions extends ErrorOptions {
  readonly rule?: string;
  readonly detail?: string;
}

/**
 * A breakdown. `message` and `cause` are for logs only: the client sees the table's line for `code`.
 */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  /** The rule of the route that was broken midway through a body, as a path in its configuration, or `''`. */
  readonly rule: string;
  /** What the client is told beside the title: which time was over. Nothing secret; `''` is nothing. */
  readonly detail: string;
  /** The connection had been idle and died before it answered: an idempotent request may be sent again. */
  isStale = false;

  constructor(code: ErrorCode, message: string, options?: GatewayErrorOptions) {
    super(message, options);
    this.name = 'GatewayError';
    this.code = code;
    this.rule = options?.rule ?? '';
    this.detail = options?.detail ?? '';
  }
}
