import type { FaultConfig } from '@turnpike/config';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { Wrapper } from '../../core/exchange.ts';
import { refuse } from '../../core/problem.ts';
import type { Random } from '../../core/random.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import { pause } from './pause.ts';

/** What the stage reaches the world through. */
export interface FaultPorts {
  readonly wheel: TimingWheel;
  readonly random: Random;
  readonly decisions: DecisionsOf;
}

/**
 * Makes some requests slow, and some fail, for drills.
 *
 * The innermost stage: from all others it looks as if the service were slow or down. So a drill shows what they really do: the
 * timeout of the route, admission, the breaker and the fallback of ours, and the retries of callers. Only what happens on the
 * way to an endpoint (our own retries, timeouts and health of endpoints) is not part of it.
 */
export function fault(config: FaultConfig | null, { wheel, random, decisions }: FaultPorts): Wrapper | null {
  if (config === null) return null;
  const { delay, abort } = config;
  const count = decisions('fault');
  const isReport = config.mode === 'report';

  /** Whether it is to be done, and not only counted. */
  function isHit(share: { readonly percent: number } | null, reason: string): boolean {
    if (share === null || 100 * random.unit() >= share.percent) return false;
    if (isReport) count.reported(reason);
    else count.denied(reason);
    return !isReport;
  }

  return (next) => async (exchange) => {
    if (delay !== null && isHit(delay, 'delay')) await pause(exchange, delay.durationMs, wheel);
    if (abort === null || !isHit(abort, 'abort')) return next(exchange);
    return refuse(exchange, 'FAULT_INJECTED', { rule: 'fault.abort', status: abort.status });
  };
}
