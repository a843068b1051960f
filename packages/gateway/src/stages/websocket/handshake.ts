import type { WebsocketConfig } from '@turnpike/config';
import type { Decisions } from '../../core/decisions.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import { allowedOrigins } from '../../core/http/allowed-origins.ts';
import { refuse } from '../../core/problem.ts';

/** Why a handshake may be refused, as it is counted. */
export const WEBSOCKET_REASONS = ['handshake', 'version', 'origin', 'subprotocol'] as const;

/** 16 bytes in Base64 (RFC 6455 §4.1). */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;
const VERSION = '13';

/** How callers prove themselves with what browsers send along by themselves, whichever page they show. */
const SENT_BY_BROWSERS: ReadonlySet<string> = new Set(['session', 'basic', 'certificate']);

/**
 * Makes the look at the request with which a WebSocket begins (RFC 6455 §4.2.1); gives the refusal, or null. Takes the
 * subprotocols out that the route does not have.
 *
 * Browsers let any page open a WebSocket anywhere, with cookies, and no preflight asks before. So where a caller is known by
 * what a browser sends by itself, only pages of the same origin may, unless the route names others.
 */
export function handshake(
  config: Pick<WebsocketConfig, 'origins' | 'subprotocols'> | null,
  count: Decisions,
): (exchange: Exchange) => Reply | null {
  const origins = config?.origins ?? null;
  const names = config?.subprotocols ?? null;
  const isAllowed = origins === null ? null : allowedOrigins(origins);
  const subprotocols = names === null ? null : new Set(names);

  function mayComeFrom(exchange: Exchange): boolean {
    const origin = exchange.headers.getList('origin');
    if (origin === undefined) return true;
    if (isAllowed !== null) return isAllowed(origin);
    const { identity } = exchange;
    if (identity === null || !SENT_BY_BROWSERS.has(identity.method)) return true;
    return origin.toLowerCase().endsWith(`://${exchange.authority.toLowerCase()}`);
  }

  return (exchange) => {
    const wrong = malformed(exchange);
    if (wrong !== null) {
      count.denied('handshake');
      return refuse(exchange, 'BAD_HANDSHAKE', { detail: wrong });
    }
    if (exchange.headers.getList('sec-websocket-version') !== VERSION) {
      count.denied('version');
      return refuse(exchange, 'WEBSOCKET_VERSION', { fields: [['Sec-WebSocket-Version', VERSION]] });
    }
    if (!mayComeFrom(exchange)) {
      count.denied('origin');
      const detail = 'Pages of this origin may not open a WebSocket here';
      return refuse(exchange, 'FORBIDDEN', { rule: 'websocket.origins', detail });
    }
    if (subprotocols !== null && !keepSubprotocols(exchange, subprotocols)) {
      count.denied('subprotocol');
      const detail = 'None of the subprotocols is spoken here';
      return refuse(exchange, 'BAD_HANDSHAKE', { rule: 'websocket.subprotocols', detail });
    }
    count.allowed();
    return null;
  };
}

function malformed({ method, headers }: Exchange): string | null {
  if (method !== 'GET') return 'Its method is GET';
  const key = headers.getList('sec-websocket-key');
  if (key === undefined) return 'Sec-WebSocket-Key is missing';
  return KEY.test(key) ? null : 'Sec-WebSocket-Key is malformed';
}

/** Leaves only these among those that the client offers; tells whether one is left, or none was offered. */
function keepSubprotocols({ headers }: Exchange, allowed: ReadonlySet<string>): boolean {
  const offered = headers.getList('sec-websocket-protocol');
  if (offered === undefined) return true;
  const kept = listed(offered).filter((name) => allowed.has(name));
  if (kept.length === 0) return false;
  headers.set('Sec-WebSocket-Protocol', kept.join(', '));
  return true;
}

/** The entries of a field that is a list. */
export function listed(field: string): string[] {
  return field
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
