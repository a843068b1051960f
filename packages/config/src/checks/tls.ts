import type { Draft } from '../issue.ts';
import type { Check } from './check.ts';

/** A listener with TLS has something to show. */
export const tlsHasCertificates: Check = ({ listeners }) =>
  listeners
    .filter(({ tls }) => tls?.certificates.length === 0)
    .map(({ id }): Draft => {
      const message = `listeners.${id}.tls: has no certificates; add one: { certificate: a.pem, key: a.key }`;
      return { code: 'MISSING_KEY', message, path: ['listeners', id, 'tls', 'certificates'] };
    });

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
