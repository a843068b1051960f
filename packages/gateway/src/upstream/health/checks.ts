import type { HealthCheckConfig } from '@turnpike/config';
import type { UpstreamTls } from '../../core/upstream-tls.ts';
import { grpcCheck } from './grpc-check.ts';
import { httpCheck } from './http-check.ts';
import { tcpCheck } from './tcp-check.ts';

/** Where a check goes. */
export interface CheckPlace {
  /** A name or an address, without brackets. */
  readonly host: string;
  /** Of the endpoint, or the one that the configuration has for checks. */
  readonly port: number;
  /** `host:port` of the endpoint, as in a URL. */
  readonly authority: string;
  /** Null: no TLS. */
  readonly tls: UpstreamTls | null;
}

/**
 * Asks an endpoint once. Resolves with what is wrong with it, or null; never rejects. Nothing of it is left when it has
 * resolved, and the signal makes it resolve.
 */
export type Check = (
  place: CheckPlace,
  config: HealthCheckConfig,
  signal: AbortSignal,
) => Promise<string | null>;

/** The check that the configuration asks for. */
export const check: Check = (place, { probe, timeoutMs }, signal) => {
  switch (probe.kind) {
    case 'http':
      return httpCheck(place, probe, signal);
    case 'tcp':
      return tcpCheck(place, signal);
    case 'grpc':
      return grpcCheck(place, { service: probe.service, timeoutMs }, signal);
    default:
      return probe satisfies never;
  }
};
