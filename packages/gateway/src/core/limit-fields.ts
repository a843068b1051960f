import { headerName } from './header-names.ts';
import type { Headers } from './headers.ts';
import { flattened } from './latin1.ts';
import type { Standing } from './standing.ts';

const POLICY = headerName('RateLimit-Policy');
const LIMIT = headerName('RateLimit');

/**
 * Whether a reply of this status tells its client how limits stand. A redirect does not, because clients should not wait
 * before they follow it; where HTTP ends (101) nobody would read it.
 */
export function mayTellLimits(status: number): boolean {
  return status >= 400 || (status >= 200 && status < 300);
}

/** The fields of a reply without those of the service's own about limits, which would contradict ours. */
export function withoutLimitFields(headers: Headers): Headers {
  if (!headers.has(POLICY.lower) && !headers.has(LIMIT.lower)) return headers;
  const own = headers.share();
  own.delete(POLICY.lower);
  own.delete(LIMIT.lower);
  return own;
}

/**
 * What the client may still ask for (draft-ietf-httpapi-ratelimit-headers), as lines of a head: all policies, and how the
 * one stands of which the least is left, and all of which less than a quarter is left.
 *
 * Whoever writes a head adds them, as it adds the id of the request: so they are in every reply to an exchange that was
 * counted, whoever made it, and no stage has to wait for replies because of them.
 */
export function limitLines(standings: readonly Standing[]): string {
  const first = standings[0];
  if (first !== undefined && standings.length === 1) return linesOfOne(first);
  return lines(policyField(standings), limitField(standings));
}

/** The lines of one limit, and what they say. */
interface Told {
  readonly policy: string;
  readonly item: string;
  readonly remaining: number;
  readonly resetS: number;
  readonly lines: string;
}

/** Callers who stay below their limits are told the same few things again and again: by what is left, the last of them. */
const told: (Told | null)[] = Array.from({ length: 1024 }, () => null);

function linesOfOne(standing: Standing): string {
  const { item } = standing.limit;
  const { policy } = standing.quota;
  const { remaining, resetMs } = standing.taken;
  const resetS = wholeSeconds(resetMs);
  const at = remaining % told.length;
  const last = told[at] ?? null;
  const isSame = last !== null && last.remaining === remaining && last.resetS === resetS;
  if (isSame && last.policy === policy && last.item === item) return last.lines;
  const text = flattened(lines(policy, limitItem(standing)));
  told[at] = { policy, item, remaining, resetS, lines: text };
  return text;
}

function lines(policy: string, limit: string): string {
  return `${POLICY.line}${policy}\r\n${LIMIT.line}${limit}\r\n`;
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

/** Seconds as these fields have them: nobody is told to come back too early, except for what is lost to rounding. */
export function wholeSeconds(ms: number): number {
  return Math.ceil(Math.round(ms) / 1000);
}
