import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { manualClock, within } from '@turnpike/testkit';
import { callerOf } from '../../src/core/identity-testing.ts';
import { authorizeBench, callOf, externalOf } from '../../src/stages/authorize/authorize-testing.ts';
import { allowance, answerMessage, grpcDecisionServer } from './grpc-decision-server.ts';

/** For `localhost`, signed by itself, until 2120. */
const cert = `-----BEGIN CERTIFICATE-----
MIIBYTCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPXjlBG+0tekG5yb
m8tiZiCPjDk7JTKiaIlmYZ8UAXgwq4xzlFCwGVD2wFDUnXYfPvdE8my4kodqKif1
ssuzx/OjSDBGMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAPBgNVHRMBAf8EBTADAQH/
MB0GA1UdDgQWBBSSvkuF6JDQKkaojrUYTNh0tWF8JjAKBggqhkjOPQQDAgNIADBF
AiEA8Dd/rsUyRz+nEyBQyBkJDzgl2wex5JDCaDK4nlDETEUCIAHkYOcBkF+PYIqC
5rK91pT3kTsBCiICF1RXLNEb2Vij
-----END CERTIFICATE-----`;

/** Protects nothing but this test. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+E260KySZIPJKO2z
uRbZYuIlRDAwiJaBZ7DrNYm8NMahRANCAAT145QRvtLXpBucm5vLYmYgj4w5OyUy
omiJZmGfFAF4MKuMc5RQsBlQ9sBQ1J12Hz73RPJsuJKHaion9bLLs8fz
-----END PRIVATE KEY-----`;

type Call = Parameters<typeof externalOf>[0];

/** What comes of a question to this service. */
async function codeOf(t: TestContext, call: Call): Promise<string> {
  const bench = authorizeBench(manualClock());
  t.after(() => bench.decisionPoints.close());
  const reply = await within(bench.run({ external: externalOf(call) }, callOf(callerOf())), 'a decision');
  return reply.code;
}

async function httpsService(t: TestContext): Promise<Call> {
  const server = createServer({ key, cert }, (_, response) => response.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.close();
    server.closeAllConnections();
    await within(once(server, 'close'), 'the end of the server');
  });
  return { url: `https://localhost:${(server.address() as AddressInfo).port}` };
}

async function grpcsService(t: TestContext): Promise<Call> {
  const service = await grpcDecisionServer(answerMessage(allowance()), { key, cert });
  t.after(() => service.close());
  return { protocol: 'grpc', url: service.url };
}

describe('a decision point over TLS', () => {
  for (const [what, start] of [
    ['HTTP', httpsService],
    ['gRPC', grpcsService],
  ] as const) {
    it(`over ${what} decides nothing when nobody vouches for it`, async (t) => {
      assert.equal(await codeOf(t, await start(t)), 'AUTHORIZATION_UNAVAILABLE');
    });

    it(`over ${what} is asked under its own name, whatever host the client wants`, async (t) => {
      const before = getCACertificates();
      setDefaultCACertificates([...before, cert]);
      t.after(() => setDefaultCACertificates(before));
      assert.equal(await codeOf(t, await start(t)), '');
    });
  }
});
