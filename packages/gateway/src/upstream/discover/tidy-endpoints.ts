import { isIP } from 'node:net';
import type { FoundEndpoint } from './endpoint-source.ts';

/** What is left of an answer. */
export interface TidyEndpoints {
  /** Sorted by host and port, each of them once. */
  readonly endpoints: readonly FoundEndpoint[];
  /** How many were malformed, or too many. */
  readonly refused: number;
}

/** More than this nobody has behind one name, and every thread keeps a list of them. */
export const MAX_ENDPOINTS = 20_000;

/**
 * Brings an answer into the one form that we compare, publish and save.
 *
 * What is malformed is left out and counted: one broken entry must not take the others with it. The same address twice is one
 * endpoint, of the most preferred priority and the greatest weight, and drained only if all say so.
 */
export function tidyEndpoints(found: readonly FoundEndpoint[]): TidyEndpoints {
  const byAddress = new Map<string, FoundEndpoint>();
  let refused = 0;
  for (const one of found) {
    const host = normalHost(one.host);
    if (host === null || !isSound(one)) {
      refused++;
      continue;
    }
    const address = `${host} ${one.port}`;
    const twin = byAddress.get(address);
    byAddress.set(address, merged({ ...one, host }, twin));
  }
  const sorted = Array.from(byAddress.values()).sort(byHostAndPort);
  const endpoints = sorted.slice(0, MAX_ENDPOINTS);
  return { endpoints, refused: refused + sorted.length - endpoints.length };
}

/** Whether two tidy lists say the same. */
export function isSameSet(one: readonly FoundEndpoint[], other: readonly FoundEndpoint[]): boolean {
  return one.length === other.length && one.every((endpoint, index) => isSame(endpoint, other[index]));
}

function isSame(one: FoundEndpoint, other: FoundEndpoint | undefined): boolean {
  return (
    one.host === other?.host &&
    one.port === other.port &&
    one.weight === other.weight &&
    one.zone === other.zone &&
    one.priority === other.priority &&
    one.isDraining === other.isDraining
  );
}

function merged(one: FoundEndpoint, twin: FoundEndpoint | undefined): FoundEndpoint {
  if (twin === undefined) {
    const { host, port, weight, zone, priority, isDraining } = one;
    return { host, port, weight, zone, priority, isDraining };
  }
  return {
    ...twin,
    weight: Math.max(one.weight, twin.weight),
    zone: smallerText(one.zone, twin.zone),
    priority: Math.min(one.priority, twin.priority),
    isDraining: one.isDraining && twin.isDraining,
  };
}

/** The order in which twins come must not matter, or the set would seem to change. */
function smallerText(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

function isSound({ port, weight, zone, priority }: FoundEndpoint): boolean {
  return (
    isWithin(port, 1, 65_535) &&
    isWithin(weight, 0, MAX_WEIGHT) &&
    isWithin(priority, 0, MAX_PRIORITY) &&
    (zone === null || zone.length <= MAX_ZONE_LENGTH)
  );
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** The one way in which we write a host, or null if it is none. */
function normalHost(host: string): string | null {
  const family = isIP(host);
  if (family === 4) return host;
  // A zone index (`fe80::1%eth0`) means something on the machine that wrote it, not on this one.
  if (family === 6) return host.includes('%') ? null : normalIpv6(host);
  const name = (host.endsWith('.') ? host.slice(0, -1) : host).toLowerCase();
  return name.length <= 253 && NAME.test(name) ? name : null;
}

function normalIpv6(address: string): string | null {
  return URL.parse(`http://[${address}]`)?.hostname.slice(1, -1) ?? null;
}

function byHostAndPort(one: FoundEndpoint, other: FoundEndpoint): number {
  if (one.host !== other.host) return one.host < other.host ? -1 : 1;
  return one.port - other.port;
}

/** Labels with letters, and a last one that is not a number: `127.1` would be an address for some and a name for others. */
const NAME =
  /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*(?!\d+$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** That of SRV records (RFC 2782). */
const MAX_WEIGHT = 65_535;
const MAX_PRIORITY = 65_535;
const MAX_ZONE_LENGTH = 128;
