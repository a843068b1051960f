import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openSuite, type Suite } from './suite.ts';

/** For tests: a gateway for them. */
export const GATEWAY = `
listeners: { web: { address: "127.0.0.1:0", trustedProxies: [10.0.0.0/8] }, internal: { address: "127.0.0.1:0" } }
services:
  users: { endpoints: [http://127.0.0.1:9001] }
  orders: { endpoints: [http://127.0.0.1:9002] }
identityProviders:
  corporate: { issuer: https://login.example.com, audiences: [api], introspection: { clientId: a, clientSecret: b } }
consumers: { acme: { keys: ["\${env:ACME_KEY}"] } }
lists: { cloud: { url: https://lists.example.com/cloud.txt } }
routes:
  user:
    match: { path: "/users/{id}" }
    service: users
    policies:
      authenticate: { with: [corporate, consumers], optional: true }
      rateLimit: { limit: 2, per: 1m, by: ip, mode: report }
  cloud: { match: { path: /cloud }, service: users, policies: { ipAccess: { allow: ["@cloud"] } } }
  queried:
    match: { path: /queried }
    service: orders
    policies: { authenticate: { with: consumers, apiKeyFrom: ["query:key"] } }
  inside: { match: { path: /inside, listeners: [internal] }, service: orders }
`;

/** For tests: a directory with a gateway and this file of tests. */
export function directoryWith(context: TestContext, tests: string, gateway = GATEWAY): string {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-suite-'));
  context.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'gateway.yaml'), gateway);
  writeFileSync(join(directory, 'a.test.yaml'), `env: { ACME_KEY: 0123456789abcdef }\n${tests}`);
  return directory;
}

/** For tests: a suite that can be run; what is wrong with it is thrown. */
export async function suiteOf(context: TestContext, tests: string, gateway = GATEWAY): Promise<Suite> {
  const opened = await openSuite(join(directoryWith(context, tests, gateway), 'a.test.yaml'), []);
  if (opened.kind === 'suite') return opened.suite;
  throw new Error(opened.issues.map(({ line, message }) => `${line}: ${message}`).join('\n'));
}
