import { PLAIN_UPSTREAM_TLS } from '../core/upstream-tls.ts';
import type { DecisionsOf } from '../core/decisions.ts';
import { Http2ClientConnection } from '../wire/http2/client-connection.ts';
import type { ConnectShared } from '../core/transport.ts';
import { ServiceTallies } from './resilience/service-tallies.ts';

/** For tests: a service without anything special; what matters is set beside it. */
export const PLAIN_SERVICE = {
  id: 'main',
  limitSlot: 0,
  balancer: { kind: 'adaptive' },
  slowStartMs: 0,
  panicThreshold: 50,
  outlierDetection: null,
  upstreamTls: PLAIN_UPSTREAM_TLS,
  connections: { perEndpoint: 10, idleTimeoutMs: 60_000, http2: 'auto' },
  timeouts: { connectMs: 5000, requestMs: 30_000, idleMs: 30_000 },
} as const;

/** For tests: a route that forwards and does nothing else. */
export const PLAIN_ROUTE = { upgrade: [], retry: null, hedge: null, deadlineHeader: null } as const;

const nothing = { allowed: () => {}, denied: () => {}, reported: () => {}, failed: () => {} };

/** For tests: ports that a plain service does not look at. */
export function plainPorts() {
  const decisions: DecisionsOf = () => nothing;
  const tallies = new ServiceTallies(ServiceTallies.allocate(1, 1), 0);
  const connectShared: ConnectShared = (home) => new Http2ClientConnection(home);
  return {
    connectShared,
    zone: null,
    stickyKey: () => null,
    panicked: () => {},
    unreachable: () => {},
    lastCallAtMs: () => Infinity,
    tallies,
    decisions,
  };
}
