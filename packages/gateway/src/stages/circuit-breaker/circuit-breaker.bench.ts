// What the stage costs a request. Run: node packages/gateway/src/stages/circuit-breaker/circuit-breaker.bench.ts
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { Handler } from '../../core/exchange.ts';
import { Headers } from '../../core/headers.ts';
import { breakerRig } from './breaker-testing.ts';
import { circuitBreaker } from './circuit-breaker.ts';

const ROUNDS = 7;
const TIMES = 200_000;
const headers = new Headers();

/** Answers with this status, as a service would. */
function service(status: number): Handler {
  return () => Promise.resolve({ status, headers, body: null, code: '', tunnel: null });
}

async function measure(name: string, handler: Handler | undefined): Promise<void> {
  if (handler === undefined) throw new Error('there is no stage');
  const exchange = exchangeFrom();
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < TIMES; i++) await handler(exchange);
    best = Math.min(best, ((performance.now() - start) * 1000) / TIMES);
  }
  process.stdout.write(`${best.toFixed(2).padStart(10)} µs  ${name}\n`);
}

function stage(rig = breakerRig({ failureRate: 100 })) {
  return circuitBreaker(rig.breaker, { service: 'users', timeoutMs: null }, { now: () => rig.clock.ms });
}

const open = breakerRig();
open.pass(20, 'failure');
await measure('no stage', service(200));
await measure('closed, an answer', stage()?.(service(200)));
const failing = breakerRig({ minimumRequests: 1_000_000 });
await measure('closed, a failure', stage(failing)?.(service(503)));
await measure('open, with the problem document', stage(open)?.(service(200)));
