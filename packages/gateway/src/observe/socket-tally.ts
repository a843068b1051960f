import { STREAM_ENDS, type SocketTally, type StreamEnd } from '../core/stream-end.ts';
import type { Counter, Gauge } from './metric-handles.ts';
import type { ThreadMetrics } from './metrics.ts';

/** The handles of one route. */
interface Handles {
  readonly open: Gauge;
  readonly messages: Readonly<Record<'client' | 'service', Counter>>;
  readonly closes: Readonly<Record<StreamEnd, Counter>>;
}

/** Counts the WebSockets of a route. Its series appear with the first of them. */
export function socketTally(metrics: ThreadMetrics, route: string): SocketTally {
  let handles: Handles | null = null;
  const known = (): Handles => (handles ??= handlesOf(metrics, route));
  return {
    opened: () => known().open.add(1),
    message: (from) => known().messages[from].add(1),
    closed(end) {
      known().open.add(-1);
      known().closes[end].add(1);
    },
  };
}

function handlesOf(metrics: ThreadMetrics, route: string): Handles {
  const messages = (from: 'client' | 'service') =>
    metrics.counter('turnpike_websocket_messages_total', { route, from });
  const closes = STREAM_ENDS.map((reason): [StreamEnd, Counter] => [
    reason,
    metrics.counter('turnpike_websocket_closes_total', { route, reason }),
  ]);
  return {
    open: metrics.gauge('turnpike_websockets', { route }),
    messages: { client: messages('client'), service: messages('service') },
    closes: Object.fromEntries(closes) as Record<StreamEnd, Counter>,
  };
}
