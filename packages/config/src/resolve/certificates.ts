import type { GatewayConfig, ListenerConfig, NamedCertificateConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';

/** What takes the place of the path of a file where a certificate stands beside the listeners. */
export function certificateKey(id: string): string {
  return `certificates:${id}`;
}

/** The certificates beside the listeners, in order of names: whoever comes first is shown where two have the same host. */
export function resolveCertificates(document: ResolvedDocument, context: Context): NamedCertificateConfig[] {
  const all = Array.from(document.certificates, ([id, { listeners, certificate, key }]) => {
    const { names = [], expiresAtMs = 0 } = context.certificates[certificateKey(id)] ?? {};
    const origin = context.originOf('certificates', id);
    return { id, listeners, certificate, key, names, expiresAtMs, origin };
  });
  return all.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Those of them that a listener shows, behind its own. */
export function certificatesFor(
  { id, tls }: Pick<ListenerConfig, 'id' | 'tls'>,
  { certificates }: Pick<GatewayConfig, 'certificates'>,
): readonly NamedCertificateConfig[] {
  if (tls === null) return [];
  return certificates.filter(({ listeners }) => listeners === null || listeners.includes(id));
}
