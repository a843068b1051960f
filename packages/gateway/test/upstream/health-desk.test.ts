// Endpoints that a registry tells of: they come and go, and their health with them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { eventually } from '@turnpike/testkit';
import type { EndpointEntry } from '../../src/core/endpoint-set.ts';
import { PLAIN_UPSTREAM_TLS } from '../../src/core/upstream-tls.ts';
import { systemClock } from '../../src/core/ports.ts';
import { random } from '../../src/core/random.ts';
import { systemTimers } from '../../src/identity/providers/clockwork.ts';
import { HealthDesk } from '../../src/threads/health-desk.ts';
import { configOf, hearLog } from '../../src/threads/threads-testing.ts';
import { EndpointStates } from '../../src/upstream/balance/endpoint-states.ts';

const CHECK = {
  probe: { kind: 'tcp' },
  port: null,
  intervalMs: 30,
  timeoutMs: 5000,
  healthyAfter: 1,
  unhealthyAfter: 1,
} as const;

/** A port on which somebody listens, or nobody any more. */
async function portWith(t: TestContext, listens: boolean): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  if (listens) t.after(() => server.close());
  else server.close();
  return port;
}

describe('the health of discovered endpoints', () => {
  it('is looked after from when they come until they go', async (t) => {
    const [config] = configOf({ services: { found: { endpoints: ['http://127.0.0.1:1'] } } }).services;
    assert.ok(config !== undefined);
    const service = {
      ...config,
      health: CHECK,
      members: null,
      upstreamTls: PLAIN_UPSTREAM_TLS,
      limitSlot: 0,
      highestPriority: 'normal',
    } as const;
    const states = new EndpointStates(EndpointStates.allocate(4, 1), 0);
    let endpoints: EndpointEntry[] = [];
    let counted = 0;
    const log = hearLog();
    const desk = new HealthDesk({
      log,
      clock: systemClock,
      random: random(1),
      states,
      timers: systemTimers,
      metrics: { ejected: () => counted++, healthChecked: () => {} },
      services: () => [service],
      discovered: () => ({ version: 1, endpoints }),
    });
    t.after(() => desk.close());
    const entry = (slot: number, port: number): EndpointEntry => ({
      url: `http://127.0.0.1:${port}`,
      host: '127.0.0.1',
      port,
      weight: 1,
      zone: null,
      priority: 0,
      isDraining: false,
      slot,
    });
    const open = entry(0, await portWith(t, true));
    const shut = entry(1, await portWith(t, false));

    desk.changed();
    endpoints = [open, shut];
    for (let i = 0; i < 50; i++) desk.changed();
    await eventually(() => states.isDown(1, systemClock.now()), 'the endpoint that refuses is down');
    await eventually(() => desk.checks.every(({ state }) => state !== 'unknown'), 'both were checked');
    assert.equal(states.isDown(0, systemClock.now()), false);
    assert.equal(desk.historyOf({ service: 'found', url: shut.url })[0]?.reason, 'connection refused');

    endpoints = [open];
    desk.changed();
    await eventually(() => desk.checks.length === 1, 'the endpoint is not checked any more');
    assert.equal(states.isDown(1, systemClock.now()), false);
    assert.deepEqual(desk.historyOf({ service: 'found', url: shut.url }), []);

    states.ejections.eject(0, systemClock.now() + 60_000, {
      nowMs: systemClock.now(),
      reason: 'consecutive-failures',
    });
    await log.heard('endpoint ejected');
    assert.equal(counted, 1);
  });
});
