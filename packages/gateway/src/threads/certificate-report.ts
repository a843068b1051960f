import { X509Certificate } from 'node:crypto';
import type { AcmeStatus } from '../acme/acme-desk.ts';
import type { Reading } from '../observe/series-book.ts';
import { pemText, type PemTexts } from './pem-texts.ts';
import type { SnapshotData } from './protocol.ts';

/** A certificate that is in use, or one that should be. */
interface CertificateLine {
  /** Where in the configuration: `listeners.web` or `services.users`. */
  readonly owner: string;
  /** Its first name. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

const known = new WeakMap<PemTexts, readonly CertificateLine[]>();

/** When our certificates end: those of files by what is in them, those that are fetched by what their keepers know. */
export function certificateReadings(
  snapshot: Pick<SnapshotData, 'listeners' | 'services' | 'pems'>,
  fetched: readonly AcmeStatus[],
): Reading[] {
  const ofFiles = known.get(snapshot.pems) ?? linesOfFiles(snapshot);
  known.set(snapshot.pems, ofFiles);
  return [...ofFiles, ...linesOfFetched(snapshot, fetched)].map(({ owner, name, expiresAtMs }) => ({
    name: 'turnpike_certificate_expiry_timestamp_seconds',
    labels: { owner, name },
    values: [Math.round(expiresAtMs / 1000)],
  }));
}

function linesOfFiles({
  listeners,
  services,
  pems,
}: Pick<SnapshotData, 'listeners' | 'services' | 'pems'>): CertificateLine[] {
  const line = (owner: string, path: string): CertificateLine => {
    const { subjectAltName = '', subject, validToDate } = new X509Certificate(pemText(pems, path));
    const [, name = subject] = /DNS:([^,]+)/.exec(subjectAltName) ?? [];
    return { owner, name, expiresAtMs: validToDate.getTime() };
  };
  return [
    ...listeners.flatMap(({ id, tls }) =>
      (tls?.certificates ?? []).flatMap((one) =>
        one.kind === 'files' ? [line(`listeners.${id}`, one.certificate.path)] : [],
      ),
    ),
    ...services.flatMap(({ id, tls }) =>
      tls === null || tls.keyPair === null ? [] : [line(`services.${id}`, tls.keyPair.certificate.path)],
    ),
  ];
}

/** One that is not there yet has ended at 0, so that whoever watches the ends sees it. */
function linesOfFetched(
  { listeners }: Pick<SnapshotData, 'listeners'>,
  fetched: readonly AcmeStatus[],
): CertificateLine[] {
  return listeners.flatMap(({ id, tls }) =>
    (tls?.certificates ?? []).flatMap((one) => {
      if (one.kind === 'files') return [];
      const status = fetched.find(({ domains }) => domains.join() === one.domains.join());
      const [name = ''] = one.domains;
      return [{ owner: `listeners.${id}`, name, expiresAtMs: status?.expiresAtMs ?? 0 }];
    }),
  );
}
