import type { IncomingMessage } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import type { IdentityProviderConfig } from '@turnpike/config';
import { providerConfig } from '../../src/identity/providers/providers-testing.ts';
import { onDesk, withServer, type DeskSite } from './providers-site.ts';

/** What the token endpoint was asked. */
export interface TokenRequest {
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}

/** What the token endpoint says. */
export interface TokenAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** As JSON, unless it is a text. */
  readonly body?: unknown;
}

/** A provider that does what none should, and a desk that uses it. */
export interface ScriptedSite extends DeskSite {
  readonly issuer: string;
  readonly requests: readonly TokenRequest[];
  /** An ID token signed by the provider's key. */
  readonly idToken: (claims: object, header?: object) => Promise<string>;
}

/** What a site is made with. */
export interface Script {
  readonly answer: (site: ScriptedSite) => TokenAnswer | Promise<TokenAnswer>;
  readonly config?: (origin: string) => Partial<IdentityProviderConfig>;
  /** Added to the metadata. */
  readonly metadata?: object;
}

/** Runs a provider whose token and introspection endpoints are scripted. Its keys are known when `use` is called. */
export async function onScript(
  { answer, config, metadata = {} }: Script,
  use: (site: ScriptedSite) => Promise<void>,
) {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key', alg: 'RS256' };
  const requests: TokenRequest[] = [];
  let site: ScriptedSite | null = null;
  const idToken: ScriptedSite['idToken'] = (claims, header = {}) =>
    new SignJWT(claims as JWTPayload)
      .setProtectedHeader({ alg: 'RS256', kid: 'key', ...header })
      .sign(privateKey);

  await withServer(
    async (request, response) => {
      const issuer = `http://${request.headers.host}`;
      if (request.url === '/.well-known/openid-configuration')
        response.end(
          JSON.stringify({
            issuer,
            jwks_uri: `${issuer}/keys`,
            token_endpoint: `${issuer}/token`,
            ...metadata,
          }),
        );
      else if (request.url === '/keys') response.end(JSON.stringify({ keys: [jwk] }));
      else {
        requests.push({ authorization: request.headers.authorization, form: await formOf(request) });
        if (site === null) throw new Error('There is no desk yet');
        const { status = 200, headers = {}, body = '' } = await answer(site);
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      }
    },
    (issuer) =>
      onDesk(async (desk) => {
        site = { ...desk, issuer, requests, idToken };
        await desk.desk.use([providerConfig({ issuer, ...config?.(issuer) })]);
        await desk.heard(({ keys }) => keys !== null);
        await use(site);
      }),
  );
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}
