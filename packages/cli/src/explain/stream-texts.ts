import type { EventStreamConfig, RouteConfig } from '@turnpike/config';
import { bytesText, durationText } from '../output/units.ts';
import { joined } from './text-parts.ts';

/** `lets connections switch to WebSocket; messages of at most 1MiB, ends when idle for 5m`. */
export function websocketText({ upgrade, policies: { websocket } }: RouteConfig): string | null {
  if (!upgrade.includes('websocket')) return null;
  if (websocket === null) return 'lets connections switch to WebSocket';
  const { origins, subprotocols, idleTimeoutMs, lifetimeMs, pingMs, maxMessageBytes, messages } = websocket;
  const parts = [
    origins === null ? '' : `for pages of ${origins.includes('*') ? 'any origin' : origins.join(' and ')}`,
    subprotocols === null ? '' : `with ${subprotocols.join(' or ')}`,
    maxMessageBytes === null ? '' : `messages of at most ${bytesText(maxMessageBytes)}`,
    messages === null ? '' : `${messages.limit} messages in ${durationText(messages.perMs)}`,
    pingMs === null ? '' : `pings after ${durationText(pingMs)}`,
    idleTimeoutMs === null ? '' : `ends when idle for ${durationText(idleTimeoutMs)}`,
    lifetimeMs === null ? '' : `ends after ${durationText(lifetimeMs)}`,
    websocket.closeOnExpiry ? 'ends with the credentials' : '',
  ];
  return `lets connections switch to WebSocket: ${joined(parts, ', ')}`;
}

/** `keeps streams of events alive every 15s`. */
export function eventStreamText({ heartbeatMs, idleTimeoutMs }: EventStreamConfig): string {
  const parts = [
    heartbeatMs === null ? '' : `keeps streams of events alive every ${durationText(heartbeatMs)}`,
    idleTimeoutMs === null
      ? ''
      : `ends streams of events when the service is silent for ${durationText(idleTimeoutMs)}`,
  ];
  return joined(parts, ', ');
}
