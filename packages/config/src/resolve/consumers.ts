import type { ClientCertificateConfig, ConsumerConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';

type ResolvedConsumer = ResolvedDocument['consumers'] extends ReadonlyMap<string, infer C> ? C : never;
type ResolvedCertificate = ResolvedConsumer['certificates'][number];

/** The consumers in the order in which they are written. */
export function resolveConsumers(document: ResolvedDocument, context: Context): ConsumerConfig[] {
  return Array.from(document.consumers, ([id, consumer]) => ({
    id,
    keys: consumer.keys.map(resolveKey),
    certificates: consumer.certificates.map((certificate, index) =>
      resolveCertificate(certificate, ['consumers', id, 'certificates', index], context),
    ),
    basic: consumer.basic,
    scopes: consumer.scopes,
    plan: consumer.plan,
    metadata: Object.fromEntries(consumer.metadata),
    origin: context.originOf('consumers', id),
  }));
}

function resolveKey(key: ResolvedConsumer['keys'][number]): ConsumerConfig['keys'][number] {
  if (typeof key === 'string') return { key, expiresAtMs: null };
  return { key: key.key, expiresAtMs: key.expires };
}

/** What tells a client certificate; `path` is where it is written. */
export function resolveCertificate(
  { subject, san, spiffe, fingerprint }: ResolvedCertificate,
  path: readonly (string | number)[],
  { report }: Context,
): ClientCertificateConfig {
  const owner = `${path[0]}.${path[1]}`;
  if (san !== null && spiffe !== null) {
    const message = `${owner}: a certificate has san and spiffe, which is short for one; keep one of them`;
    report({ code: 'CONFLICT', message, path: [...path, 'spiffe'], at: 'key' });
  }
  if ([subject, san, spiffe, fingerprint].every((given) => given === null)) {
    const message = `${owner}: a certificate needs one of subject, san, spiffe and fingerprint`;
    report({ code: 'MISSING_KEY', message, path, at: 'key' });
  }
  return { subject, san: spiffe === null ? san : `uri:${spiffe}`, fingerprint };
}
