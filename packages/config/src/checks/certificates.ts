import type { Draft } from '../issue.ts';
import type { ListenerConfig, NamedCertificateConfig } from '../resolved.ts';
import { certificatesFor } from '../resolve/certificates.ts';
import type { Check } from './check.ts';
import { unknownName } from './unknown-name.ts';

/**
 * A listener with TLS has something to show. With a database it may come from there, and whoever removes the last one there must
 * not make the files wrong.
 */
export const tlsHasCertificates: Check = (config) =>
  config.listeners
    .filter((one) => one.tls?.certificates.length === 0 && certificatesFor(one, config).length === 0)
    .map(({ id }): Draft => {
      const path = ['listeners', id, 'tls'];
      if (config.stores.database !== null) {
        const message = `listeners.${id}.tls: has no certificates yet and refuses every client; add one to certificates`;
        return { code: 'MISSING_KEY', message, path, at: 'key', severity: 'warning' };
      }
      const message = `listeners.${id}.tls: has no certificates; add one: { certificate: a.pem, key: a.key }`;
      return { code: 'MISSING_KEY', message, path: [...path, 'certificates'], from: [['certificates']] };
    });

/** Certificates name listeners that exist and speak TLS. */
export const certificatesHaveListeners: Check = ({ certificates, listeners }, referenceAt) => {
  const known = new Map(listeners.map((one) => [one.id, one]));
  return certificates.flatMap(({ id, listeners: wanted }) =>
    (wanted ?? []).flatMap((name, index): Draft[] => {
      const path = ['certificates', id, 'listeners', index];
      const found = known.get(name);
      const about = { kind: 'listener', section: 'listeners', name, path };
      if (found === undefined) return [unknownName(about, new Set(known.keys()), referenceAt)];
      if (found.tls !== null) return [];
      const message = `certificates.${id}: names the listener ${name}, which has no tls; add tls: {} to it, or name another`;
      return [{ code: 'CONFLICT', message, path, from: [['listeners', name]] }];
    }),
  );
};

/** A certificate that is never shown is most likely one that should be. */
export const certificatesAreShown: Check = (config) => {
  const { certificates, listeners } = config;
  const speaking = listeners.filter(({ tls }) => tls !== null);
  const shown = new Set(speaking.flatMap((listener) => shownBy(listener, certificatesFor(listener, config))));
  return certificates
    .filter((one) => one.names.length > 0 && !shown.has(one))
    .map(({ id, listeners: wanted }): Draft => {
      const isAlone = speaking.length === 0 || wanted?.length === 0;
      const why = isAlone ? 'no listener has tls' : 'others stand before it for all its names';
      const message = `certificates.${id}: is never shown: ${wanted?.length === 0 ? 'it names no listener' : why}`;
      return { code: 'NO_EFFECT', message, path: ['certificates', id], at: 'key', severity: 'warning' };
    });
};

/** Those of them that have a name that nobody before them has, or are the first of all. */
function shownBy(
  { tls }: ListenerConfig,
  named: readonly NamedCertificateConfig[],
): NamedCertificateConfig[] {
  const own = tls?.certificates ?? [];
  const taken = new Set(own.flatMap((one) => (one.kind === 'files' ? one.names : one.domains)));
  return named.filter((one, index) => {
    const isShown = (own.length === 0 && index === 0) || one.names.some((name) => !taken.has(name));
    for (const name of one.names) taken.add(name);
    return isShown;
  });
}
