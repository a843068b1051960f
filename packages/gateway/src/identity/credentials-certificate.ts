import { clientCertificateDer, hasClientCertificate } from '../core/client-certificate.ts';
import type { Lookup } from './consumers/consumers.ts';
import { refused } from './refusals.ts';
import type { CarriedScheme } from './scheme.ts';

/** Client certificates of consumers. HTTP has no challenge for them: the TLS handshake asks. */
export function certificateScheme(certificates: Lookup<Uint8Array>): CarriedScheme {
  return {
    challenges: [],
    isCarried: hasClientCertificate,
    recall(exchange) {
      const der = clientCertificateDer(exchange);
      return der === null ? null : certificates.recall(der);
    },
    authenticate(exchange) {
      const der = clientCertificateDer(exchange);
      return der === null ? Promise.resolve(MALFORMED) : certificates.find(der);
    },
  };
}

const MALFORMED = refused('malformed', 'The client certificate cannot be read.');
