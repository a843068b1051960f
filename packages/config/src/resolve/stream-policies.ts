import type { EventStreamConfig, PoliciesConfig, WebsocketConfig } from '../resolved.ts';
import type { WrittenPolicies } from './access-policies.ts';

type Streams = Pick<PoliciesConfig, 'websocket' | 'eventStream'>;

/** A route that says nothing of them. */
export const NO_STREAMS: Streams = { websocket: null, eventStream: null };

/** What is open for long: a route's policies over the defaults. */
export function resolveStreams(own: WrittenPolicies, defaults: WrittenPolicies): Streams {
  return {
    websocket: resolveWebsocket(own.websocket ?? defaults.websocket),
    eventStream: resolveEventStream(own.eventStream ?? defaults.eventStream),
  };
}

function resolveWebsocket(policy: WrittenPolicies['websocket']): WebsocketConfig | null {
  if (policy === null || policy === 'off') return null;
  const { origins, subprotocols, idleTimeout, lifetime, ping, messages, closeOnExpiry } = policy;
  return {
    origins,
    subprotocols,
    idleTimeoutMs: bound(idleTimeout),
    lifetimeMs: bound(lifetime),
    pingMs: bound(ping),
    maxMessageBytes: bound(policy.maxMessageBytes),
    messages: messages && { limit: messages.limit, perMs: messages.per },
    closeOnExpiry,
  };
}

function resolveEventStream(policy: WrittenPolicies['eventStream']): EventStreamConfig | null {
  if (policy === null || policy === 'off') return null;
  return { heartbeatMs: policy.heartbeat, idleTimeoutMs: policy.idleTimeout };
}

function bound(value: number | 'off'): number | null {
  return value === 'off' ? null : value;
}
