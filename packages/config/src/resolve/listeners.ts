import type { Path } from '../path.ts';
import type { ListenerConfig, ListenerTlsConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { keyPairFiles, pemFile } from './certificate-uses.ts';
import type { Context } from './context.ts';

type ListenerEntry = ResolvedDocument['listeners'] extends ReadonlyMap<string, infer L> ? L : never;
type WrittenTls = NonNullable<ListenerEntry['tls']>;

/** The listeners in the order in which they are written. */
export function resolveListeners(document: ResolvedDocument, context: Context): ListenerConfig[] {
  return Array.from(document.listeners, ([id, listener]) => {
    const { headerTimeout, bodyTimeout, idleTimeout, ...limits } = listener.limits;
    return {
      id,
      address: listener.address,
      trustedProxies: listener.trustedProxies,
      proxyProtocol: listener.proxyProtocol,
      http2: listener.http2,
      forwardedClientCert: listener.forwardedClientCert,
      tls: listener.tls === null ? null : resolveTls(listener.tls, ['listeners', id, 'tls'], context),
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

function resolveTls(tls: WrittenTls, path: Path, context: Context): ListenerTlsConfig {
  const { clientCertificates } = tls;
  return {
    certificates: tls.certificates.flatMap((pair, index) =>
      pair === null ? [] : [keyPairFiles(pair, [...path, 'certificates', index], context)],
    ),
    minVersion: tls.minVersion,
    clientCertificates:
      clientCertificates === null
        ? null
        : {
            ...clientCertificates,
            authorities: pemFile(
              clientCertificates.authorities,
              [...path, 'clientCertificates', 'authorities'],
              context,
            ),
          },
  };
}
