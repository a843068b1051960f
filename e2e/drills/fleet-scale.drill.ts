// A fleet with 10,000 routes, 1,000 services and 100,000 keys: what a change costs, and how long it takes to be everywhere.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it, type TestContext } from 'node:test';
import { endpointProcess, type EndpointProcess } from '@turnpike/testkit/endpoint-process';
import { postgresServer, withoutPostgres, type PostgresServer } from '@turnpike/testkit/postgres-server';
import { fleetOf, type Fleet, told, until } from '../fleet-world.ts';
import type { RunningGateway } from '../running-gateway.ts';

const [SERVICES, ROUTES, KEYS] = [1_000, 10_000, 100_000];
const GATEWAYS = Number(process.env['GATEWAYS'] ?? 3);
const CHANGES = 20;
const PAGES = 20;

describe('a fleet with ten thousand routes', { skip: withoutPostgres(), timeout: 900_000 }, () => {
  let postgres: PostgresServer;
  let endpoint: EndpointProcess;
  let fleet: Fleet;
  let [url, name] = ['', ''];

  before(async () => {
    postgres = await postgresServer();
    endpoint = await endpointProcess();
    url = await postgres.createDatabase();
    name = url.slice(url.lastIndexOf('/') + 1);
    fleet = await fleetOf(GATEWAYS, configOf);
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await endpoint?.kill();
    await postgres?.close();
  });

  function configOf(_number: number, state: string): string {
    return `
listeners: { web: { address: "127.0.0.1:0" } }
admin: { address: "127.0.0.1:0" }
stores: { database: { url: "${url}" } }
runtime: { threads: 1, stateDirectory: ${state}, drainTimeout: 1s }
telemetry: { accessLog: off }
`;
  }

  it('takes all of them', async (test) => {
    const [first] = fleet.gateways;
    assert.ok(first !== undefined);
    const beganAt = performance.now();
    await told(first, 'POST /v1/apply', everything(endpoint.url));
    const committedMs = performance.now() - beganAt;
    await untilAll(fleet, '/r9999/1', 200);
    const everywhereMs = performance.now() - beganAt;
    tell(test, { what: 'apply of all in one revision', committedMs, everywhereMs });
    await seedKeys(postgres, name);
    const key = await told<{ key: string }>(first, 'POST /v1/consumers/acme/keys', { label: 'first' });
    const keysMs = await untilAll(fleet, '/private/1', 200, key.key);
    tell(test, { what: '100,000 keys are known', keysMs });
  });

  it('has one more route everywhere in less than a second', async (test) => {
    const took: number[] = [];
    const answered: number[] = [];
    for (let change = 0; change < CHANGES; change++) {
      const by = fleet.gateways[change % fleet.gateways.length];
      assert.ok(by !== undefined);
      const beganAt = performance.now();
      const put = told(by, `PUT /v1/routes/new-${change}`, {
        match: { path: `/new-${change}` },
        service: 's1',
      }).then(() => answered.push(performance.now() - beganAt));
      await untilAll(fleet, `/new-${change}`, 200);
      took.push(performance.now() - beganAt);
      await put;
    }
    tell(test, { what: 'one more route', everywhere: spread(took), answered: spread(answered) });
    assert.ok(middle(took) < 1000, `it took ${middle(took)} ms`);
  });

  it('knows a key that is made and one that is revoked everywhere in less than a second', async (test) => {
    const [known, revoked]: [number[], number[]] = [[], []];
    for (let change = 0; change < CHANGES; change++) {
      const by = fleet.gateways[change % fleet.gateways.length];
      assert.ok(by !== undefined);
      let beganAt = performance.now();
      const { id, key } = await told<{ id: string; key: string }>(by, 'POST /v1/consumers/acme/keys', {
        label: 'x',
      });
      await untilAll(fleet, '/private/1', 200, key);
      known.push(performance.now() - beganAt);
      beganAt = performance.now();
      await told(by, `DELETE /v1/consumers/acme/keys/${id}`);
      await untilAll(fleet, '/private/1', 401, key);
      revoked.push(performance.now() - beganAt);
    }
    tell(test, { what: 'a key', known: spread(known), revoked: spread(revoked) });
    assert.ok(middle(known) < 1000 && middle(revoked) < 1000);
  });

  it('shows a page in less than 100 ms', async (test) => {
    const [first] = fleet.gateways;
    assert.ok(first !== undefined);
    for (const path of [
      '/v1/routes?limit=100&after=r5',
      '/v1/routes?q=99&limit=100',
      '/v1/consumers/acme/keys?limit=100',
      '/v1/revisions',
    ]) {
      const took: number[] = [];
      for (let page = 0; page < PAGES; page++) {
        const beganAt = performance.now();
        await told(first, `GET ${path}`);
        took.push(performance.now() - beganAt);
      }
      tell(test, { what: path, ...spread(took) });
      assert.ok(middle(took) < 100, `${path} took ${middle(took)} ms`);
    }
  });

  it('starts again with all of it', async (test) => {
    const memory = await Promise.all(fleet.gateways.map(residentMib));
    const state = fleet.gateways.length - 1;
    await fleet.gateways[state]?.stop('SIGTERM');
    let beganAt = performance.now();
    await fleet.start(state);
    const startMs = performance.now() - beganAt;
    await fleet.gateways[state]?.stop('SIGTERM');
    await postgres.kill();
    beganAt = performance.now();
    const again = await fleet.start(state);
    const startWithoutMs = performance.now() - beganAt;
    assert.equal(await get(again, '/r9999/1'), 200);
    const fresh = await residentMib(again);
    tell(test, {
      what: 'memory and start',
      residentMib: memory,
      afterStartMib: fresh,
      startMs,
      startWithoutMs,
    });
    await postgres.restart();
  });
});

function everything(endpoint: string): object {
  const named = <T>(count: number, letter: string, of: (i: number) => T): Record<string, T> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${letter}${i}`, of(i)]));
  return {
    services: named(SERVICES, 's', () => ({ endpoints: [endpoint] })),
    routes: {
      ...named(ROUTES, 'r', (i) => ({ match: { path: `/r${i}/{id}` }, service: `s${i % SERVICES}` })),
      private: {
        match: { path: '/private/{id}' },
        service: 's0',
        policies: { authenticate: { with: 'consumers' } },
      },
    },
    consumers: { acme: {} },
  };
}

/** One more would be made with a hundred thousand calls. */
async function seedKeys(postgres: PostgresServer, database: string): Promise<void> {
  await postgres.sql(
    database,
    `insert into consumer_keys (id, consumer, label, digest, created_at, created_by, change)
     select 'tp_' || lpad(i::text, 8, '0'), 'acme', '', encode(sha256(i::text::bytea), 'hex'), 1, 'seed', i
     from generate_series(1, ${KEYS}) i;
     update counters set value = ${KEYS} where name = 'keys'`,
  );
}

async function get({ port }: RunningGateway, path: string, key?: string): Promise<number> {
  const headers = key === undefined ? {} : { 'X-API-Key': key };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  await response.arrayBuffer();
  return response.status;
}

async function untilAll(fleet: Fleet, path: string, status: number, key?: string): Promise<number> {
  return until(
    `${path} is answered with ${status}`,
    async () => {
      for (const gateway of fleet.gateways) if ((await get(gateway, path, key)) !== status) return false;
      return true;
    },
    5,
  );
}

function spread(values: readonly number[]): object {
  const sorted = values.toSorted((a, b) => a - b);
  return { middleMs: middle(values), worstMs: Math.round(sorted.at(-1) ?? 0) };
}

function middle(values: readonly number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0);
}

async function residentMib({ process: { pid } }: RunningGateway): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
}

function tell(test: TestContext, figures: object): void {
  test.diagnostic(JSON.stringify(figures));
}
