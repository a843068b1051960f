// A whole gateway with data threads: what it makes of sick endpoints, and what it shows of them.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ServiceConfig } from '@turnpike/config';
import { answer, reply, reset, scriptedUpstream, type Step } from '@turnpike/testkit';
import { supervise } from '../../src/main.ts';
import { configOf, hearLog } from '../../src/threads/threads-testing.ts';
import { adminJson, ask, until } from '../threads/fixture.ts';

const CHECK: ServiceConfig['health'] = {
  probe: { kind: 'http', method: 'GET', path: '/healthz', host: null, statuses: [{ from: 200, to: 200 }] },
  port: null,
  intervalMs: 50,
  timeoutMs: 5000,
  healthyAfter: 2,
  unhealthyAfter: 2,
};
const RULES: ServiceConfig['outlierDetection'] = {
  consecutiveFailures: 5,
  intervalMs: 1000,
  ejectMs: 300,
  maxEjectMs: 10_000,
  maxEjectedPercent: 30,
};

const WELL = answer(reply('well'));

/** Two endpoints, of which the second is well. */
async function running(t: TestContext, step: Step, health: Partial<ServiceConfig>) {
  const sick = await scriptedUpstream(step);
  const well = await scriptedUpstream(WELL);
  const config = configOf({
    services: { shop: { endpoints: [sick.url, well.url], balancer: 'round-robin' } },
    routes: { all: { match: { path: '/*' }, service: 'shop' } },
  });
  const services = config.services.map((service) => ({ ...service, ...health }));
  const log = hearLog();
  const gateway = await supervise({
    config: { ...config, services },
    log,
    version: '0.0.0-test',
    preStopMs: 0,
  });
  t.after(async () => {
    await gateway.stop('SIGTERM');
    await Promise.all([sick.close(), well.close()]);
  });
  const endpoints = async (): Promise<Record<string, unknown>[]> =>
    Array.from(Object.values(await adminJson(gateway, '/endpoints')));
  return {
    sick,
    log,
    endpoints,
    stateOf: async (url: string) =>
      (await endpoints()).find((endpoint) => endpoint['url'] === url)?.['state'],
    send: () => ask(gateway.ports.get('web'), '/'),
    metrics: async () => (await ask(gateway.adminPort, '/metrics')).body,
  };
}

describe('a gateway whose endpoint fails its checks', () => {
  it('takes it out, says why, and takes it back', async (t) => {
    const broken = answer(reply('', [], '503 Service Unavailable'));
    const { sick, log, endpoints, stateOf, metrics } = await running(t, broken, { health: CHECK });
    await log.heard('endpoint down');
    assert.equal(await stateOf(sick.url), 'down');
    const [endpoint] = await endpoints();
    assert.equal(endpoint?.['reason'], 'status 503');
    assert.match(await metrics(), /^turnpike_service_endpoints\{service="shop",state="down"\} 1$/m);
    assert.match(await metrics(), new RegExp(`^turnpike_endpoint_up\\{.*endpoint="${sick.url}"\\} 0$`, 'm'));
    sick.script(WELL);
    await log.heard('endpoint up');
    assert.equal(await stateOf(sick.url), 'up');
    const [healed] = await endpoints();
    const history = healed?.['history'];
    assert.ok(Array.isArray(history));
    assert.deepEqual(
      history.map(({ change, reason }) => `${change} ${reason}`),
      ['up ', 'down status 503'],
    );
    assert.match(await metrics(), /^turnpike_health_checks_total\{service="shop",result="failure"\} [1-9]/m);
    assert.match(await metrics(), /^turnpike_service_panic\{service="shop"\} 0$/m);
  });
});

describe('a gateway whose endpoint fails real requests', () => {
  it('ejects it, whichever threads they came to, says why, and tries it again with one', async (t) => {
    const { sick, log, send, endpoints, stateOf, metrics } = await running(t, reset, {
      outlierDetection: RULES,
    });
    // Only so many as it takes: the next would try it again.
    await until(async () => {
      await send();
      return (await stateOf(sick.url)) !== 'up';
    });
    const { fields } = await log.heard('endpoint ejected');
    assert.partialDeepStrictEqual(fields, {
      service: 'shop',
      url: sick.url,
      reason: 'consecutive-failures',
      lastFailure: 'reset',
    });
    sick.script(WELL);
    await until(async () => {
      await send();
      return (await stateOf(sick.url)) === 'up';
    });
    await log.heard('endpoint readmitted');
    const [endpoint] = await endpoints();
    assert.ok(Array.isArray(endpoint?.['history']));
    assert.equal(endpoint['history'][0].change, 'readmitted');
    assert.equal(endpoint['history'].at(-1).change, 'ejected');
    assert.match(
      await metrics(),
      /^turnpike_endpoint_ejections_total\{service="shop",reason="consecutive-failures"\} 1$/m,
    );
  });
});
