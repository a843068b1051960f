import type { FleetNode, NodeLoad } from '../domain/fleet.ts';

/** Requests in ten seconds that say something. */
export const ENOUGH_REQUESTS = 50;
/** How much worse is too much. */
const TIMES = 2;
const MORE_ERRORS = 0.01;
/** Refusals are the fault of callers as well, so it takes more of them. */
const MORE_REFUSED = 0.1;
/** Below that, twice as slow is noise. */
const MORE_MS = 10;
/** Share of errors that is too much where nobody can be compared with. */
const ALONE_ERRORS = 0.1;

/** What is wrong with those who have taken a revision; `null`: nothing. */
export interface Verdict {
  readonly reason: string;
  /** Whether it has to be seen twice: a gateway that has just taken a revision may be slow for a moment. */
  readonly isPassing: boolean;
}

/** Compares gateways that have taken a revision with those that have not, over the same ten seconds. */
export function compareCohorts(updated: readonly FleetNode[], others: readonly FleetNode[]): Verdict | null {
  const [now, before] = [total(updated), total(others)];
  return (
    troubled(updated, others) ?? moreErrors(now, before) ?? moreRefused(now, before) ?? slower(now, before)
  );
}

interface Total {
  readonly requests: number;
  readonly errorRate: number;
  readonly refusedRate: number;
  /** Weighed by requests. */
  readonly p99Ms: number;
}

function total(nodes: readonly FleetNode[]): Total {
  const sum = (of: (load: NodeLoad) => number): number =>
    nodes.reduce((before, { load }) => before + of(load), 0);
  const requests = sum((load) => load.requests);
  return {
    requests,
    errorRate: requests === 0 ? 0 : sum(({ errors }) => errors) / requests,
    refusedRate: requests === 0 ? 0 : sum(({ refused = 0 }) => refused) / requests,
    p99Ms: requests === 0 ? 0 : sum((load) => load.p99Ms * load.requests) / requests,
  };
}

/** Those who could not take it, or not all of it, say so themselves. */
function troubled(updated: readonly FleetNode[], others: readonly FleetNode[]): Verdict | null {
  const known = new Set(others.flatMap(({ quarantined }) => quarantined));
  for (const { name, quarantined, problem = '' } of updated) {
    if (problem !== '') return { reason: `${name} could not take it: ${problem}`, isPassing: false };
    const fresh = quarantined.filter((object) => !known.has(object));
    if (fresh.length > 0)
      return { reason: `${name} could not take ${fresh.slice(0, 5).join(', ')}`, isPassing: false };
  }
  return null;
}

function moreErrors(now: Total, before: Total): Verdict | null {
  if (now.requests < ENOUGH_REQUESTS) return null;
  const isAlone = before.requests < ENOUGH_REQUESTS;
  const limit = isAlone ? ALONE_ERRORS : Math.max(TIMES * before.errorRate, before.errorRate + MORE_ERRORS);
  if (now.errorRate <= limit) return null;
  const than = isAlone ? 'and there is nobody to compare with' : `the others ${percent(before.errorRate)}`;
  return {
    reason: `${percent(now.errorRate)} of requests fail where it is in use, ${than}`,
    isPassing: false,
  };
}

/** Callers that nobody let in yesterday come to all alike; what is refused in one place only was let in before. */
function moreRefused(now: Total, before: Total): Verdict | null {
  if (now.requests < ENOUGH_REQUESTS || before.requests < ENOUGH_REQUESTS) return null;
  const limit = Math.max(TIMES * before.refusedRate, before.refusedRate + MORE_REFUSED);
  if (now.refusedRate <= limit) return null;
  const [here, there] = [percent(now.refusedRate), percent(before.refusedRate)];
  return {
    reason: `${here} of requests are refused where it is in use, elsewhere ${there}`,
    isPassing: false,
  };
}

function slower(now: Total, before: Total): Verdict | null {
  if (now.requests < ENOUGH_REQUESTS || before.requests < ENOUGH_REQUESTS) return null;
  if (now.p99Ms <= Math.max(TIMES * before.p99Ms, before.p99Ms + MORE_MS)) return null;
  const times = `the slowest of 100 requests takes ${Math.round(now.p99Ms)} ms where it is in use`;
  return { reason: `${times}, elsewhere ${Math.round(before.p99Ms)} ms`, isPassing: true };
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)} %`;
}
