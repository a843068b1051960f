import type { Draft } from '../issue.ts';
import { dotted, type Path } from '../path.ts';
import type { AcmeCertificateConfig, ListenerConfig } from '../resolved.ts';
import type { Check } from './check.ts';

/** A certificate of a service has its key, and a key its certificate. */
export const keyPairsAreWhole: Check = (_config, _referenceAt, { services }) =>
  Array.from(services).flatMap(([id, { tls }]): Draft[] => {
    if (tls === null || (tls.certificate === null) === (tls.key === null)) return [];
    const [given, missing] = tls.key === null ? ['certificate', 'key'] : ['key', 'certificate'];
    const message = `services.${id}.tls: has a ${given} without ${missing}; add the ${missing}, or remove the ${given}`;
    return [{ code: 'MISSING_KEY', message, path: ['services', id, 'tls'], at: 'key' }];
  });

/** Who writes `tls` wants TLS: plain endpoints beside it are most likely a slip. */
export const tlsIsUsed: Check = ({ services }) =>
  services.flatMap(({ id, tls, endpoints }): Draft[] => {
    const path = ['services', id, 'tls'];
    const plain = endpoints.find(({ protocol }) => protocol === 'http' || protocol === 'grpc');
    if (tls === null || plain === undefined) return [];
    const message = `services.${id}.tls: has no effect on ${plain.url}; write https:// or grpcs:// where there is TLS, or remove tls`;
    return [{ code: 'NO_EFFECT', message, path, at: 'key', severity: 'warning' }];
  });

/** What is fetched has names, once each, no more than an authority takes. */
export const acmeNamesAreGiven: Check = ({ listeners }) =>
  acmePlaces(listeners).flatMap(({ acme: { domains }, path }): Draft[] => {
    const at = [...path, 'domains'];
    const place = dotted(path);
    if (domains.length === 0)
      return [
        { code: 'MISSING_KEY', message: `${place}: domains is empty; name at least one host`, path: at },
      ];
    if (domains.length > MOST_DOMAINS)
      return [
        {
          code: 'OUT_OF_RANGE',
          message: `${place}: domains has more than ${MOST_DOMAINS} names; order several certificates`,
          path: at,
        },
      ];
    const twice = domains.find((name, index) => domains.indexOf(name) !== index);
    if (twice === undefined) return [];
    return [{ code: 'DUPLICATE_ENTRY', message: `${place}: domains has ${twice} twice`, path: at }];
  });

/** Where certificates are kept in Redis or in a database there is one, which can keep a secret. */
export const acmeStoresExist: Check = ({ listeners, stores: { redis, database } }) =>
  acmePlaces(listeners).flatMap(({ acme: { storage }, path }): Draft[] => {
    const at = [...path, 'storage'];
    const place = dotted(path);
    if (storage.kind === 'redis' && redis === null) {
      const message = `${place}: storage is redis, but there is none; add stores: { redis: { url: "redis://127.0.0.1:6379" } }`;
      return [{ code: 'CONFLICT', message, path: at, from: [['stores', 'redis']] }];
    }
    if (storage.kind !== 'database') return [];
    const from = [['stores', 'database']];
    if (database === null) {
      const message = `${place}: storage is database, but there is none; add stores: { database: { url: "sqlite:./turnpike.db" } }`;
      return [{ code: 'CONFLICT', message, path: at, from }];
    }
    if (database.encryptionKeys.length > 0 || database.databaseUrl.startsWith('sqlite:')) return [];
    const message = `${place}: storage is database, which takes secrets sealed only; set stores.database.encryption.keys`;
    return [{ code: 'CONFLICT', message, path: at, from }];
  });

/** Authorities begin at port 80, without TLS (RFC 8555 §8.3). */
export const acmeCanBeAsked: Check = ({ listeners }) => {
  if (listeners.some(({ tls }) => tls === null)) return [];
  return acmePlaces(listeners)
    .filter(({ acme }) => acme.challenge === 'http-01')
    .map(({ path }): Draft => {
      const message = `${dotted(path)}: http-01 is asked over plain HTTP on port 80, and no listener is without TLS; add one, or use tls-alpn-01`;
      return { code: 'CONFLICT', message, path, at: 'key', from: [['listeners']] };
    });
};

const MOST_DOMAINS = 100;

function acmePlaces(listeners: readonly ListenerConfig[]): { acme: AcmeCertificateConfig; path: Path }[] {
  return listeners.flatMap(({ id, tls }) =>
    (tls?.certificates ?? []).flatMap((one, index) =>
      one.kind === 'acme'
        ? [{ acme: one, path: ['listeners', id, 'tls', 'certificates', index, 'acme'] }]
        : [],
    ),
  );
}
