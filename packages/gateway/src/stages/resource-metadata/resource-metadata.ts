import type { ProtectedResourceConfig, RouteConfig } from '@turnpike/config';
import type { Exchange, Handler, Reply, Wrapper } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';

/** Where the metadata of a protected resource is; its path follows (RFC 9728 §3.1). */
const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/**
 * Tells callers that are sent away for want of a token, or of a better one, where the metadata is that says how to get it
 * (RFC 9728 §5.1), and which scopes are asked for.
 */
export function resourceMetadata({ target, policies }: RouteConfig): Wrapper | null {
  if (target.kind !== 'mcp' || (policies.authenticate?.providers.length ?? 0) === 0) return null;
  const { resource } = target;
  const scopes = policies.authorize?.scopes ?? [];
  const scope = scopes.length === 0 ? '' : `, scope="${scopes.join(' ')}"`;

  return (next) => async (exchange) => {
    const reply = await next(exchange);
    if (reply.status !== 401 && reply.status !== 403) return reply;
    return withMetadata(reply, metadataUrl(resource ?? urlOf(exchange, exchange.path)), scope);
  };
}

function withMetadata(reply: Reply, url: string, scope: string): Reply {
  const headers = reply.headers.share();
  const challenges = reply.headers.values.filter(
    (_, i) => reply.headers.names[i]?.lower === 'www-authenticate',
  );
  if (challenges.length === 0) return reply;
  headers.delete('www-authenticate');
  for (const challenge of challenges) {
    const isOurs = /^(?:Bearer|DPoP)\b/i.test(challenge) && !challenge.includes('resource_metadata=');
    const own = challenge.includes('scope=') ? '' : scope;
    const separator = challenge.includes(' ') ? ', ' : ' ';
    headers.append(
      'WWW-Authenticate',
      isOurs ? `${challenge}${separator}resource_metadata="${url}"${own}` : challenge,
    );
  }
  return { ...reply, headers };
}

/** Answers clients that look for it. */
export function protectedResource(config: ProtectedResourceConfig): Handler {
  return (exchange) => {
    const path = exchange.path.slice(WELL_KNOWN.length);
    const document = {
      resource: config.resource ?? urlOf(exchange, path),
      resource_name: config.name,
      authorization_servers: config.authorizationServers,
      ...(config.scopes.length > 0 && { scopes_supported: config.scopes }),
      bearer_methods_supported: ['header'],
    };
    const headers = headersOf(
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'public, max-age=300'],
      ['Access-Control-Allow-Origin', '*'],
    );
    return Promise.resolve({ status: 200, headers, body: JSON.stringify(document), code: '', tunnel: null });
  };
}

/** The address of something here, as this client knows it. */
function urlOf({ arrival, authority, fromTrustedProxy, headers }: Exchange, path: string): string {
  const said = fromTrustedProxy ? headers.get('x-forwarded-proto') : undefined;
  return `${said === 'https' ? said : arrival.scheme}://${authority}${path}`;
}

function metadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return origin + WELL_KNOWN + (pathname === '/' ? '' : pathname);
}
