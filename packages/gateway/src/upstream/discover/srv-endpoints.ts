import type { SrvData } from './dns-message.ts';
import type { FoundEndpoint } from './endpoint-source.ts';

/** A record and the addresses of its target. */
export interface ResolvedSrv {
  readonly record: SrvData;
  readonly addresses: readonly string[];
}

/**
 * Endpoints of SRV records (RFC 2782): the lowest priority comes first, the others are failover. The weight of a target is
 * shared by its addresses. A weight of 0 means a small chance, not none: drained is something else.
 */
export function srvEndpoints(resolved: readonly ResolvedSrv[]): readonly FoundEndpoint[] {
  const tiers = [...new Set(resolved.map(({ record }) => record.priority))].toSorted(
    (one, other) => one - other,
  );
  const largest = Math.max(1, ...resolved.map(({ record }) => record.weight));
  const mustScale = largest > WEIGHT_SCALE || resolved.some(({ addresses }) => addresses.length > 1);
  const factor = mustScale ? WEIGHT_SCALE / largest : 1;
  return resolved.flatMap(({ record, addresses }) => {
    const share = (Math.max(1, record.weight) * factor) / addresses.length;
    const weight = Math.max(1, Math.round(share));
    const priority = tiers.indexOf(record.priority);
    const { port } = record;
    return addresses.map((host) => ({ host, port, weight, priority, zone: null, isDraining: false }));
  });
}

/** The largest weight that an endpoint may have in a configuration. */
const WEIGHT_SCALE = 1000;
