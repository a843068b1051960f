import type { MatchConfig } from '@turnpike/config';

// Which requests a route takes, compared with another. The order of routes is that of the gateway's route table: host, then path
// segment by segment, then the number of conditions, then the method.

/** Whether it takes fewer requests after a change. */
export function narrows(before: MatchConfig, after: MatchConfig): boolean {
  return !covers(after, before);
}

/** Whether the first takes every request that the second takes, as far as their matches go. */
export function covers(a: MatchConfig, b: MatchConfig): boolean {
  return (
    pathCovers(a.path, b.path) &&
    listCovers(a.listeners, b.listeners, isEqualText) &&
    listCovers(a.methods, b.methods, isEqualText) &&
    listCovers(hostsOf(a), hostsOf(b), hostCovers) &&
    [...a.headers].every((one) => b.headers.some((other) => isSameValue(one, other))) &&
    [...a.query].every((one) => b.query.some((other) => isSameValue(one, other)))
  );
}

/** Whether the first takes requests away from the second: some go to both, and of those some go to the first. */
export function takesFrom(a: MatchConfig, b: MatchConfig): boolean {
  if (!pathsMeet(a.path, b.path)) return false;
  if (!listsMeet(a.listeners, b.listeners) || !listsMeet(a.methods, b.methods)) return false;
  return hostsOf(a).some((host) =>
    hostsOf(b).some((other) => hostsMeet(host, other) && goesFirst(a, b, { host, other })),
  );
}

function goesFirst(
  a: MatchConfig,
  b: MatchConfig,
  { host, other }: { readonly host: string; readonly other: string },
): boolean {
  const order =
    hostRank(host) - hostRank(other) || comparePaths(a.path, b.path) || conditions(a) - conditions(b);
  return order > 0 || (order === 0 && a.methods.length > 0 && b.methods.length === 0);
}

function conditions({ listeners, headers, query }: MatchConfig): number {
  return (listeners.length > 0 ? 1 : 0) + headers.length + query.length;
}

function hostsOf({ hosts }: MatchConfig): readonly string[] {
  return hosts.length === 0 ? ['*'] : hosts;
}

/** Exact, then the longest suffix, then any. */
function hostRank(host: string): number {
  if (host === '*') return 0;
  return host.startsWith('*.') ? host.length : 1000;
}

/** Whether every host of a pattern is one of another. */
export function hostCovers(pattern: string, host: string): boolean {
  if (pattern === '*' || pattern === host) return true;
  return pattern.startsWith('*.') && host !== '*' && host.endsWith(pattern.slice(1));
}

function hostsMeet(a: string, b: string): boolean {
  return hostCovers(a, b) || hostCovers(b, a);
}

function segmentsOf(path: string): string[] {
  return path.slice(1).split('/');
}

function pathCovers(a: string, b: string): boolean {
  const [mine, theirs] = [segmentsOf(a), segmentsOf(b)];
  for (const [index, segment] of mine.entries()) {
    if (segment === '*') return true;
    const other = theirs[index];
    if (other === undefined || other === '*') return false;
    if (!isParameter(segment) && segment !== other) return false;
  }
  return mine.length === theirs.length;
}

function pathsMeet(a: string, b: string): boolean {
  const [mine, theirs] = [segmentsOf(a), segmentsOf(b)];
  for (let index = 0; index < Math.max(mine.length, theirs.length); index++) {
    const [one, other] = [mine[index], theirs[index]];
    if (one === '*' || other === '*') return true;
    if (one === undefined || other === undefined) return false;
    if (one !== other && !isParameter(one) && !isParameter(other)) return false;
  }
  return true;
}

/** Positive: the first is more specific. */
function comparePaths(a: string, b: string): number {
  const [mine, theirs] = [segmentsOf(a), segmentsOf(b)];
  for (const [index, segment] of mine.entries()) {
    const order = segmentRank(segment) - segmentRank(theirs[index] ?? '*');
    if (order !== 0) return order;
  }
  return 0;
}

function segmentRank(segment: string): number {
  if (segment === '*') return 0;
  return isParameter(segment) ? 1 : 2;
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{');
}

/** An empty list is "any". */
function listCovers(
  a: readonly string[],
  b: readonly string[],
  isIn: (one: string, other: string) => boolean,
): boolean {
  if (a.length === 0) return true;
  return b.length > 0 && b.every((other) => a.some((one) => isIn(one, other)));
}

function listsMeet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === 0 || b.length === 0 || a.some((one) => b.includes(one));
}

function isEqualText(a: string, b: string): boolean {
  return a === b;
}

function isSameValue(a: MatchConfig['headers'][number], b: MatchConfig['headers'][number]): boolean {
  return a.name === b.name && (a.kind === 'present' || (a.kind === b.kind && a.value === b.value));
}
