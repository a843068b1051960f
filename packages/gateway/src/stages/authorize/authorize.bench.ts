// What the stage costs a request that it lets through. Run: node packages/gateway/src/stages/authorize/authorize.bench.ts
import { compileExpression } from '@turnpike/config/expression';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AuthorizeConfig } from '@turnpike/config';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { callerOf } from '../../core/identity-testing.ts';
import { systemClock } from '../../core/ports.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { callOf, externalOf, policyOf } from './authorize-testing.ts';
import { authorize } from './authorize.ts';
import { DecisionPoints } from './external/decision-points.ts';

const ROUNDS = 5;
const reply: Reply = { status: 200, headers: headersOf(), body: null, code: '', tunnel: null };
const next: Handler = () => Promise.resolve(reply);
const ignore = (): void => {};
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const wheel = new TimingWheel(() => systemClock.now());
const decisionPoints = new DecisionPoints({ clock: systemClock, wheel, log });
const decisions = () => ({ allowed: ignore, denied: ignore, reported: ignore, failed: ignore });
const caller = callerOf({
  scopes: ['users:read', 'users:write'],
  claims: { level: 5, tenant: 'blue', roles: ['staff'] },
});

function call(): Exchange {
  const headers = headersOf(['Host', 'api.example.com'], ['Accept', '*/*'], ['X-Tenant', 'blue']);
  return callOf(caller, { headers });
}

async function measure(name: string, config: Partial<AuthorizeConfig>, times: number): Promise<void> {
  const handler = authorize(
    policyOf(config),
    { route: 'r', names: [] },
    { decisions, clock: systemClock, decisionPoints, compileExpression, challenges: [] },
  )?.(next);
  if (handler === undefined) throw new Error('there is no stage');
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const exchanges = Array.from({ length: times }, call);
    const start = performance.now();
    for (const exchange of exchanges) {
      const { status } = await handler(exchange);
      if (status !== 200) throw new Error(`${name} was refused`);
    }
    best = Math.min(best, ((performance.now() - start) * 1000) / times);
  }
  process.stdout.write(`${best.toFixed(2).padStart(10)} µs  ${name}\n`);
}

await measure('nothing', {}, 100_000);
await measure('one scope', { scopes: ['users:write'] }, 100_000);
await measure(
  'a claim that is equal to a header',
  { claims: [{ path: ['tenant'], values: ['{header.x-tenant}'] }] },
  100_000,
);
await measure('a rule', { rule: 'identity.claims.level >= 3 && request.method == "GET"' }, 100_000);

const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const external = externalOf({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
await measure('a decision point over HTTP', { external }, 2000);
await measure('one that has decided before', { external: { ...external, cacheMs: 60_000 } }, 50_000);
decisionPoints.close();
server.close();
