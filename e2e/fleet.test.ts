// Gateways that share a PostgreSQL: they follow one another, serve on without it, and take bad revisions back.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { postgresServer, withoutPostgres, type PostgresServer } from '@turnpike/testkit/postgres-server';
import { runGateway, type RunningGateway } from './running-gateway.ts';

const PATIENCE_MS = 60_000;

/** A gateway of the fleet; its state outlasts it. */
function configFor(url: string, state: string): string {
  return `
listeners: { web: { address: "127.0.0.1:0" } }
admin: { address: "127.0.0.1:0" }
stores: { database: { url: "${url}", poll: 1s, timeout: 1s } }
runtime: { threads: 1, stateDirectory: ${state}, drainTimeout: 1s }
telemetry: { accessLog: off }
services: { nobody: { endpoints: ["http://127.0.0.1:1"] } }
routes: { own: { match: { path: /own }, respond: { body: own } } }
`;
}

interface Fleet {
  readonly gateways: RunningGateway[];
  /** Starts one with the state of the gateway of that number. */
  start(number: number): Promise<RunningGateway>;
}

async function ask({ adminPort }: RunningGateway, call: string, body?: object) {
  const [method = '', path = ''] = call.split(' ');
  const response = await fetch(`http://127.0.0.1:${adminPort}${path}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

async function get({ port }: RunningGateway, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return `${response.status} ${await response.text()}`.slice(0, 20);
}

/** Looks until all gateways answer so. */
async function all(gateways: readonly RunningGateway[], path: string, wanted: string): Promise<void> {
  const endsAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const answers = await Promise.all(gateways.map((gateway) => get(gateway, path)));
    if (answers.every((answer) => answer === wanted)) return;
    if (Date.now() > endsAt)
      assert.deepEqual(
        answers,
        gateways.map(() => wanted),
      );
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const route = (body: string) => ({ match: { path: '/shared' }, respond: { body } });

describe('a fleet', { skip: withoutPostgres() }, () => {
  let postgres: PostgresServer;
  before(async () => {
    postgres = await postgresServer();
  });
  after(() => postgres.close());

  async function fleetOf(t: TestContext, size: number): Promise<Fleet> {
    const url = await postgres.createDatabase();
    const directory = await mkdtemp(join(tmpdir(), 'turnpike-fleet-'));
    const started: RunningGateway[] = [];
    const start = async (number: number): Promise<RunningGateway> => {
      const gateway = await runGateway(configFor(url, join(directory, String(number))));
      started.push(gateway);
      return gateway;
    };
    t.after(async () => {
      for (const gateway of started) await gateway[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    });
    const gateways: RunningGateway[] = [];
    for (let number = 0; number < size; number++) gateways.push(await start(number));
    return { gateways, start };
  }

  it('sees what is changed at any of its gateways', async (t) => {
    const { gateways } = await fleetOf(t, 3);
    for (const [number, gateway] of gateways.entries()) {
      const put = await ask(gateway, 'PUT /v1/routes/shared', route(`by ${number}`));
      assert.ok(put.status < 300, put.text);
      await all(gateways, '/shared', `200 by ${number}`);
    }
    const [first] = gateways;
    assert.ok(first !== undefined);
    const { nodes } = JSON.parse((await ask(first, 'GET /v1/fleet')).text) as { nodes: object[] };
    assert.equal(nodes.length, 3);
  });

  it('serves on and starts without the database, and catches up when it is back', async (t) => {
    const { gateways, start } = await fleetOf(t, 2);
    const [first, second] = gateways;
    assert.ok(first !== undefined && second !== undefined);
    await ask(first, 'PUT /v1/routes/shared', route('before'));
    await all(gateways, '/shared', '200 before');
    await postgres.kill();
    try {
      assert.equal((await ask(first, 'PUT /v1/routes/shared', route('lost'))).status, 503);
      assert.equal(await get(first, '/shared'), '200 before');
      await second.stop('SIGTERM');
      const again = await start(1);
      assert.equal(await get(again, '/shared'), '200 before');
      assert.equal((await ask(again, 'GET /readyz')).status, 200);
      await postgres.restart();
      const endsAt = Date.now() + PATIENCE_MS;
      while ((await ask(first, 'PUT /v1/routes/shared', route('after'))).status >= 300)
        assert.ok(Date.now() < endsAt, 'the database is back');
      await all([first, again], '/shared', '200 after');
    } finally {
      await postgres.restart().catch(() => {}); // it runs already
    }
  });

  it('takes a revision back that makes the first gateways fail', async (t) => {
    const { gateways } = await fleetOf(t, 3);
    const [first] = gateways;
    assert.ok(first !== undefined);
    await ask(first, 'PUT /v1/routes/shared', route('good'));
    await all(gateways, '/shared', '200 good');
    const bad = { match: { path: '/shared' }, service: 'nobody' };
    const started = await ask(first, 'POST /v1/rollouts', {
      put: { routes: { shared: bad } },
      steps: [{ kind: 'percent', percent: 5 }],
      stepMs: 600_000,
    });
    assert.equal(started.status, 201, started.text);
    const failed = new Set<number>();
    const endsAt = Date.now() + PATIENCE_MS;
    let state = 'running';
    while (state === 'running') {
      assert.ok(Date.now() < endsAt, 'the roll-out goes on');
      const answers = await Promise.all(gateways.map((gateway) => get(gateway, '/shared')));
      for (const [number, answer] of answers.entries()) if (!answer.startsWith('200')) failed.add(number);
      const { items } = JSON.parse((await ask(first, 'GET /v1/rollouts')).text) as {
        items: { state: string }[];
      };
      state = items[0]?.state ?? 'gone';
    }
    assert.equal(state, 'rolled-back');
    assert.ok(failed.size <= 1, `only the first took it, but ${[...failed].join()} did`);
    await all(gateways, '/shared', '200 good');
    const { items } = JSON.parse((await ask(first, 'GET /v1/revisions')).text) as {
      items: { origin: string }[];
    };
    assert.equal(items[0]?.origin, 'halt');
  });
});
