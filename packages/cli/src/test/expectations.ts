import type { Expectation } from '@turnpike/config/cases';
import type { OfflineExchange } from '@turnpike/gateway/offline';
import { fieldDifferences, bodyDifferences, type Difference, missing, plain } from './differences.ts';
import { upstreamDifferences } from './upstream-expectations.ts';
import { refusalOf, reportedBy } from './verdicts.ts';

/** How the requests of one step differ from what must come of each of them. */
export function differencesOf(expected: Expectation, exchange: OfflineExchange): Difference[] {
  const { response, trace } = exchange;
  const { record } = trace;
  return [
    ...plain('route', expected.route, orNone(record.route)),
    ...plain('status', expected.status, response.status),
    ...plain('code', expected.code, orNone(record.code)),
    ...refusedBy(expected, exchange),
    ...reported(expected, exchange),
    ...plain('identity', expected.identity, orNone(exchange.caller?.subject ?? '')),
    ...plain('cache', expected.cache, record.cache),
    ...plain('attempts', expected.attempts, record.attempts),
    ...took(expected, trace.durationMs),
    ...fieldDifferences(['headers'], expected.headers, response.headers),
    ...missing(['withoutHeaders'], expected.withoutHeaders, response.headers),
    ...bodyDifferences(expected, response.body),
    ...(response.brokenBy !== '' && !expected.broken
      ? [difference('broken', 'a whole body', `one that breaks off (${response.brokenBy})`)]
      : []),
    ...(response.brokenBy === '' && expected.broken
      ? [difference('broken', 'a body that breaks off', 'a whole body')]
      : []),
    ...upstreamDifferences(expected.upstream, exchange.upstream),
  ];
}

/** Of requests that are repeated: how many had which status. */
export function countDifferences(
  { statuses }: Expectation,
  exchanges: readonly OfflineExchange[],
): Difference[] {
  if (statuses === null) return [];
  const counts: Record<string, number> = {};
  for (const { response } of exchanges) counts[response.status] = (counts[response.status] ?? 0) + 1;
  const text = (each: Iterable<readonly [string, number]>) =>
    Array.from(each, ([status, count]) => `${count} × ${status}`)
      .sort()
      .join(', ');
  const [wanted, got] = [text(statuses), text(Object.entries(counts))];
  return wanted === got ? [] : [difference('statuses', wanted, got)];
}

function difference(key: string, expected: string, got: string): Difference {
  return { path: [key], expected, got };
}

function orNone(name: string): string {
  return name === '' ? 'none' : name;
}

/** `authorize` stands for any of its rules. */
function refusedBy({ refusedBy }: Expectation, exchange: OfflineExchange): Difference[] {
  if (refusedBy === null) return [];
  const { policy, rule } = refusalOf(exchange.trace);
  const isMeant = [policy, rule].includes(refusedBy) || rule.startsWith(`${refusedBy}.`);
  return isMeant ? [] : [difference('refusedBy', refusedBy, rule === '' ? policy : rule)];
}

function reported({ reported: wanted }: Expectation, { trace }: OfflineExchange): Difference[] {
  if (wanted === null) return [];
  const [expected, got] = [listed(wanted), listed(reportedBy(trace))];
  return expected === got ? [] : [difference('reported', expected, got)];
}

/** A wait is late by a tick of the clock, never early. */
function took({ took: wanted }: Expectation, durationMs: number): Difference[] {
  if (wanted === null || durationMs >= wanted) return [];
  return [difference('took', `${wanted} ms at least`, `${durationMs} ms`)];
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : [...names].sort().join(', ');
}
