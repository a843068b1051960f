import type { RouteConfig, WebsocketConfig } from '@turnpike/config';
import type { BodyOutlet } from '../../core/body.ts';
import type { DecisionsOf } from '../../core/decisions.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import type { OpenStreams } from '../../core/open-streams.ts';
import type { Clock } from '../../core/ports.ts';
import type { Random } from '../../core/random.ts';
import type { SocketTally } from '../../core/stream-end.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import { allowedBits, disagreement, offerOf } from './agreement.ts';
import { FrameRules } from './frame-rules.ts';
import { handshake } from './handshake.ts';
import { ownFrames } from './own-frames.ts';
import { Relay } from './relay.ts';
import { Vigil } from './vigil.ts';

/** What the stage reaches the world through. */
export interface WebsocketPorts {
  readonly wheel: TimingWheel;
  readonly clock: Clock;
  readonly random: Random;
  readonly streams: OpenStreams;
  readonly sockets: SocketTally;
  readonly decisions: DecisionsOf;
}

/**
 * WebSockets from their handshake to their end (RFC 6455; those of HTTP/2 come with a handshake like that of HTTP/1.1): looks at the handshake of both sides, and stands in the
 * tunnel that comes of it.
 *
 * Without a policy it only tells frames apart, so that clients hear why a WebSocket ends: because the gateway stops, the route
 * is gone, or the credentials have expired. With one it holds both sides to the protocol and clients to its limits.
 */
export function websocket(
  config: WebsocketConfig | null,
  { id, upgrade }: Pick<RouteConfig, 'id' | 'upgrade'>,
  ports: WebsocketPorts,
): Wrapper | null {
  if (!upgrade.includes('websocket')) return null;
  const { wheel, clock, random, streams, sockets } = ports;
  const refusalOf = handshake(config, ports.decisions('websocket'));
  const frames = ownFrames(random);
  const closesOnExpiry = config?.closeOnExpiry ?? true;

  function expiresAtMs({ identity }: Exchange): number {
    if (!closesOnExpiry || identity === null) return Infinity;
    return wheel.nowMs + identity.expiresAtMs - clock.epoch();
  }

  function rulesFor({ headers }: Reply) {
    if (config === null) return null;
    const bits = allowedBits(headers);
    return {
      client: new FrameRules('client', config, bits),
      service: new FrameRules('service', config, bits),
    };
  }

  function relayed(exchange: Exchange, reply: Reply & { readonly tunnel: BodyOutlet }): Reply {
    const relay = new Relay(exchange, reply, {
      route: id,
      vigil: new Vigil(config ?? UNBOUNDED, wheel.nowMs, expiresAtMs(exchange)),
      rules: rulesFor(reply),
      frames,
      wheel,
      streams,
      sockets,
    });
    return { ...reply, body: relay.toClient, tunnel: relay };
  }

  return (next) => async (exchange) => {
    if (exchange.upgrade !== 'websocket') return next(exchange);
    const refusal = refusalOf(exchange);
    if (refusal !== null) return refusal;
    const offer = offerOf(exchange.headers);
    const reply = await next(exchange);
    const { tunnel } = reply;
    if (tunnel === null) return reply;
    const wrong = disagreement(reply.headers, offer);
    if (wrong !== null) {
      exchange.dropReply(reply);
      throw new GatewayError('UPSTREAM_INVALID', wrong);
    }
    return relayed(exchange, { ...reply, tunnel });
  };
}

const UNBOUNDED = { idleTimeoutMs: null, lifetimeMs: null, pingMs: null };
