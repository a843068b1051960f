import { GatewayError } from '../../core/errors.ts';

/**
 * What a failure of the OAuth library means: `UNAUTHENTICATED` when the provider refuses what the caller brought, or gives
 * something that proves nothing; `IDENTITY_UNAVAILABLE` when it does not work, or refuses us. Other exceptions are ours,
 * and are given back as they are.
 *
 * Its causes are left out: there are tokens in them.
 */
export function oauthFailure(failure: unknown): unknown {
  if (failure instanceof GatewayError || !(failure instanceof Error)) return failure;
  const code = 'code' in failure ? String(failure.code) : '';
  // A key of the provider that is none.
  if (failure.name === 'DataError') return new GatewayError('IDENTITY_UNAVAILABLE', failure.message);
  if (!code.startsWith('OAUTH_')) return failure;
  const error = 'error' in failure && typeof failure.error === 'string' ? failure.error : '';
  const isTheirs = BROKEN.has(code) || REFUSES_US.has(error);
  const message = KNOWN_ERROR.test(error) ? `${failure.message}: ${error}` : failure.message;
  return new GatewayError(isTheirs ? 'IDENTITY_UNAVAILABLE' : 'UNAUTHENTICATED', message);
}

/** The same of an introspection, where nothing is about the caller: the provider says that in its answer (RFC 7662 §2.2). */
export function introspectionFailure(failure: unknown): unknown {
  const judged = oauthFailure(failure);
  const isRefusal = judged instanceof GatewayError && judged.code === 'UNAUTHENTICATED';
  return isRefusal ? new GatewayError('IDENTITY_UNAVAILABLE', judged.message) : judged;
}

/** Codes of the library for an endpoint that does not do what it should, and for a challenge, which is meant for us. */
const BROKEN: ReadonlySet<string> = new Set([
  'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
  'OAUTH_MISSING_SERVER_METADATA',
  'OAUTH_INVALID_SERVER_METADATA',
  'OAUTH_HTTP_REQUEST_FORBIDDEN',
  'OAUTH_REQUEST_PROTOCOL_FORBIDDEN',
]);

/** Errors (RFC 6749 §4.1.2.1, §5.2) that are not about what the caller brought. */
const REFUSES_US: ReadonlySet<string> = new Set([
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
  'server_error',
  'temporarily_unavailable',
]);

/** Browsers bring errors too, and may bring anything. */
const KNOWN_ERROR = /^[a-z_]{1,40}$/;
