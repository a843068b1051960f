// A gateway with a database whose dashboard one enters through an identity provider.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityProvider, type TestProvider } from '@turnpike/testkit/identity-provider';
import { runGateway, type RunningGateway } from './running-gateway.ts';

/** All that it takes to log in. Alice is admin, Victor a viewer, and Bob an editor of the workspace `shop`. */
export interface AdminLoginWorld {
  readonly provider: TestProvider;
  readonly gateway: RunningGateway;
  /** Of the admin API, under which browsers keep its cookies. */
  readonly origin: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a provider and a gateway with one route, `/ping`. */
export async function adminLoginWorld(): Promise<AdminLoginWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-admin-login-'));
  const provider = await identityProvider({});
  const gateway = await runGateway(configFor(provider, directory));
  const origin = `http://localhost:${gateway.adminPort}`;
  provider.setWeb({
    redirectUris: [`${origin}/v1/login/callback`],
    postLogoutRedirectUris: [origin],
    backchannelLogoutUri: `${origin}/unused`,
  });
  return {
    provider,
    gateway,
    origin,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await provider.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function configFor({ issuer, clients: { web } }: TestProvider, directory: string): string {
  return `
listeners: { web: { address: "127.0.0.1:0" } }
identityProviders:
  corporate:
    issuer: ${issuer}
    audiences: [gateway]
    login:
      clientId: ${web.clientId}
      clientSecret: ${web.clientSecret}
      session: { secret: a-secret-of-thirty-two-characters-and-more }
admin:
  address: "127.0.0.1:0"
  login:
    provider: corporate
    claim: sub
    roles: { admin: [alice], viewer: [victor] }
    workspaces: { shop: { editor: [bob] } }
stores: { database: { url: "sqlite:${directory}/turnpike.db" } }
runtime: { threads: 1, stateDirectory: ${directory}/state, drainTimeout: 1s }
telemetry: { accessLog: off }
routes: { ping: { match: { path: /ping }, respond: { body: pong } } }
`;
}
