import {
  connect,
  createSecureContext,
  type ConnectionOptions,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { ConnectionPlace } from '../../core/transport.ts';
import { contextOptionsOf, peerOptionsOf, type UpstreamTls } from '../../core/upstream-tls.ts';

/** Reading authorities takes milliseconds: once for all connections of a service. */
const contexts = new WeakMap<UpstreamTls, SecureContext>();
/** The last session with each endpoint. Pools differ in host and settings, so no session is shown to anybody else. */
const sessions = new WeakMap<ConnectionPlace, Buffer>();

/** Opens a connection with TLS to an endpoint, whose certificate and name are verified before 'secureConnect'. HTTP/1.1, unless `options` say otherwise. */
export function connectTls(home: ConnectionPlace, tls: UpstreamTls, options: ConnectionOptions): TLSSocket {
  const session = sessions.get(home);
  const socket = connect({
    ALPNProtocols: ['http/1.1'],
    ...options,
    ...peerOptionsOf(tls, home.host),
    ...(session !== undefined && { session }),
    secureContext: contextOf(tls),
  });
  socket.on('session', (next) => sessions.set(home, next));
  socket.on('error', () => sessions.delete(home));
  return socket;
}

function contextOf(tls: UpstreamTls): SecureContext {
  const known = contexts.get(tls);
  if (known !== undefined) return known;
  const context = createSecureContext(contextOptionsOf(tls));
  contexts.set(tls, context);
  return context;
}
