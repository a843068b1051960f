// Passive checks: what real requests to real endpoints tell of their health.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  answer,
  early,
  eventually,
  hangUp,
  reply,
  reset,
  scriptedUpstream,
  stall,
  type ScriptedUpstream,
  type Step,
} from '@turnpike/testkit';
import type { Body, BodySource } from '../../src/core/body.ts';
import { PLAIN_UPSTREAM_TLS } from '../../src/core/upstream-tls.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { exchangeFrom } from '../../src/core/exchange-testing.ts';
import type { Exchange } from '../../src/core/exchange.ts';
import { random } from '../../src/core/random.ts';
import { TimingWheel } from '../../src/core/timing-wheel.ts';
import { systemClock } from '../../src/core/ports.ts';
import type { Connect } from '../../src/core/transport.ts';
import { EndpointStates } from '../../src/upstream/balance/endpoint-states.ts';
import { forward } from '../../src/upstream/forward.ts';
import { Services } from '../../src/upstream/services.ts';
import { ClientConnection } from '../../src/wire/http1/client-connection.ts';
import { PLAIN_ROUTE, PLAIN_SERVICE, plainPorts } from '../../src/upstream/upstream-testing.ts';

const RULES = {
  consecutiveFailures: 5,
  intervalMs: 10_000,
  ejectMs: 100,
  maxEjectMs: 10_000,
  maxEjectedPercent: 30,
};

interface Circumstances {
  readonly timeouts?: object;
  readonly now?: () => number;
}

/** A service of two endpoints: the second is well, and the first does as the test says. All requests go through `send`. */
async function setUp(
  t: TestContext,
  step: Step,
  { timeouts = {}, now = systemClock.now }: Circumstances = {},
) {
  const sick = await scriptedUpstream(step);
  const well = await scriptedUpstream(answer(reply('well')));
  const wheel = new TimingWheel(now);
  const stopWheel = wheel.start();
  const states = new EndpointStates(EndpointStates.allocate(2, 1), 0);
  const connect: Connect = (home) => new ClientConnection(home);
  const ports = { ...plainPorts(), wheel, random: random(1), states, connect };
  const services = new Services(ports, () => null);
  const members = [sick, well].map(({ url, port }, slot) => ({
    url,
    port,
    host: '127.0.0.1',
    weight: 1,
    zone: null,
    priority: 0,
    isDraining: false,
    slot,
  }));
  const plan = {
    ...PLAIN_SERVICE,
    balancer: { kind: 'round-robin' } as const,
    slowStartMs: 30_000,
    panicThreshold: 0,
    upstreamTls: PLAIN_UPSTREAM_TLS,
    connections: { perEndpoint: 16, idleTimeoutMs: 5000, http2: 'auto' as const },
    timeouts: { connectMs: 5000, requestMs: 5000, idleMs: 5000, ...timeouts },
    outlierDetection: RULES,
    members,
  };
  services.apply([plan]);
  const service = services.get('main') ?? assert.fail();
  const handle = forward({ ...PLAIN_ROUTE, service }, ports);
  t.after(async () => {
    services.close();
    stopWheel();
    await Promise.all([sick.close(), well.close()]);
  });

  const send = async (exchange: Exchange = exchangeFrom()): Promise<string> => {
    try {
      const { status, body } = await handle(exchange);
      if (typeof body === 'object') body?.cancel();
      return String(status);
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    } finally {
      exchange.end();
    }
  };
  return {
    sick,
    states,
    send,
    /** Sends until that many have come to the sick one. */
    async sendToSick(count: number, exchange?: () => Exchange) {
      const until = sick.requests.length + count;
      for (let sent = 0; sick.requests.length < until; sent++) {
        assert.ok(sent < 10 * count, 'the sick endpoint gets no requests');
        await send(exchange?.());
      }
    },
    condition: () => states.condition(0, now()),
    failures: () => states.view(0).ejection.failures,
  };
}

const PAUSE = reply('', ['Retry-After: 30'], '503 Service Unavailable');

describe('what counts against an endpoint', () => {
  const table: readonly [string, Step, boolean][] = [
    ['a reset', reset, true],
    ['a connection that is closed', hangUp, true],
    ['garbage', early('garbage\r\n\r\n'), true],
    ['502', answer(reply('', [], '502 Bad Gateway')), true],
    ['503', answer(reply('', [], '503 Service Unavailable')), true],
    ['504', answer(reply('', [], '504 Gateway Timeout')), true],
    ['500', answer(reply('', [], '500 Internal Server Error')), false],
    ['501', answer(reply('', [], '501 Not Implemented')), false],
    ['404', answer(reply('', [], '404 Not Found')), false],
    ['429', answer(reply('', ['Retry-After: 0'], '429 Too Many Requests')), false],
  ];
  for (const [what, step, counts] of table) {
    it(`${counts ? 'is' : 'is not'} ${what}`, async (t) => {
      const { sendToSick, condition, failures } = await setUp(t, step);
      await sendToSick(5);
      assert.equal(failures(), counts ? 5 : 0);
      assert.equal(condition() === 'ejected' || condition() === 'half-open', counts);
    });
  }

  it('is a refused connection', async (t) => {
    const { sick, send, condition, failures } = await setUp(t, stall);
    await sick.close();
    for (let sent = 0; failures() < 5; sent++) {
      assert.ok(sent < 100);
      assert.equal(await send(), '200', 'the other endpoint answers');
    }
    assert.ok(condition() === 'ejected' || condition() === 'half-open');
  });

  it('is an answer that does not come in time', async (t) => {
    const { sendToSick, failures } = await setUp(t, stall, { timeouts: { requestMs: 50 } });
    await sendToSick(2);
    assert.equal(failures(), 2);
  });

  it('is not a request for a pause, which is heard', async (t) => {
    const { send, sick, condition, failures } = await setUp(t, answer(PAUSE));
    while (sick.requests.length === 0) await send();
    assert.equal(failures(), 0);
    assert.equal(condition(), 'penalised');
  });

  const upload: BodySource = { length: 3, readTo: () => {}, resume: () => {}, cancel: () => {} };
  const cancellations: readonly [string, ErrorCode, number, Body, boolean][] = [
    ['a client that leaves', 'CLIENT_CLOSED', 60_000, null, false],
    ['a deadline that was short', 'DEADLINE_EXCEEDED', 999, null, false],
    ['a deadline that was a second and more', 'DEADLINE_EXCEEDED', 1000, null, true],
    ['a deadline while the client may still have been sending', 'DEADLINE_EXCEEDED', 60_000, upload, false],
  ];
  it('is not the end of a time that the endpoint had little of', async (t) => {
    let nowMs = systemClock.now();
    const { send, states } = await setUp(t, stall, { now: () => nowMs });
    for (let i = 0; i < 4; i++) {
      // A body that took its time to come, for example.
      const exchange = exchangeFrom({ startedAtMs: nowMs - 14_500 });
      exchange.deadlineAtMs = nowMs + 500;
      const sent = send(exchange);
      nowMs += 500;
      exchange.cancel('DEADLINE_EXCEEDED');
      assert.equal(await sent, 'DEADLINE_EXCEEDED');
    }
    assert.deepEqual(
      [0, 1].map((slot) => states.view(slot).failed),
      [0, 0],
    );
  });

  it('is not a deadline that the caller chose, which costs the endpoint no more than its time', async (t) => {
    let nowMs = systemClock.now();
    const { send, states } = await setUp(t, stall, { now: () => nowMs });
    for (let i = 0; i < 4; i++) {
      const exchange = exchangeFrom();
      exchange.isCallersDeadline = true;
      const sent = send(exchange);
      nowMs += 5000;
      exchange.cancel('DEADLINE_EXCEEDED');
      assert.equal(await sent, 'DEADLINE_EXCEEDED');
    }
    for (const slot of [0, 1]) {
      const { failed, ejection } = states.view(slot);
      assert.deepEqual([failed, ejection.failures], [0, 0]);
    }
  });

  for (const [what, code, elapsedMs, body, counts] of cancellations) {
    it(`${counts ? 'is' : 'is not'} ${what}`, async (t) => {
      let nowMs = systemClock.now();
      const { send, states } = await setUp(t, stall, { now: () => nowMs });
      for (let i = 0; i < 4; i++) {
        const exchange = exchangeFrom({ body });
        const sent = send(exchange);
        nowMs += elapsedMs;
        exchange.cancel(code);
        assert.equal(await sent, code);
      }
      const failures = [0, 1].map((slot) => states.view(slot).ejection.failures);
      assert.deepEqual(failures, counts ? [2, 2] : [0, 0]);
    });
  }
});

describe('an endpoint that resets connections', () => {
  /** Ejected, and its time is over. */
  async function halfOpen(t: TestContext) {
    const rig = await setUp(t, reset);
    await rig.sendToSick(5);
    await eventually(() => rig.condition() === 'half-open', 'the end of the ejection');
    return rig;
  }

  it('comes back with one request that succeeds, and warms up', async (t) => {
    const { sick, send, condition, states } = await halfOpen(t);
    sick.script(answer(reply('healed')));
    await reached(sick, send);
    assert.equal(condition(), 'up');
    assert.ok(states.warmSinceMs(0) > 0);
    assert.equal(states.view(0).ejection.ejections, 1);
  });

  it('is out for longer when that request fails', async (t) => {
    const { sick, send, states } = await halfOpen(t);
    await reached(sick, send);
    const { ejections, reason, ejectedAtMs, ejectedUntilMs } = states.view(0).ejection;
    assert.deepEqual({ ejections, reason }, { ejections: 2, reason: 'failed-probe' });
    assert.ok(ejectedUntilMs - ejectedAtMs > 2 * RULES.ejectMs * 0.89);
  });

  it('keeps all others away while that request is under way, and lets another try when its client leaves', async (t) => {
    const { sick, send, condition, states } = await halfOpen(t);
    sick.script(stall);
    const probe = exchangeFrom();
    const before = sick.requests.length;
    const sent: Promise<string>[] = [];
    while (sick.requests.length === before) {
      const answered = send(probe);
      sent.push(answered);
      await Promise.race([answered, sick.request(before)]);
    }
    assert.equal(states.isDown(0, systemClock.now()), true);
    assert.equal(condition(), 'half-open');
    probe.cancel('CLIENT_CLOSED');
    await Promise.all(sent);
    assert.equal(states.isDown(0, systemClock.now()), false);
    sick.script(answer(reply('healed')));
    await reached(sick, send);
    assert.equal(condition(), 'up');
  });

  /** Sends until one has come to the sick endpoint. */
  async function reached(sick: ScriptedUpstream, send: () => Promise<string>): Promise<void> {
    const before = sick.requests.length;
    for (let sent = 0; sick.requests.length === before; sent++) {
      assert.ok(sent < 100, 'the endpoint gets no requests');
      await send();
    }
  }
});
