import type { Path } from '../path.ts';
import type { ListenerCertificateConfig, ListenerConfig, ListenerTlsConfig } from '../resolved.ts';
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
    certificates: tls.certificates.map((one, index) =>
      resolveCertificate(one, [...path, 'certificates', index], context),
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
            revocations:
              clientCertificates.revocations === null
                ? null
                : pemFile(
                    clientCertificates.revocations,
                    [...path, 'clientCertificates', 'revocations'],
                    context,
                  ),
          },
  };
}

function resolveCertificate(
  written: WrittenTls['certificates'][number],
  path: Path,
  context: Context,
): ListenerCertificateConfig {
  if (!('acme' in written)) {
    const files = keyPairFiles(written, path, context);
    return { kind: 'files', names: context.certificates[files.certificate.path]?.names ?? [], ...files };
  }
  const { storage, authorities, ...acme } = written.acme;
  const at = [...path, 'acme'];
  return {
    kind: 'acme',
    ...acme,
    storage:
      typeof storage === 'string'
        ? { kind: storage }
        : { kind: 'folder', path: context.absolute([...at, 'storage', 'path'], storage.path) },
    authorities: authorities === null ? null : pemFile(authorities, [...at, 'authorities'], context),
  };
}
