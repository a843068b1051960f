import type { HedgeConfig, PoliciesConfig, RetryConfig, ServiceConfig } from '@turnpike/config';
import { bytesText, durationText } from '../output/units.ts';
import type { Fact } from './report.ts';
import { joined, reporting } from './text-parts.ts';

// How often a request of a route is sent, and for how long somebody waits for it.

/** What a route says of attempts: retries, hedging, the deadlines of callers. */
export function attemptFacts({ retry, hedge, timeoutMs, deadlineHeader }: PoliciesConfig): readonly Fact[] {
  return [
    { name: 'retry', about: retryText(retry) },
    ...(hedge === null ? [] : [{ name: 'hedge', about: hedgeText(hedge) }]),
    { name: 'deadline', about: deadlineText(timeoutMs, deadlineHeader) },
  ];
}

/** `2 attempts at most, after connect-failure or reset, of GET …; …`. */
function retryText(retry: RetryConfig | null): string {
  if (retry === null) return 'none, but when no connection came about';
  const { mode, attempts, on, perTryMs, budgetPercent, bodyBytes, methods } = retry;
  const parts = [
    `${attempts} attempts at most, after ${on.join(', ')}`,
    perTryMs === null ? '' : `or ${durationText(perTryMs)} without an answer`,
    `if the method is ${joined(['idempotent', ...methods], ' or ')}`,
    `with bodies up to ${bytesText(bodyBytes)}`,
    `while at most ${budgetPercent}% of the requests are retries`,
  ];
  return joined(parts, ', ') + reporting(mode);
}

function hedgeText({ mode, after, budgetPercent }: HedgeConfig): string {
  const delay =
    after.kind === 'time'
      ? durationText(after.ms)
      : `the time in which ${after.percentile}% of its requests are answered`;
  return `a second attempt after ${delay}, with at most ${budgetPercent}% of the requests${reporting(mode)}`;
}

function deadlineText(timeoutMs: number | null, header: string | null): string {
  const own = timeoutMs === null ? '' : durationText(timeoutMs);
  const callers = joined(['grpc-timeout', 'connect-timeout-ms', header ?? ''], ', ');
  return joined([own, `what callers say in ${callers}`], ', or less: ');
}

/** `1s to connect, 30s until the answer begins, 60s between two pieces of it`. */
export function timeoutsText({ connectMs, requestMs, idleMs }: ServiceConfig['timeouts']): string {
  const [connect, request, idle] = [connectMs, requestMs, idleMs].map(durationText);
  return `${connect} to connect, ${request} until the answer begins, ${idle} between two pieces of it`;
}
