// Bad revisions that go out to 5 % of a real fleet under load: each is found and taken back, and the other gateways never have it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { testAuthority } from '@turnpike/testkit';
import { postgresServer, withoutPostgres, type PostgresServer } from '@turnpike/testkit/postgres-server';
import { ask, type Fleet, fleetOf, told, until } from '../fleet-world.ts';
import type { RunningGateway } from '../running-gateway.ts';

const GATEWAYS = 3;
const CALLERS = 4;
/** From the moment at which a gateway has it. */
const LIMIT_MS = 10_000;
const SDK = new URL('../../packages/sdk/src/sdk.ts', import.meta.url).href;

const plugin = (name: string, work: string) => `
import { definePolicy } from '${SDK}';
export default definePolicy({
  name: '${name}', slot: 'before-cache', schema: { type: 'object' },
  create: () => (next) => async (exchange) => { ${work} return next(exchange); },
});
`;

/** A change that does harm, and how it is found. */
interface Bad {
  readonly name: string;
  readonly put: object;
  /** What the plan says of it before it is made; without it, nothing. */
  readonly risk?: RegExp;
  /** Why it is taken back; without it, nobody who calls notices, and the plan has to say so. */
  readonly reason?: RegExp;
}

const ROUTE = {
  match: { path: '/api/*' },
  service: 'origin',
  policies: {
    cors: { origins: ['https://shop.example'] },
    rateLimit: { limit: 100_000, per: '1m', by: 'ip' },
  },
};
const withPolicies = (policies: object) => ({
  routes: { api: { ...ROUTE, policies: { ...ROUTE.policies, ...policies } } },
});

const FAILING = /of requests fail where it is in use/;
const REFUSING = /of requests are refused where it is in use/;

const BAD: readonly Bad[] = [
  {
    name: 'a wrong upstream',
    put: { services: { origin: { endpoints: ['http://127.0.0.1:1'] } } },
    risk: /goes to entirely different endpoints/,
    reason: FAILING,
  },
  { name: 'a plugin that throws', put: withPolicies({ plugins: [{ use: 'throws.ts' }] }), reason: FAILING },
  {
    name: 'a plugin that is slow',
    put: withPolicies({ plugins: [{ use: 'slow.ts' }] }),
    reason: /takes \d+ ms where it is in use/,
  },
  {
    name: 'a timeout of a millisecond',
    put: withPolicies({ timeout: '1ms' }),
    reason: FAILING,
  },
  {
    name: 'a limit of bodies that is too low',
    put: withPolicies({ limits: { bodyBytes: '10B' } }),
    risk: /takes only requests a fraction as large/,
    reason: REFUSING,
  },
  {
    name: 'a rate limit that is too low',
    put: withPolicies({ rateLimit: { limit: 1, per: '1m', by: 'ip' } }),
    risk: /lets only a fraction through/,
    reason: REFUSING,
  },
  {
    name: 'a rate limit of nothing',
    put: withPolicies({ rateLimit: { limit: 0, per: '1m', by: 'ip' } }),
    risk: /lets only a fraction through/,
    reason: REFUSING,
  },
  {
    name: 'a wrong rewrite',
    put: { routes: { api: { ...ROUTE, rewrite: { path: '/nowhere' } } } },
    risk: /asks its service for another path/,
    reason: REFUSING,
  },
  {
    name: 'an authority that did not sign the service',
    put: { services: { secure: { endpoints: ['@secure'], tls: { authorities: 'other.pem' } } } },
    reason: FAILING,
  },
  {
    name: 'an expression that never holds',
    put: withPolicies({ authorize: { rule: 'request.method == "NEVER"' } }),
    reason: REFUSING,
  },
  {
    name: 'authentication that nobody has',
    put: withPolicies({ authenticate: { with: 'consumers' } }),
    reason: REFUSING,
  },
  {
    name: 'removed authentication',
    put: { routes: { closed: { match: { path: '/closed' }, service: 'origin' } } },
    risk: /loses? authentication|asks? who/i,
  },
  { name: 'CORS removed', put: withPolicies({ cors: 'off' }), risk: /closes to scripts of some pages/ },
];

describe('bad revisions at 5 % of a fleet', { skip: withoutPostgres(), timeout: 900_000 }, () => {
  let postgres: PostgresServer;
  let fleet: Fleet;
  let directory: string;
  let servers: readonly Server[] = [];
  let [url, secure] = ['', ''];
  const calls = new AbortController();
  let calling: readonly Promise<void>[] = [];
  /** By gateway: answers that no caller would like. */
  const bad = Array.from({ length: GATEWAYS }, () => 0);

  before(async () => {
    postgres = await postgresServer();
    url = await postgres.createDatabase();
    directory = await mkdtemp(join(tmpdir(), 'turnpike-bad-'));
    const authority = testAuthority();
    const { cert, key } = authority.issue({ names: ['127.0.0.1'] });
    await writeFile(join(directory, 'right.pem'), authority.cert);
    await writeFile(join(directory, 'other.pem'), testAuthority('Somebody else').cert);
    await writeFile(join(directory, 'throws.ts'), plugin('throws', `throw new Error('no');`));
    await writeFile(
      join(directory, 'slow.ts'),
      plugin('slow', `await new Promise((resolve) => setTimeout(resolve, 60));`),
    );
    const answer: Parameters<typeof createServer>[1] = (request, response) => {
      request.resume();
      response.statusCode = request.url?.startsWith('/nowhere') === true ? 404 : 200;
      // Slower than a millisecond, as real ones are.
      setTimeout(() => response.end('fine'), 4);
    };
    servers = [createServer(answer), createTlsServer({ cert, key }, answer)];
    for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
    const [plain, tls] = servers.map((server) => (server.address() as AddressInfo).port);
    secure = `https://127.0.0.1:${tls}`;
    fleet = await fleetOf(GATEWAYS, (_number, state) => configFor(state));
    const [first] = fleet.gateways;
    assert.ok(first !== undefined);
    await told(first, 'POST /v1/apply', {
      services: {
        origin: { endpoints: [`http://127.0.0.1:${plain}`] },
        secure: { endpoints: [secure], tls: { authorities: 'right.pem' } },
      },
      routes: {
        api: ROUTE,
        secure: { match: { path: '/secure' }, service: 'secure' },
        closed: {
          match: { path: '/closed' },
          service: 'origin',
          policies: { authenticate: { with: 'consumers' } },
        },
      },
      consumers: { acme: {} },
    });
    await until('all have it', async () =>
      (await Promise.all(fleet.gateways.map((gateway) => call(gateway, 0)))).every(
        (status) => status === 200,
      ),
    );
    calling = fleet.gateways.flatMap((gateway, number) =>
      Array.from({ length: CALLERS }, (_, caller) => callOn(gateway, number, caller)),
    );
    await delay(11_000, undefined, { signal: calls.signal }); // what gateways tell is of ten seconds
  });

  after(async () => {
    calls.abort();
    await Promise.all(calling);
    await fleet?.[Symbol.asyncDispose]();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    await postgres?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const configFor = (state: string): string => `
listeners: { web: { address: "127.0.0.1:0" } }
admin: { address: "127.0.0.1:0" }
stores: { database: { url: "${url}", files: [${directory}] } }
runtime: { threads: 1, stateDirectory: ${state}, drainTimeout: 1s }
telemetry: { accessLog: off }
`;

  async function callOn(gateway: RunningGateway, number: number, caller: number): Promise<void> {
    for (let count = caller; !calls.signal.aborted; count++) {
      const status = await call(gateway, count);
      if (status !== 200) bad[number] = (bad[number] ?? 0) + 1;
      await delay(30);
    }
  }

  for (const { name, put, risk, reason } of BAD) {
    it(name, async (test) => {
      const [first] = fleet.gateways;
      assert.ok(first !== undefined);
      const sent = JSON.parse(JSON.stringify(put).replaceAll('@secure', secure)) as object;
      const body = { put: sent, steps: [{ kind: 'percent', percent: 5 }], stepMs: 600_000 };
      const plan = await told<{ risks: readonly { message: string }[] }>(
        first,
        'POST /v1/rollouts?dryRun=true',
        body,
      );
      const risks = plan.risks.map(({ message }) => message).join('; ');
      if (risk !== undefined) assert.match(risks, risk);
      if (reason === undefined) return test.diagnostic(JSON.stringify({ name, risks }));
      bad.fill(0);
      const { rollout } = await told<{ rollout: { id: number; revision: number } }>(
        first,
        'POST /v1/rollouts',
        body,
      );
      await until('a gateway has it', async () => {
        const { nodes } = await told<{ nodes: readonly { revision: number }[] }>(first, 'GET /v1/fleet');
        return nodes.some(({ revision }) => revision >= rollout.revision);
      });
      let why = '';
      const tookMs = await until('it is taken back', async () => {
        const view = await told<{ state: string; reason: string }>(first, `GET /v1/rollouts/${rollout.id}`);
        why = view.reason;
        return view.state === 'rolled-back';
      });
      const harmed = [...bad];
      // What was bad leaves the ten seconds that the next one is compared by.
      await until(
        'all do well',
        async () => {
          const { nodes } = await told<{
            nodes: readonly { load: { errors: number; refused: number; p99Ms: number } }[];
          }>(first, 'GET /v1/fleet');
          return nodes.every(({ load }) => load.errors === 0 && load.refused === 0 && load.p99Ms < 50);
        },
        200,
      );
      test.diagnostic(JSON.stringify({ name, tookMs: Math.round(tookMs), why, risks, harmed }));
      assert.match(why, reason);
      assert.ok(tookMs < LIMIT_MS, `it took ${tookMs} ms`);
      assert.ok(harmed.filter((count) => count > 0).length <= 1, `only one gateway had it: ${harmed.join()}`);
    });
  }

  it('what cannot work at all is refused', async () => {
    const [first] = fleet.gateways;
    assert.ok(first !== undefined);
    for (const put of [
      withPolicies({ authorize: { rule: 'request.method = ' } }),
      withPolicies({ plugins: [{ use: 'missing.ts' }] }),
      { services: { secure: { endpoints: [secure], tls: { authorities: 'missing.pem' } } } },
    ]) {
      const { status, text } = await ask(first, 'POST /v1/rollouts', {
        put,
        steps: [{ kind: 'percent', percent: 5 }],
      });
      assert.equal(status, 422, text);
    }
  });
});

/** One request as callers make them, of three kinds in turn. */
async function call({ host, port }: RunningGateway, count: number): Promise<number> {
  const [path, body] = [
    ['/api/read', null],
    ['/api/write', 'x'.repeat(100)],
    ['/secure', null],
  ][count % 3] as [string, string | null];
  const response = await fetch(
    `http://${host}:${port}${path}`,
    body === null ? {} : { method: 'POST', body },
  );
  await response.arrayBuffer();
  return response.status;
}
