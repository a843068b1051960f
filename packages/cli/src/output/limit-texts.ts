import type { ConcurrencyState, ConcurrencyView, LimitList, LimitState, LimitView } from '../gateway.ts';
import { printable } from './printable.ts';
import { alignColumns } from './table.ts';
import type { Paint } from './terminal.ts';
import { durationText, roughSeconds } from './units.ts';

/** Two tables: how many requests there may be in a time, and how many at once. */
export function limitListLines({ limits, concurrency }: LimitList, paint: Paint): string[] {
  if (limits.length + concurrency.length === 0) return ['no route has a limit'];
  const inTime = titled(
    ['ROUTE', 'LIMIT', 'QUOTA', 'BURST', 'BY', 'STORE', 'MODE'],
    limits.map((limit) => limitRow(limit)),
    paint,
  );
  const atOnce = titled(
    ['ROUTE', 'AT ONCE', 'BY', 'MODE'],
    concurrency.map((one) => concurrencyRow(one)),
    paint,
  );
  if (concurrency.length === 0) return inTime;
  return limits.length === 0 ? atOnce : [...inTime, '', ...atOnce];
}

function limitRow(limit: LimitView): string[] {
  const { route, limit: name, quota, quotaFrom, windowSeconds, burst, key, store, mode, percent } = limit;
  const from = quotaFrom === null ? '' : `, or by ${quotaFrom.kind === 'plan' ? 'plan' : 'rule'}`;
  const share = percent === 100 ? '' : ` (${percent}% of the keys)`;
  const amount = `${quota} in ${durationText(windowSeconds * 1000)}${from}`;
  return [route, name, amount, burst === null ? '-' : String(burst), printable(key), store, mode + share];
}

function concurrencyRow({ route, limit, key, mode }: ConcurrencyView): string[] {
  return [route, String(limit), printable(key), mode];
}

/** How a key stands. */
export function limitStateLines(state: LimitState, paint: Paint): string[] {
  const { route, limit, key, quota, remaining, resetSeconds, limited, mode, store, degraded } = state;
  const verdict = limited ? paint(['bold', 'red'], 'no room') : paint(['bold', 'green'], 'has room');
  const effect = mode === 'report' ? ' (this limit only reports it)' : '';
  return alignColumns([
    ['limit', `${limit} of ${route}`],
    ['key', key.length === 0 ? 'one for all' : printable(key.join(', '))],
    ['now', `${verdict}${effect}`],
    ['left', `${remaining} of ${quota}`],
    ['one more in', resetSeconds === 0 ? '-' : roughSeconds(resetSeconds)],
    ['counted in', degraded ? paint('yellow', `${store}, which does not answer`) : store],
  ]);
}

/** What a key has under way. */
export function concurrencyLines({ route, key, inUse, limit }: ConcurrencyState): string[] {
  const whose = key.length === 0 ? '' : ` by ${printable(key.join(', '))}`;
  return [`${inUse} of ${limit} under way on ${route}${whose}`];
}

function titled(titles: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string[] {
  return alignColumns([titles.map((title) => paint('bold', title)), ...rows]);
}
