import { compileExpression, compileNumber, compileText } from '@turnpike/config/expression';
import type { RateLimitConfig } from '@turnpike/config';
import { manualClock, type ManualClock } from '@turnpike/testkit';
import type { Charge, Counters, Taken } from '../../core/counters.ts';
import { countedDecisions } from '../../core/decisions-testing.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { random } from '../../core/random.ts';
import { stack } from '../../core/stack.ts';
import { routeExpressions } from '../../route-expressions.ts';
import { LocalCounters } from '../../stores/local/local-counters.ts';
import { responseHead } from '../../wire/http1/response-text.ts';
import { rateLimit } from './rate-limit.ts';

/** For tests: a limit of ten requests a second by address, with whatever matters set. */
export function limitOf(fields: Partial<RateLimitConfig> = {}): RateLimitConfig {
  return {
    name: 'main',
    mode: 'on',
    limit: 10,
    windowMs: 1000,
    burst: fields.limit ?? 10,
    limitFrom: null,
    algorithm: 'gcra',
    by: [{ kind: 'ip' }],
    whenKeyMissing: 'shared',
    stage: 'early',
    group: null,
    when: null,
    cost: null,
    responseCost: null,
    percent: 100,
    store: 'local',
    whenStoreFails: 'local',
    ...fields,
  };
}

/** For tests: a reply of the service. */
export function served(fields: readonly (readonly [string, string])[] = [], status = 200): Reply {
  return { status, headers: headersOf(...fields), body: null, code: '', tunnel: null };
}

/** For tests: counters elsewhere, which can be slow, and can fail. */
export class FakeStore implements Counters {
  /** At once; only after waiting; not at all. */
  answers: 'now' | 'later' | 'never' = 'now';
  readonly #counters: Counters;

  /** `counters` are those that really count. */
  constructor(counters: Counters) {
    this.#counters = counters;
  }

  limiter(id: string, algorithm: RateLimitConfig['algorithm']) {
    return this.#counters.limiter(id, algorithm);
  }

  takeNow(charges: readonly Charge[]): readonly Taken[] | null {
    return this.answers === 'now' ? this.#counters.takeNow(charges) : null;
  }

  takeOne(charge: Charge): Taken | null {
    return this.takeNow([charge])?.[0] ?? null;
  }

  take(charges: readonly Charge[]): Promise<readonly Taken[]> {
    if (this.answers !== 'never') return this.#counters.take(charges);
    return Promise.reject(new GatewayError('COUNTERS_UNAVAILABLE', 'nobody is there'));
  }

  settle(charge: Charge, difference: number): void {
    this.#counters.settle(charge, difference);
  }
}

/** For tests: a route with limits, on a clock that the test moves. */
export interface RateLimitBench {
  readonly clock: ManualClock;
  readonly store: FakeStore;
  /** What was counted since the last time, without the name of the policy. */
  counted(): string[];
  /** Makes the limits of a route; what they count outlasts them. Replies of it have the fields that clients see. */
  route(configs: readonly RateLimitConfig[], service?: Handler, id?: string): Handler;
}

export function rateLimitBench(): RateLimitBench {
  const clock = manualClock();
  const { decisions, take } = countedDecisions();
  const local = new LocalCounters(LocalCounters.allocate(1024), clock);
  const store = new FakeStore(new LocalCounters(LocalCounters.allocate(1024), clock));
  return {
    clock,
    store,
    counted: () => take().map((text) => text.replace('rateLimit ', '')),
    route(configs, service = () => Promise.resolve(served()), id = 'orders') {
      const plan = { route: id, names: ['id'] };
      const expressions = routeExpressions(COMPILERS, plan, clock);
      const ports = { counters: { local, redis: store }, decisions, random: random(1), expressions };
      const handler = stack()
        .through(rateLimit(configs, { ...plan, stage: 'early' }, ports))
        .through(rateLimit(configs, { ...plan, stage: 'late' }, ports))
        .to(service);
      if (handler === service) return service;
      return async (exchange) => asSent(exchange, await handler(exchange), clock);
    },
  };
}

/** The reply with the fields of its head as they are written, if limits were counted. */
function asSent(exchange: Exchange, reply: Reply, clock: ManualClock): Reply {
  if (exchange.standings.length === 0) return reply;
  const [, ...lines] = responseHead(exchange, reply, { persist: true, chunked: false, clock }).split('\r\n');
  const fields = lines.slice(0, -2).map((line) => line.split(': ', 2) as [string, string]);
  return { ...reply, headers: headersOf(...fields) };
}

const COMPILERS = { compileExpression, compileNumber, compileText };

/** For tests: the fields of a reply that are about limits. */
export function limitFieldsOf({ headers }: Reply): readonly (string | undefined)[] {
  return [headers.getList('ratelimit-policy'), headers.getList('ratelimit'), headers.getList('retry-after')];
}
