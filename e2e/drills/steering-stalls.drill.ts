// How long /readyz waits while much is steered at once: ten thousand objects applied, exported, compared and taken back.
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { type Fleet, fleetOf } from '../fleet-world.ts';

const [SERVICES, ROUTES] = [1_000, 10_000];

describe('a gateway that is steered', { timeout: 600_000 }, () => {
  it('answers /readyz meanwhile', async (test) => {
    await using fleet = await fleetOf(1, configOf);
    const all = everything('');
    const json = { body: JSON.stringify(all), type: 'application/json' };
    const yaml = { body: yamlOf(all), type: 'application/yaml' };
    const other = { body: JSON.stringify(everything('x')), type: 'application/json' };
    const one = {
      body: JSON.stringify({ match: { path: '/one' }, service: 's1' }),
      type: 'application/json',
    };
    for (const [what, call, sent] of [
      ['nothing', 'GET /v1/revisions', null],
      ['a dry run of all', 'POST /v1/apply?dryRun=true', json],
      ['all of them', 'POST /v1/apply', json],
      ['all of them again', 'POST /v1/apply', json],
      ['all of them in YAML', 'POST /v1/apply', yaml],
      ['a change of all of them', 'POST /v1/apply', other],
      ['one route', 'PUT /v1/routes/one', one],
      ['one more', 'PUT /v1/routes/two', { ...one, body: one.body.replace('/one', '/two') }],
      ['an export in JSON', 'GET /v1/export', null],
      ['an export in YAML', 'GET /v1/export?format=yaml', null],
      ['what is in effect', 'GET /v1/effective', null],
      ['a difference of revisions', 'GET /v1/revisions/1/diff?to=2', null],
      ['one revision', 'GET /v1/revisions/2', null],
      ['the way back', 'POST /v1/revisions/1/rollback', null],
    ] as const)
      await measured(test, fleet, { what, call, sent });
  });
});

interface Step {
  readonly what: string;
  readonly call: string;
  readonly sent: { readonly body: string; readonly type: string } | null;
}

async function measured(test: TestContext, fleet: Fleet, { what, call, sent }: Step): Promise<void> {
  const port = fleet.gateways[0]?.adminPort ?? 0;
  const [method = '', path = ''] = call.split(' ');
  const watch = new Worker(new URL('ready-watch.ts', import.meta.url), { workerData: { port } });
  await once(watch, 'message');
  const beganAt = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    ...(sent !== null && { headers: { 'content-type': sent.type }, body: sent.body }),
  });
  const text = await response.text();
  const tookMs = Math.round(performance.now() - beganAt);
  // What comes after the answer, such as what is written to disk, is part of it.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- to a thread, not to a window
  watch.postMessage('stop');
  const [found] = (await once(watch, 'message')) as [object];
  await watch.terminate();
  test.diagnostic(JSON.stringify({ what, status: response.status, tookMs, kB: text.length >> 10, ...found }));
  if (response.status >= 300) throw new Error(text.slice(0, 1000));
}

function configOf(_number: number, state: string): string {
  return `
listeners: { web: { address: "127.0.0.1:0" } }
admin: { address: "127.0.0.1:0" }
stores: { database: { url: "sqlite:${state}.db" } }
runtime: { threads: 1, stateDirectory: ${state}, drainTimeout: 1s }
telemetry: { accessLog: off }
`;
}

function everything(more: string): Record<'services' | 'routes', Record<string, object>> {
  const named = (count: number, letter: string, of: (i: number) => object): Record<string, object> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${letter}${i}`, of(i)]));
  return {
    services: named(SERVICES, 's', (i) => ({ endpoints: [`http://10.${i >> 8}.${i & 255}.1:8080`] })),
    routes: named(ROUTES, 'r', (i) => ({
      match: { path: `/r${i}${more}/{id}` },
      service: `s${i % SERVICES}`,
    })),
  };
}

function yamlOf(sections: Record<string, Record<string, object>>): string {
  const lines = Object.entries(sections).map(([section, entries]) => {
    const all = Object.entries(entries).map(([name, entry]) => `  ${name}: ${JSON.stringify(entry)}`);
    return [`${section}:`, ...all].join('\n');
  });
  return lines.join('\n');
}
