import { compileExpression } from '@turnpike/config/expression';
import type { AuthorizeConfig, ExternalAuthorizationConfig } from '@turnpike/config';
import type { ExchangeFields, Exchange, Handler, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import type { Identity } from '../../core/identity.ts';
import type { Clock, Log } from '../../core/ports.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { authorize } from './authorize.ts';
import { DecisionPoints } from './external/decision-points.ts';

/** For tests: a policy that asks for nothing, with whatever matters set. */
export function policyOf(fields: Partial<AuthorizeConfig>): AuthorizeConfig {
  return { mode: 'on', scopes: [], anyScope: [], claims: [], rule: null, external: null, ...fields };
}

/** For tests: a decision point over HTTP, with whatever matters set. */
export function externalOf(fields: Partial<ExternalAuthorizationConfig>): ExternalAuthorizationConfig {
  return {
    protocol: 'http',
    url: 'http://127.0.0.1:1',
    timeoutMs: 5000,
    onFailure: 'deny',
    cacheMs: 0,
    requestHeaders: [],
    upstreamHeaders: [],
    clientHeaders: [],
    ...fields,
  };
}

/** For tests: an exchange of this caller. */
export function callOf(identity: Identity | null, fields: Partial<ExchangeFields> = {}): Exchange {
  const exchange = exchangeFrom({ query: '', ...fields });
  exchange.identity = identity;
  return exchange;
}

/** For tests: everything around the stage, on a clock that the test moves. */
export interface AuthorizeBench {
  readonly decisionPoints: DecisionPoints;
  readonly wheel: TimingWheel;
  /** What was counted: `allowed`, `denied scopes`, … */
  readonly counted: string[];
  readonly warnings: string[];
  /** Runs the stage in front of a service; null: it refused. */
  run(config: Partial<AuthorizeConfig>, exchange: Exchange, names?: readonly string[]): Promise<Reply>;
  /** The ways in of the route. */
  challenges: readonly string[];
}

/** The reply of the service behind the stage: 200 and one header. */
const SERVED: Handler = () =>
  Promise.resolve({
    status: 200,
    headers: headersOf(['X-Served', 'yes']),
    body: null,
    code: '',
    tunnel: null,
  });

const SILENT = (): void => {};

export function authorizeBench(clock: Clock): AuthorizeBench {
  const counted: string[] = [];
  const warnings: string[] = [];
  const log: Log = { debug: SILENT, info: SILENT, warn: (message) => warnings.push(message), error: SILENT };
  const wheel = new TimingWheel(() => clock.now());
  const decisionPoints = new DecisionPoints({ clock, wheel, log });
  const decisions = (policy: string) => ({
    allowed: () => void counted.push(`${policy} allowed`),
    denied: (reason: string) => void counted.push(`${policy} denied ${reason}`),
    reported: (reason: string) => void counted.push(`${policy} reported ${reason}`),
    failed: (reason: string) => void counted.push(`${policy} failed ${reason}`),
  });
  const bench: AuthorizeBench = {
    challenges: [],
    decisionPoints,
    wheel,
    counted,
    warnings,
    run(config, exchange, names = []) {
      const stage = authorize(
        policyOf(config),
        { route: 'orders', names },
        { decisions, clock, decisionPoints, compileExpression, challenges: bench.challenges },
      );
      if (stage === null) throw new Error('there is no stage');
      return stage(SERVED)(exchange);
    },
  };
  return bench;
}

/** For tests: what a reply says besides its status. */
export function problemOf(reply: Reply): Readonly<Record<string, unknown>> {
  return typeof reply.body === 'string' ? (JSON.parse(reply.body) as Record<string, unknown>) : {};
}
