import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import type { DpopKey } from './dpop.ts';
import { memoryAdapter } from './memory-adapter.ts';
import {
  CERTIFICATE_FIELD,
  CLIENTS,
  providerSettings,
  RESOURCE_PREFIX,
  type ProviderOptions,
  type ProviderState,
  type WebApplication,
} from './settings.ts';
import { Traffic } from './traffic.ts';
import { userAgent, type UserAgent } from './user-agent.ts';

export { dpopKey, type DpopKey } from './dpop.ts';
export type { ProviderOptions, TestClient, WebApplication } from './settings.ts';
export type { Held, Traffic } from './traffic.ts';
export type { UserAgent } from './user-agent.ts';

/** What a token is to be for. */
export interface TokenRequest {
  /** Separated by spaces. */
  readonly scope?: string;
  /** Makes it a JWT for this audience (RFC 9068); without one it is opaque. */
  readonly audience?: string;
  /** Binds it to this key. */
  readonly dpopKey?: DpopKey;
  /** Binds it to this certificate (DER), for the client `bound`. */
  readonly certificate?: Uint8Array;
}

/** A real identity provider that does what it is told. */
export interface TestProvider {
  readonly issuer: string;
  readonly clients: typeof CLIENTS;
  readonly traffic: Traffic;
  /** Gets a token for the client `machine`. */
  accessToken(request?: TokenRequest): Promise<string>;
  /** A new browser. */
  browser(): UserAgent;
  /** Signs with a new key from now on. The old one stays in the set unless it is to be `forgotten`. */
  rotateKeys(old?: 'kept' | 'forgotten'): Promise<void>;
  /** Says where the browser application is, once that is known. */
  setWeb(web: WebApplication): void;
  /** Breaks all connections, and those that come. */
  goDown(): void;
  /** Is there again, at the same address. */
  comeBack(): void;
  close(): Promise<void>;
}

/** Starts a provider on this machine. */
export async function identityProvider(options: ProviderOptions = {}): Promise<TestProvider> {
  const provider = new RunningProvider(options);
  await provider.start();
  return provider;
}

class RunningProvider implements TestProvider {
  readonly clients = CLIENTS;
  readonly traffic = new Traffic((request, response) => void this.#serve(request, response));
  readonly #options: ProviderOptions;
  readonly #server: Server = createServer(this.traffic.handle);
  #state: ProviderState;
  #provider: Provider | null = null;
  #issuer = '';
  #isDown = false;

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.#state = { keys: [], web: options.web ?? { redirectUris: [] }, adapter: memoryAdapter() };
    this.#server.on('connection', (socket) => {
      if (this.#isDown) socket.resetAndDestroy();
    });
  }

  get issuer(): string {
    return this.#issuer;
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    this.#issuer = `http://127.0.0.1:${port}`;
    await this.rotateKeys();
  }

  async accessToken({ scope, audience, dpopKey, certificate }: TokenRequest = {}): Promise<string> {
    const url = `${this.#issuer}/token`;
    const { clientId, clientSecret } = certificate === undefined ? CLIENTS.machine : CLIENTS.bound;
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    if (scope !== undefined) form.set('scope', scope);
    if (audience !== undefined)
      form.set('resource', URL.canParse(audience) ? audience : `${RESOURCE_PREFIX}${audience}`);
    const response = await fetch(url, {
      method: 'POST',
      body: form,
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        ...(certificate !== undefined && {
          [CERTIFICATE_FIELD]: Buffer.from(certificate).toString('base64'),
        }),
        ...(dpopKey === undefined ? {} : { dpop: await dpopKey.proof({ method: 'POST', url }) }),
      },
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (typeof answer['access_token'] !== 'string') throw new Error(JSON.stringify(answer));
    return answer['access_token'];
  }

  browser(): UserAgent {
    return userAgent(this.#issuer);
  }

  async rotateKeys(old: 'kept' | 'forgotten' = 'kept'): Promise<void> {
    const { algorithm = 'RS256' } = this.#options;
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const key = { ...(await exportJWK(privateKey)), use: 'sig', alg: algorithm };
    this.#change({ keys: [key, ...(old === 'kept' ? this.#state.keys : [])] });
  }

  setWeb(web: WebApplication): void {
    this.#change({ web });
  }

  goDown(): void {
    this.#isDown = true;
    this.#server.closeAllConnections();
  }

  comeBack(): void {
    this.#isDown = false;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** oidc-provider is configured once and for all, so another takes its place. */
  #change(change: Partial<ProviderState>): void {
    this.#state = { ...this.#state, ...change };
    this.#provider = new Provider(this.#issuer, providerSettings(this.#options, this.#state));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#provider === null) response.writeHead(503).end();
    else if (request.url?.startsWith('/interaction/') !== true)
      await this.#provider.callback()(request, response);
    else if (request.method === 'GET') response.setHeader('content-type', 'text/html').end(LOGIN_FORM);
    else await this.#logIn(this.#provider, request, response);
  }

  async #logIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let form = '';
    for await (const chunk of request) form += String(chunk);
    const accountId = new URLSearchParams(form).get('login') ?? '';
    await provider.interactionFinished(request, response, { login: { accountId } });
  }
}

const LOGIN_FORM = `<!doctype html><title>Log in</title>
<form method="post"><input name="login" autofocus><button type="submit">Log in</button></form>`;
