import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import {
  appendCacheStatus,
  cacheStatusMember,
  type CacheOutcome,
  type ForwardReason,
} from './rules/cache-status.ts';

/** What is told of a request that the service was asked about, unless there is more to tell. */
export const FORWARDED = {
  kind: 'forwarded',
  reason: 'miss',
  status: null,
  ttlMs: null,
  storing: 'not',
  waiting: 'alone',
} as const satisfies CacheOutcome;

/** Why a request goes to the service. */
export interface Forwarding {
  readonly reason: ForwardReason;
  /** A word of ours that says more. */
  readonly detail?: string;
}

/** Sends a request on as it is: the cache has nothing to do with it, or cannot help. */
export async function forward(
  exchange: Exchange,
  next: Handler,
  { reason, detail = '' }: Forwarding,
): Promise<Reply> {
  exchange.record.cache = 'pass';
  return withStatus(await next(exchange), { ...FORWARDED, reason }, detail);
}

/** A reply that tells what the cache did (RFC 9211). */
export function withStatus(reply: Reply, outcome: CacheOutcome, detail: string): Reply {
  if (reply.tunnel !== null) return reply;
  const headers = reply.headers.share();
  appendCacheStatus(headers, cacheStatusMember(outcome, detail));
  return { ...reply, headers };
}
