import type { Reply } from '../../core/exchange.ts';
import { headerName } from '../../core/header-names.ts';
import type { Standing } from '../../core/standing.ts';
import { wholeSeconds } from './structured-fields.ts';

const POLICY = headerName('RateLimit-Policy');
const LIMIT = headerName('RateLimit');

/**
 * The reply with what its client may still ask for (draft-ietf-httpapi-ratelimit-headers): all policies, and how the one
 * stands of which the least is left, and all of which less than a quarter is left. Fields of the service's own would
 * contradict ours. A redirect has none, because clients should not wait before they follow it.
 */
export function withLimitFields(reply: Reply, standings: readonly Standing[]): Reply {
  if (standings.length === 0 || reply.tunnel !== null || isRedirect(reply)) return reply;
  const headers = reply.headers.share();
  headers.delete(POLICY.lower);
  headers.delete(LIMIT.lower);
  headers.appendNamed(POLICY, policyField(standings));
  headers.appendNamed(LIMIT, limitField(standings));
  const { status, body, code, tunnel } = reply;
  return { status, headers, body, code, tunnel };
}

function isRedirect({ status }: Reply): boolean {
  return status >= 300 && status < 400;
}

/** The same fields for a refusal. */
export function limitFields(standings: readonly Standing[]): (readonly [name: string, value: string])[] {
  return [
    [POLICY.spelling, policyField(standings)],
    [LIMIT.spelling, limitField(standings)],
  ];
}

function policyField(standings: readonly Standing[]): string {
  let field = '';
  for (const { quota } of standings) field = listed(field, quota.policy);
  return field;
}

function limitField(standings: readonly Standing[]): string {
  let least = Infinity;
  for (const standing of standings) least = Math.min(least, shareLeft(standing));
  let field = '';
  for (const standing of standings) {
    const share = shareLeft(standing);
    if (share === least || share < LITTLE) field = listed(field, limitItem(standing));
  }
  return field;
}

function listed(field: string, item: string): string {
  return field === '' ? item : `${field}, ${item}`;
}

/** Below that a client should know. */
const LITTLE = 0.25;

function shareLeft({ quota, taken }: Standing): number {
  return quota.burst === 0 ? 0 : taken.remaining / quota.burst;
}

function limitItem({ limit, taken }: Standing): string {
  return `${limit.item};r=${taken.remaining};t=${wholeSeconds(taken.resetMs)}`;
}
