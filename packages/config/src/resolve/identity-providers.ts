import type { IdentityProviderConfig, LoginConfig, OAuthClientConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Path } from '../path.ts';
import type { Context } from './context.ts';

type ResolvedProvider =
  ResolvedDocument['identityProviders'] extends ReadonlyMap<string, infer P> ? P : never;
type ResolvedClient = Pick<
  NonNullable<ResolvedProvider['client']>,
  'clientId' | 'clientSecret' | 'clientKey' | 'clientKeyId' | 'authentication'
>;

/** The identity providers in the order in which they are written. */
export function resolveIdentityProviders(
  document: ResolvedDocument,
  context: Context,
): IdentityProviderConfig[] {
  return Array.from(document.identityProviders, ([id, provider]) => ({
    id,
    issuer: provider.issuer,
    keys: resolveKeys(id, provider.jwks, context),
    audiences: provider.audiences,
    algorithms: provider.algorithms,
    tokenType: provider.tokenType,
    clockToleranceMs: provider.clockTolerance,
    dpop: provider.dpop,
    dpopNonce: provider.dpopNonce && {
      secret: provider.dpopNonce.secret,
      lifetimeMs: provider.dpopNonce.lifetime,
    },
    dpopWhenStoreFails: provider.dpopWhenStoreFails,
    keyLifetimeMs: provider.keyLifetime,
    staleKeysMs: provider.staleKeys,
    ...resolveRoles(id, provider, context),
    origin: context.originOf('identityProviders', id),
  }));
}

function resolveKeys(
  id: string,
  jwks: ResolvedProvider['jwks'],
  context: Context,
): IdentityProviderConfig['keys'] {
  if (jwks === null) return { kind: 'discovery' };
  if (jwks.kind === 'url') return jwks;
  return { kind: 'file', path: context.absolute(['identityProviders', id, 'jwks'], jwks.path) };
}

/** What we are to the provider, beside somebody who knows its keys. */
function resolveRoles(
  id: string,
  { introspection, client, login }: ResolvedProvider,
  context: Context,
): Pick<IdentityProviderConfig, 'introspection' | 'client' | 'login'> {
  const clientOf = (role: string, written: ResolvedClient): OAuthClientConfig =>
    resolveClient(['identityProviders', id, role], written, context);
  return {
    introspection: introspection && {
      ...clientOf('introspection', introspection),
      endpoint: introspection.endpoint,
      cacheMs: introspection.cache,
    },
    client: client && { ...clientOf('client', client), endpoint: client.endpoint },
    login: login && { ...clientOf('login', login), ...resolveLogin(login) },
  };
}

/** A secret or a key: neither and both are reported here, because what follows has room for one only. */
function resolveClient(path: Path, written: ResolvedClient, { report }: Context): OAuthClientConfig {
  const { clientId, clientSecret, clientKey, clientKeyId, authentication } = written;
  const where = path.join('.');
  if (clientSecret === null && clientKey === null) {
    const message = `${where}: has neither clientSecret nor clientKey; give it one of them`;
    report({ code: 'MISSING_KEY', message, path, at: 'key' });
  }
  if (clientSecret !== null && clientKey !== null) {
    const message = `${where}: has clientSecret and clientKey; keep one of them`;
    report({ code: 'CONFLICT', message, path: [...path, 'clientKey'], at: 'key' });
  }
  if (clientKeyId !== null && clientKey === null) {
    const message = `${where}: clientKeyId names a clientKey, and there is none; leave it out`;
    report({ code: 'CONFLICT', message, path: [...path, 'clientKeyId'], at: 'key' });
  }
  if (clientKey !== null)
    return { clientId, authentication: { kind: 'private-key', key: clientKey, keyId: clientKeyId } };
  return { clientId, authentication: { kind: authentication, secret: clientSecret ?? '' } };
}

function resolveLogin(
  login: NonNullable<ResolvedProvider['login']>,
): Omit<LoginConfig, keyof OAuthClientConfig> {
  const { cookie, secret, lifetime, idle } = login.session;
  return {
    scopes: login.scopes,
    callbackPath: login.callbackPath,
    logoutPath: login.logoutPath,
    backchannelLogoutPath: login.backchannelLogoutPath,
    afterLogout: login.afterLogout,
    publicOrigin: login.publicOrigin,
    session: {
      cookie,
      secrets: typeof secret === 'string' ? [secret] : secret,
      lifetimeMs: lifetime,
      idleMs: idle,
    },
  };
}
