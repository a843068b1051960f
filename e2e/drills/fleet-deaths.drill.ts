// What dies in the middle of a change: the database while a revision is published, and the gateway that looks after a roll-out.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { endpointProcess, type EndpointProcess } from '@turnpike/testkit/endpoint-process';
import { postgresServer, withoutPostgres, type PostgresServer } from '@turnpike/testkit/postgres-server';
import { ask, type Fleet, fleetOf, told, until } from '../fleet-world.ts';
import { failuresOf, standing } from '../region-cut.ts';
import { steadyLoad } from '../steady-load.ts';

const WIDTH = 1000;
const ROUNDS = 8;
/** From the kill: the lease of the dead one, a look, a report, and what a busy machine takes. */
const TAKEN_BACK_MS = 20_000;

describe('a death in the middle of a change', { skip: withoutPostgres(), timeout: 900_000 }, () => {
  let postgres: PostgresServer;
  let endpoint: EndpointProcess;
  let fleet: Fleet;
  let url = '';
  const name = (): string => url.slice(url.lastIndexOf('/') + 1);

  before(async () => {
    postgres = await postgresServer();
    endpoint = await endpointProcess();
    url = await postgres.createDatabase();
    fleet = await fleetOf(3, configOf);
  });
  after(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await endpoint?.kill();
    await postgres?.close();
  });

  function configOf(number: number, state: string): string {
    return `
listeners: { web: { address: "127.0.0.1:0" } }
admin: { address: "127.0.0.1:0" }
stores: { database: { url: "${url}" } }
runtime: { threads: 1, stateDirectory: ${state}, drainTimeout: 1s, zone: z${number} }
telemetry: { accessLog: off }
`;
  }

  const gatewayAt = (at: number) => fleet.gateways[at] ?? assert.fail();

  it('of the database: a revision is everywhere or nowhere, and no request fails', async (test) => {
    await told(gatewayAt(0), 'POST /v1/apply', everything(0));
    await until('all have it', () => allSay('/r0', 'round 0'));
    const loads = fleet.gateways.map(({ port }) =>
      steadyLoad(port, { path: '/r0', clients: 2, pauseMs: 20 }),
    );
    const outcomes: string[] = [];
    let committed = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const publish = ask(gatewayAt(round % 3), 'POST /v1/apply', everything(round));
      await delay(round * 60);
      await postgres.kill();
      const { status } = await publish.catch(() => ({ status: 0 }));
      assert.ok(status === 200 || status === 503, `it was answered with ${status}`);
      await postgres.restart();
      await until('all hear the database', async () =>
        (await Promise.all(fleet.gateways.map(standing))).every(({ isReachable }) => isReachable),
      );
      const rows = await postgres.sql(
        name(),
        `select distinct document::text from objects where kind = 'routes'`,
      );
      const found = new Set(rows.match(/round \d+/g));
      assert.equal(found.size, 1, `parts of several revisions: ${[...found].join()}`);
      const [stored = ''] = found;
      if (status === 200) assert.equal(stored, `round ${round}`, 'what was answered with success is kept');
      else if (stored !== `round ${round}`) assert.equal(stored, `round ${committed}`);
      committed = Number(stored.slice('round '.length));
      const tookMs = await until('all serve it', () => allSay('/r0', stored));
      assert.ok(await allSay(`/r${WIDTH - 1}`, stored));
      outcomes.push(
        `${status}, ${stored === `round ${round}` ? 'committed' : 'not'}, ${Math.round(tookMs)} ms`,
      );
    }
    assert.deepEqual(await failuresOf(loads), []);
    test.diagnostic(JSON.stringify(outcomes));
  });

  it('of the gateway that looks after a roll-out: another one takes it back', async (test) => {
    const loads = (): ReturnType<typeof steadyLoad> =>
      steadyLoad(gatewayAt(2).port, { path: '/served/1', clients: 4, pauseMs: 30 });
    await told(gatewayAt(0), 'PUT /v1/services/origin', { endpoints: [endpoint.url] });
    await told(gatewayAt(0), 'PUT /v1/routes/served', { match: { path: '/served/*' }, service: 'origin' });
    await until('all serve it', async () => (await statuses('/served/1')).every((status) => status === 200));
    const rounds: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const [victim, other] = round % 2 === 0 ? [0, 1] : [1, 0];
      const load = loads();
      const { rollout } = await told<{ rollout: { id: number } }>(gatewayAt(victim), 'POST /v1/rollouts', {
        put: { services: { origin: { endpoints: ['http://127.0.0.1:1'] } } },
        steps: [{ kind: 'zones', zones: ['z2'] }],
        stepMs: 600_000,
      });
      const holder = async (): Promise<string> =>
        (
          await postgres.sql(name(), `select holder from jobs where name = 'rollout' and holder <> ''`)
        ).trim();
      // Whoever looks after it now waits for this lock, with the job in hand.
      const lock = postgres.sql(
        name(),
        'begin; lock table nodes in access exclusive mode; select pg_sleep(1.5); commit',
      );
      await until('somebody looks after it', async () => (await holder()) !== '');
      const held = await holder();
      await gatewayAt(victim).stop('SIGKILL');
      const killedAt = performance.now();
      await lock;
      await delay(300);
      const wasLeading = held !== '' && (await holder()) === held;
      await until('it is taken back', async () => {
        const { state } = await told<{ state: string }>(gatewayAt(other), `GET /v1/rollouts/${rollout.id}`);
        return state === 'rolled-back';
      });
      const tookMs = performance.now() - killedAt;
      assert.ok(tookMs < TAKEN_BACK_MS, `it took ${tookMs} ms`);
      await load.stop();
      await fleet.start(victim);
      await until('all do well', async () => (await statuses('/served/1')).every((status) => status === 200));
      rounds.push(`${wasLeading ? 'the leader' : 'another'}: ${(tookMs / 1000).toFixed(1)} s`);
    }
    test.diagnostic(JSON.stringify(rounds));
  });

  async function statuses(path: string): Promise<number[]> {
    return Promise.all(
      fleet.gateways.map(async ({ port }) => {
        const response = await fetch(`http://127.0.0.1:${port}${path}`);
        await response.arrayBuffer();
        return response.status;
      }),
    );
  }

  async function allSay(path: string, text: string): Promise<boolean> {
    const bodies = fleet.gateways.map(async ({ port }) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return response.text();
    });
    return (await Promise.all(bodies)).every((body) => body === text);
  }
});

/** Many routes that all say the same. */
function everything(round: number): object {
  const routes = Array.from({ length: WIDTH }, (_, i) => [
    `r${i}`,
    { match: { path: `/r${i}` }, respond: { body: `round ${round}` } },
  ]);
  return { routes: Object.fromEntries(routes) };
}
