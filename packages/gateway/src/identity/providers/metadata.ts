import { parseObject } from './key-set.ts';

/** What a provider says of itself (RFC 8414 §2), as far as it matters; null: it does not offer that. */
export interface Metadata {
  readonly keysUrl: string | null;
  readonly authorizationEndpoint: string | null;
  readonly tokenEndpoint: string | null;
  readonly introspectionEndpoint: string | null;
  readonly endSessionEndpoint: string | null;
  /** Whether it names itself in answers to the browser (RFC 9207), so that they cannot come from another. */
  readonly namesItself: boolean;
  /** Algorithms of assertions with which clients prove who they are; null: it does not say. */
  readonly assertionAlgorithms: readonly string[] | null;
}

/** Where metadata are found, in the order in which to try: OpenID Connect Discovery 1.0 §4, and RFC 8414 §3. */
export function metadataUrls(issuer: string): readonly [string, string] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

/**
 * Reads metadata. Throws when they are those of another issuer (RFC 8414 §3.3). Addresses that are less secure than the
 * issuer's count as not offered.
 */
export function parseMetadata(text: string, issuer: string): Metadata {
  const metadata = parseObject(text);
  if (metadata['issuer'] !== issuer)
    throw new Error('the issuer that it names is not the one that is configured');
  const endpoint = (name: string): string | null => secureUrl(metadata[name], issuer);
  const algorithms = metadata['token_endpoint_auth_signing_alg_values_supported'];
  return {
    keysUrl: endpoint('jwks_uri'),
    authorizationEndpoint: endpoint('authorization_endpoint'),
    tokenEndpoint: endpoint('token_endpoint'),
    introspectionEndpoint: endpoint('introspection_endpoint'),
    endSessionEndpoint: endpoint('end_session_endpoint'),
    namesItself: metadata['authorization_response_iss_parameter_supported'] === true,
    assertionAlgorithms: Array.isArray(algorithms)
      ? algorithms.filter((name) => typeof name === 'string')
      : null,
  };
}

function secureUrl(value: unknown, issuer: string): string | null {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null || url.username !== '' || url.password !== '') return null;
  const isSecure = url.protocol === 'https:' || (url.protocol === 'http:' && issuer.startsWith('http:'));
  return isSecure ? url.href : null;
}
