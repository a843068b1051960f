import type { EventStreamConfig, RouteConfig } from '@turnpike/config';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import { isEventStream, isLineStream } from '../../core/http/endless.ts';
import type { OpenStreams } from '../../core/open-streams.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import { Events } from './events.ts';
import { Lines } from './lines.ts';

/** What the stage reaches the world through. */
export interface EventStreamPorts {
  readonly wheel: TimingWheel;
  readonly streams: OpenStreams;
}

/**
 * Replies that are streams of events (`text/event-stream`): asks proxies before us not to hold them together, keeps them alive,
 * and ends them between two events. Streams of lines only end behind a line. On every route that leads to a service, because what it answers with shows only then.
 */
export function eventStream(
  config: EventStreamConfig | null,
  route: Pick<RouteConfig, 'id' | 'target' | 'translate'>,
  { wheel, streams }: EventStreamPorts,
): Wrapper | null {
  if (!STREAMING.has(route.target.kind)) return null;
  const plan = { route: route.id, config: config ?? UNBOUNDED, wheel, streams };

  function streamed(exchange: Exchange, reply: Reply): Reply {
    const { body, headers } = reply;
    if (typeof body !== 'object' || body === null) return reply;
    // What is translated says by itself, and in its own words, why it ends.
    if (route.translate === null && isLineStream(reply) && !headers.has('content-encoding'))
      return { ...reply, body: new Lines(exchange, body, { wheel, streams }) };
    if (!isEventStream(reply)) return reply;
    if (!headers.has('x-accel-buffering')) headers.append('X-Accel-Buffering', 'no');
    const isOpaque = headers.has('content-encoding');
    return { ...reply, body: new Events(exchange, body, { ...plan, isOpaque }) };
  }

  return (next) => (exchange) => next(exchange).then((reply) => streamed(exchange, reply));
}

/** Targets that answer with what services say. */
const STREAMING: ReadonlySet<RouteConfig['target']['kind']> = new Set(['service', 'split', 'mcp']);

const UNBOUNDED: EventStreamConfig = { heartbeatMs: null, idleTimeoutMs: null };
