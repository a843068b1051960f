import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { AdminConfig } from '@turnpike/config';
import type { Clock } from '../core/ports.ts';
import { certificateLookup } from '../identity/consumers/certificate-lookup.ts';
import { canonicalCertificate } from '../identity/consumers/compile-consumers.ts';
import { consumerIdentity } from '../identity/consumers/consumer-identity.ts';
import { callerOf, type AdminCaller } from './callers.ts';

/** Tells a caller from the certificate of its connection, which an authority of the listener vouches for. */
export function certificateCallers(
  certificates: AdminConfig['certificates'],
  clock: Clock,
): (request: IncomingMessage) => Promise<AdminCaller | null> {
  const callers = certificates.map((one, index) => callerOf(one, 'certificate', `certificate ${index + 1}`));
  const lookup = certificateLookup(
    certificates.map((one, consumer) => canonicalCertificate(one, { id: 'admin.certificates', consumer })),
    (number, method, expiresAtMs) => {
      const record = { id: String(number), scopes: [], plan: '', metadata: {} };
      return consumerIdentity(record, method, expiresAtMs);
    },
    clock,
  );

  return async ({ socket }) => {
    if (!lookup.isUsed || !(socket instanceof TLSSocket) || !socket.authorized) return null;
    const { raw } = socket.getPeerCertificate();
    const found = raw === undefined ? null : await lookup.find(raw);
    return found?.kind === 'identified' ? (callers[Number(found.identity.consumer)] ?? null) : null;
  };
}
