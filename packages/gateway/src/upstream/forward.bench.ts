// What forwarding costs beside the sockets. Run: node packages/gateway/src/upstream/forward.bench.ts
import { exchangeFrom } from '../core/exchange-testing.ts';
import { Headers, headersOf } from '../core/headers.ts';
import { random } from '../core/random.ts';
import { stack } from '../core/stack.ts';
import { TimingWheel } from '../core/timing-wheel.ts';
import type { Connect } from '../core/transport.ts';
import { timeout } from '../stages/timeout/timeout.ts';
import { EndpointStates } from './balance/endpoint-states.ts';
import { forward } from './forward.ts';
import { ONE_RETRY } from './resilience/retry-testing.ts';
import { Service } from './service.ts';
import { PLAIN_SERVICE, plainPorts } from './upstream-testing.ts';

const REQUESTS = 5000;
const ROUNDS = 300;

/** An endpoint that has answered before it was asked. */
const connect: Connect = (home) => {
  const connection = {
    isUsable: true,
    uses: 1,
    send({ listener }: Parameters<ReturnType<Connect>['send']>[0]) {
      const headers = new Headers().append('Content-Type', 'text/plain').append('Content-Length', '2');
      home.idle(connection);
      listener.replied(200, headers, { body: 'ok', tunnel: null, connectionNames: null });
    },
    abandon() {},
    destroy() {},
  };
  return connection;
};

const wheel = new TimingWheel(() => performance.now());
const ports = {
  ...plainPorts(),
  wheel,
  connect,
  random: random(1),
  states: new EndpointStates(EndpointStates.allocate(8, 1), 0),
};
const entries = [0, 1, 2].map((slot) => ({
  url: `http://10.0.0.1:${8080 + slot}`,
  host: '10.0.0.1',
  port: 8080 + slot,
  weight: 1,
  slot,
  zone: null,
  priority: 0,
  isDraining: false,
}));
const service = new Service(
  {
    ...PLAIN_SERVICE,
    timeouts: { connectMs: 1000, requestMs: 1000, idleMs: 1000 },
  },
  entries,
  ports,
);

const fields = headersOf(...Array.from({ length: 10 }, (_, i) => [`X-Field-${i}`, 'some value'] as const), [
  'User-Agent',
  'curl/8.5.0',
]);
const plan = { service, upgrade: [], hedge: null, deadlineHeader: null };
const nothing = { timeoutMs: null, deadlineHeader: null };
const CASES = {
  off: stack()
    .through(timeout(nothing, wheel))
    .to(forward({ ...plan, retry: null }, ports)),
  'default retries': stack()
    .through(timeout(nothing, wheel))
    .to(forward({ ...plan, retry: ONE_RETRY }, ports)),
};

for (const [name, handle] of Object.entries(CASES)) {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    wheel.touch();
    const beganMs = performance.now();
    for (let i = 0; i < REQUESTS; i++) {
      const exchange = exchangeFrom({ headers: fields.share() });
      await handle(exchange);
      exchange.end();
    }
    best = Math.min(best, ((performance.now() - beganMs) * 1e6) / REQUESTS);
  }
  process.stdout.write(`${name}: ${best.toFixed(0)} ns a request, with the making of its exchange\n`);
}
