import { X509Certificate } from 'node:crypto';
import type { Context } from 'oidc-provider';
import type { memoryAdapter } from './memory-adapter.ts';

/** An OAuth client that the provider knows. */
export interface TestClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The clients of every test provider. */
export const CLIENTS = {
  /** Logs users in, and refreshes. */
  web: { clientId: 'web', clientSecret: 'secret-of-web' },
  /** Introspects. */
  gateway: { clientId: 'gateway', clientSecret: 'secret-of-gateway' },
  /** Gets tokens for itself. */
  machine: { clientId: 'machine', clientSecret: 'secret-of-machine' },
  /** The same, and all of them are bound to its certificate (RFC 8705). */
  bound: { clientId: 'bound', clientSecret: 'secret-of-bound' },
} as const satisfies Record<string, TestClient>;

/** Where the browser application is. */
export interface WebApplication {
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris?: readonly string[];
  readonly backchannelLogoutUri?: string;
}

/** What may differ between test providers. */
export interface ProviderOptions {
  /** Of access tokens; an hour unless it is given. */
  readonly accessTokenLifetimeSeconds?: number;
  /** Of new keys and all tokens; RS256 unless it is given. */
  readonly algorithm?: 'RS256' | 'PS256' | 'ES256' | 'EdDSA';
  /** Added to each access token that is a JWT. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly web?: WebApplication;
}

/** What changes while a provider runs. */
export interface ProviderState {
  /** JWKs with their private parts; the first signs. */
  readonly keys: readonly object[];
  readonly web: WebApplication;
  readonly adapter: ReturnType<typeof memoryAdapter>;
}

/** A resource of which the audience of tokens is no URI, as it must be in a request (RFC 8707 §2). */
export const RESOURCE_PREFIX = 'urn:audience:';

const SCOPES = ['openid', 'profile', 'email', 'orders:read', 'orders:write'];

/** In which a proxy in front of the provider would tell of the certificate of the client: base64 of its DER. */
export const CERTIFICATE_FIELD = 'x-test-certificate';

function certificateIn(field: string): X509Certificate | undefined {
  return field === '' ? undefined : new X509Certificate(Buffer.from(field, 'base64'));
}

/** The configuration of oidc-provider. */
export function providerSettings(options: ProviderOptions, { keys, web, adapter }: ProviderState): object {
  const { algorithm = 'RS256', accessTokenLifetimeSeconds: lifetime = 3600, claims = {} } = options;
  const scopes = SCOPES.join(' ');
  return {
    adapter,
    jwks: { keys },
    clients: clients(web, algorithm),
    scopes: SCOPES,
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    clientDefaults: { id_token_signed_response_alg: algorithm },
    cookies: { keys: ['secret-of-cookies'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      backchannelLogout: { enabled: true },
      revocation: { enabled: true },
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        getCertificate: (context: Context) => certificateIn(context.get(CERTIFICATE_FIELD)),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        useGrantedResource: () => true,
        getResourceServerInfo: (_: Context, resource: string) => ({
          scope: scopes,
          audience: resource.startsWith(RESOURCE_PREFIX) ? resource.slice(RESOURCE_PREFIX.length) : resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: lifetime,
          jwt: { sign: { alg: algorithm } },
        }),
      },
      rpInitiatedLogout: { enabled: true, logoutSource: confirmAtOnce, postLogoutSuccessSource: sayGoodbye },
    },
    ttl: {
      AccessToken: lifetime,
      ClientCredentials: lifetime,
      Interaction: 600,
      Grant: 86_400,
      Session: 86_400,
      RefreshToken: 86_400,
      IdToken: 3600,
    },
    findAccount: (_: Context, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, name: `The user ${sub}`, email: `${sub}@example.com` }),
    }),
    extraTokenClaims: () => claims,
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    loadExistingGrant: grantEverything,
    interactions: { url: (_: Context, { uid }: { uid: string }) => `/interaction/${uid}` },
    // Its own would not call anybody on this machine.
    fetch: (url: string, request: RequestInit & { dispatcher?: unknown }) => {
      delete request.dispatcher;
      return fetch(url, request);
    },
  };
}

function clients(
  { redirectUris, postLogoutRedirectUris = [], backchannelLogoutUri }: WebApplication,
  alg: string,
) {
  const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };
  return [
    {
      client_id: CLIENTS.web.clientId,
      client_secret: CLIENTS.web.clientSecret,
      id_token_signed_response_alg: alg,
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: redirectUris,
      post_logout_redirect_uris: postLogoutRedirectUris,
      ...(backchannelLogoutUri === undefined
        ? {}
        : { backchannel_logout_uri: backchannelLogoutUri, backchannel_logout_session_required: true }),
    },
    { client_id: CLIENTS.gateway.clientId, client_secret: CLIENTS.gateway.clientSecret, ...machine },
    {
      client_id: CLIENTS.machine.clientId,
      client_secret: CLIENTS.machine.clientSecret,
      scope: 'orders:read orders:write',
      ...machine,
    },
    {
      client_id: CLIENTS.bound.clientId,
      client_secret: CLIENTS.bound.clientSecret,
      scope: 'orders:read orders:write',
      tls_client_certificate_bound_access_tokens: true,
      ...machine,
    },
  ];
}

/** Users agree to whatever they are asked for. */
async function grantEverything({ oidc }: Context): Promise<unknown> {
  const grant = new oidc.provider.Grant({
    clientId: oidc.client.clientId,
    accountId: oidc.session.accountId,
  });
  grant.addOIDCScope(SCOPES.join(' '));
  for (const resource of Object.keys(oidc.resourceServers ?? {}))
    grant.addResourceScope(resource, SCOPES.join(' '));
  await grant.save();
  return grant;
}

/** Logs out without asking; a browser without scripts shows a button. */
function confirmAtOnce(context: { body: unknown }, form: string): void {
  context.body = `<!doctype html><title>Log out</title>${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes">Log out</button>
<script>document.querySelector('button').click()</script>`;
}

function sayGoodbye(context: { body: unknown }): void {
  context.body = '<!doctype html><title>Logged out</title>';
}
