// A gateway with a login, a provider to log in at, and a service that tells what it was asked.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  identityProvider,
  type ProviderOptions,
  type TestProvider,
} from '@turnpike/testkit/identity-provider';
import { runGateway, type RunningGateway } from './running-gateway.ts';

/** What the service says of a request. */
export interface Seen {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** All that a login takes. */
export interface LoginWorld {
  readonly provider: TestProvider;
  /** Starts a gateway; the provider takes browsers back to this one from then on. */
  start(): Promise<LoginGateway>;
  /** Starts one with a state of its own, which shares what ended by this Redis. */
  startSharing(redis: string): Promise<LoginGateway>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A gateway as browsers see it. */
export interface LoginGateway extends RunningGateway {
  /** Under which browsers keep its cookies. */
  readonly origin: string;
}

/** Callbacks are registered before anybody knows the port of the gateway. */
const CALLBACK = '/_auth/callback';
const BACKCHANNEL = '/_auth/backchannel';

/** Puts up a provider, and what stands behind the gateway. */
export async function loginWorld(options: ProviderOptions = {}): Promise<LoginWorld> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'turnpike-login-'));
  const provider = await identityProvider(options);
  const service = await tellingService();
  const gateways: RunningGateway[] = [];
  async function start(directory: string, more: string): Promise<LoginGateway> {
    const gateway = await runGateway(configFor(provider, service, directory) + more);
    gateways.push(gateway);
    const origin = `http://localhost:${gateway.port}`;
    provider.setWeb({
      redirectUris: [origin + CALLBACK],
      postLogoutRedirectUris: [`${origin}/bye`],
      backchannelLogoutUri: origin + BACKCHANNEL,
    });
    return { ...gateway, origin };
  }
  return {
    provider,
    start: () => start(stateDirectory, ''),
    startSharing: (redis) =>
      start(
        join(stateDirectory, String(gateways.length)),
        `stores: { redis: { url: "${redis}", timeout: 2s } }\n`,
      ),
    async [Symbol.asyncDispose]() {
      for (const gateway of gateways) await gateway[Symbol.asyncDispose]();
      await provider.close();
      service.closeAllConnections();
      service.close();
      await rm(stateDirectory, { recursive: true, force: true });
    },
  };
}

async function tellingService(): Promise<Server> {
  const service = createServer(({ url, headers }, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ url, headers }));
  });
  service.keepAliveTimeout = 60_000;
  await once(service.listen(0, '127.0.0.1'), 'listening');
  return service;
}

function configFor(
  { issuer, clients: { web } }: TestProvider,
  service: Server,
  stateDirectory: string,
): string {
  const { port } = service.address() as AddressInfo;
  return `
listeners: { web: { address: "127.0.0.1:0" } }
services: { origin: { endpoints: ["http://127.0.0.1:${port}"] } }
identityProviders:
  corporate:
    issuer: ${issuer}
    audiences: [orders]
    login:
      clientId: ${web.clientId}
      clientSecret: ${web.clientSecret}
      scopes: [openid, profile]
      callbackPath: ${CALLBACK}
      backchannelLogoutPath: ${BACKCHANNEL}
      afterLogout: /bye
      session: { secret: a-secret-of-thirty-two-characters-and-more }
routes:
  app:
    match: { path: /* }
    service: origin
    policies: { authenticate: { with: corporate }, forwardIdentity: headers }
  public: { match: { path: /bye }, respond: { body: bye, headers: { content-type: text/plain } } }
admin: { address: "127.0.0.1:0" }
telemetry: { accessLog: off }
runtime: { threads: 2, stateDirectory: ${stateDirectory}, drainTimeout: 1s }
`;
}
