import type { ListenerConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';

/** The listeners in the order in which they are written. */
export function resolveListeners(document: ResolvedDocument, context: Context): ListenerConfig[] {
  return Array.from(document.listeners, ([id, listener]) => {
    const { headerTimeout, bodyTimeout, idleTimeout, ...limits } = listener.limits;
    return {
      id,
      address: listener.address,
      trustedProxies: listener.trustedProxies,
      proxyProtocol: listener.proxyProtocol,
      forwardedClientCert: listener.forwardedClientCert,
      limits: {
        ...limits,
        headerTimeoutMs: headerTimeout,
        bodyTimeoutMs: bodyTimeout,
        idleTimeoutMs: idleTimeout,
      },
      origin: context.originOf('listeners', id),
    };
  });
}
