import * as oauth from 'oauth4webapi';
import type { OAuthClientConfig } from '@turnpike/config';
import type { AccessToken, Jwk, SessionTokens } from '../../core/desk.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Claims } from '../../core/identity.ts';
import { systemClock, type Clock } from '../../core/ports.ts';
import type { HttpClient } from '../http/http-client.ts';
import { readJsonObject } from '../tokens/strict-json.ts';
import { clientKey } from './client-key.ts';
import { oauthFailure } from './oauth-failure.ts';
import { oauthFetch } from './oauth-fetch.ts';

/** Whom we ask, as whom, and how. */
export interface OAuthPeer {
  readonly issuer: string;
  /** The one that is called. */
  readonly endpoint: string;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly client: OAuthClientConfig;
  /** Of our assertions; null: the provider does not say. */
  readonly assertionAlgorithms: readonly string[] | null;
}

/** What an ID token must be, beside what is the same for all (OpenID Connect Core §3.1.3.7). */
export interface IdTokenRules {
  readonly algorithms: readonly string[];
  readonly clockToleranceMs: number;
  readonly keys: () => readonly Jwk[];
  /** Has the keys learned anew, because none fits. */
  readonly refreshKeys: () => Promise<void>;
}

/** A browser that came back, and what it was sent away with. */
export interface CodeAnswer {
  readonly callback: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Whether the answer must name the provider (RFC 9207). */
  readonly namesItself: boolean;
}

/** RFC 7662. */
export function introspect(peer: OAuthPeer, token: string): Promise<{ isActive: boolean; claims: Claims }> {
  return judged(async () => {
    const { as, client, prove, options } = prepared(peer);
    const response = await oauth.introspectionRequest(as, client, prove, token, options);
    const { active, ...claims } = await oauth.processIntrospectionResponse(as, client, response);
    // What cannot be read vouches for nobody. It is no failure: callers may have a hand in what is said of them.
    return active && isReadable(claims) ? { isActive: true, claims } : { isActive: false, claims: {} };
  });
}

/** A token by a grant that needs nobody's login (RFC 6749 §4.4, RFC 8693). */
export function requestToken(
  peer: OAuthPeer,
  grantType: string,
  parameters: URLSearchParams,
): Promise<AccessToken> {
  return judged(async () => {
    const { as, client, prove, options } = prepared(peer);
    const response = await oauth.genericTokenEndpointRequest(
      as,
      client,
      prove,
      grantType,
      parameters,
      options,
    );
    return accessToken(await oauth.processGenericTokenEndpointResponse(as, client, response), peer.clock);
  });
}

/** RFC 6749 §4.1.3 with PKCE; an ID token must come if `openid` was asked for. */
export function redeemCode(
  peer: OAuthPeer,
  answer: CodeAnswer,
  scopes: readonly string[],
  rules: IdTokenRules,
): Promise<SessionTokens> {
  return judged(async () => {
    const { as, client, prove, options } = prepared(peer, rules);
    const { callback, redirectUri, state, nonce, verifier, namesItself } = answer;
    const strict = { ...as, authorization_response_iss_parameter_supported: namesItself };
    const parameters = oauth.validateAuthResponse(strict, client, new URL(callback), state);
    const response = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      prove,
      parameters,
      redirectUri,
      verifier,
      options,
    );
    const expected = scopes.includes('openid') ? { expectedNonce: nonce, requireIdToken: true } : {};
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, expected);
    await checkSignature(tokens, response, rules);
    return sessionTokens(tokens, scopes, peer.clock);
  });
}

/** RFC 6749 §6. */
export function refresh(peer: OAuthPeer, refreshToken: string, rules: IdTokenRules): Promise<SessionTokens> {
  return judged(async () => {
    const { as, client, prove, options } = prepared(peer, rules);
    const response = await oauth.refreshTokenGrantRequest(as, client, prove, refreshToken, options);
    const tokens = await oauth.processRefreshTokenResponse(as, client, response);
    await checkSignature(tokens, response, rules);
    return sessionTokens(tokens, [], peer.clock);
  });
}

function prepared(
  { issuer, endpoint, http, clock, client, assertionAlgorithms }: OAuthPeer,
  rules?: IdTokenRules,
) {
  const { algorithms = [], clockToleranceMs = 0 } = rules ?? {};
  return {
    as: {
      issuer,
      token_endpoint: endpoint,
      introspection_endpoint: endpoint,
      id_token_signing_alg_values_supported: algorithms.flatMap((name) => SAME_ALGORITHM[name] ?? name),
    },
    client: {
      client_id: client.clientId,
      [oauth.clockSkew]: (clock.epoch() - systemClock.epoch()) / 1000,
      [oauth.clockTolerance]: clockToleranceMs / 1000,
    },
    prove: proofOf(client, assertionAlgorithms),
    // The scheme of each address was looked at when it was configured or learned.
    options: { [oauth.customFetch]: oauthFetch(http), [oauth.allowInsecureRequests]: true },
  };
}

/** RFC 9864 gave it another name. */
const SAME_ALGORITHM: Readonly<Record<string, readonly string[]>> = { EdDSA: ['EdDSA', 'Ed25519'] };

function proofOf(
  { authentication }: OAuthClientConfig,
  algorithms: readonly string[] | null,
): oauth.ClientAuth {
  switch (authentication.kind) {
    case 'basic':
      return oauth.ClientSecretBasic(authentication.secret);
    case 'post':
      return oauth.ClientSecretPost(authentication.secret);
    case 'private-key':
      return oauth.PrivateKeyJwt(withId(clientKey(authentication.key, algorithms), authentication.keyId));
    default:
      return authentication satisfies never;
  }
}

function withId(key: ReturnType<typeof clientKey>, kid: string | null) {
  return kid === null ? key : { key, kid };
}

/** Checks the signature of the ID token, if there is one: with newer keys when none fits. */
async function checkSignature(
  { id_token: idToken }: oauth.TokenEndpointResponse,
  response: Response,
  { keys, refreshKeys }: IdTokenRules,
): Promise<void> {
  if (idToken === undefined) return;
  try {
    await oauth.validateApplicationLevelSignature(...withKeys(response, keys()));
  } catch (error) {
    if (!(error instanceof oauth.OperationProcessingError) || error.code !== oauth.KEY_SELECTION) throw error;
    await refreshKeys();
    await oauth.validateApplicationLevelSignature(...withKeys(response, keys()));
  }
}

/** The library keeps keys by the object that stands for the server: a new one has it use ours, and ask nobody. */
function withKeys(response: Response, keys: readonly Jwk[]) {
  const cache = { jwks: { keys: [...keys] as oauth.JWK[] }, uat: Math.floor(systemClock.epoch() / 1000) };
  const server = { issuer: NOBODY, jwks_uri: NOBODY };
  return [server, response, { [oauth.jwksCache]: cache }] as const;
}

const NOBODY = 'https://nobody.invalid/';

function accessToken(
  { access_token: token, expires_in }: oauth.TokenEndpointResponse,
  clock: Clock,
): AccessToken {
  return { token, expiresAtMs: clock.epoch() + (expires_in ?? UNSAID_LIFETIME_S) * 1000 };
}

/** For providers that do not say how long a token is good, which RFC 6749 §5.1 only recommends. */
const UNSAID_LIFETIME_S = 300;

function sessionTokens(
  tokens: oauth.TokenEndpointResponse,
  asked: readonly string[],
  clock: Clock,
): SessionTokens {
  const claims = oauth.getValidatedIdTokenClaims(tokens) ?? null;
  if (claims !== null && !isReadable(claims))
    throw new GatewayError('UNAUTHENTICATED', 'the claims of the ID token cannot be read');
  return {
    ...accessToken(tokens, clock),
    refreshToken: tokens.refresh_token ?? null,
    idToken: tokens.id_token ?? null,
    claims,
    scopes: tokens.scope?.split(' ').filter((scope) => scope !== '') ?? asked,
  };
}

/** Whether claims are such as an access token may have. What is nested without end could not even be sent to a thread. */
function isReadable(claims: object): claims is Claims {
  return readJsonObject(Buffer.from(JSON.stringify(claims))) !== null;
}

async function judged<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw oauthFailure(error);
  }
}
