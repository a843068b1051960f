import type { Exchange } from '../core/exchange.ts';
import { limitKey } from '../core/limit-key.ts';

/** Whom a share of a service is counted for: who is calling, or else the network that the request comes from. */
export function callerKey(exchange: Exchange): string {
  return exchange.identity?.key ?? network(exchange) ?? '';
}

const network = limitKey([{ kind: 'ip' }], 'shared', { route: '', names: [], compileText: () => () => null });
