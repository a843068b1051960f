import type { Path } from '../path.ts';
import type { KeyPairFiles, PemFile } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';

/** Certificates that the configuration names, and where. Paths are absolute. */
export type CertificateUse =
  | {
      readonly kind: 'key-pair';
      readonly certificate: string;
      readonly key: string;
      /** Where the object with both is written. */
      readonly at: Path;
      /** Whether it is shown to clients by their name for us, or to services, which need none. */
      readonly use: 'server' | 'client';
    }
  | {
      /** In place, and not in a file. */
      readonly kind: 'texts';
      readonly id: string;
      readonly certificate: string;
      readonly key: string;
      readonly at: Path;
    }
  | {
      readonly kind: 'authorities' | 'revocations';
      readonly path: string;
      readonly at: Path;
    };

/** All certificates of listeners, services, collectors and the admin API. */
export function certificateUses(
  {
    listeners,
    certificates: named,
    services,
    telemetry,
    admin,
  }: Pick<ResolvedDocument, 'listeners' | 'certificates' | 'services' | 'telemetry' | 'admin'>,
  absolute: Context['absolute'],
): CertificateUse[] {
  const pair = (written: WrittenPair | null, at: Path, use: 'server' | 'client'): CertificateUse[] => {
    const { certificate = null, key = null } = written ?? {};
    // What is missing or malformed was told already.
    if (!certificate || !key) return [];
    const pathOf = (member: string, path: string): string => absolute([...at, member], path);
    return [
      { kind: 'key-pair', certificate: pathOf('certificate', certificate), key: pathOf('key', key), at, use },
    ];
  };
  const file =
    (kind: 'authorities' | 'revocations') =>
    (path: string | null, tls: Path): CertificateUse[] => {
      const at = [...tls, kind];
      return path ? [{ kind, path: absolute(at, path), at }] : [];
    };
  const [authorities, revocations] = [file('authorities'), file('revocations')];
  return [
    ...Array.from(listeners).flatMap(([id, { tls }]) => {
      const at = ['listeners', id, 'tls'];
      if (tls === null) return [];
      const { certificates, clientCertificates } = tls;
      return [
        ...certificates.flatMap((one, index) => {
          const place = [...at, 'certificates', index];
          if (!('acme' in one)) return pair(one, place, 'server');
          return authorities(one.acme.authorities, [...place, 'acme']);
        }),
        ...(clientCertificates === null
          ? []
          : [
              ...authorities(clientCertificates.authorities, [...at, 'clientCertificates']),
              ...revocations(clientCertificates.revocations, [...at, 'clientCertificates']),
            ]),
      ];
    }),
    ...Array.from(named).flatMap(([id, { certificate, key }]): CertificateUse[] =>
      certificate && key ? [{ kind: 'texts', id, certificate, key, at: ['certificates', id] }] : [],
    ),
    ...Array.from(services).flatMap(([id, { tls }]) => {
      const at = ['services', id, 'tls'];
      return tls === null ? [] : [...pair(tls, at, 'client'), ...authorities(tls.authorities, at)];
    }),
    ...authorities(telemetry.otlp.authorities, ['telemetry', 'otlp']),
    ...(admin === 'off' || admin.tls === null
      ? []
      : [
          ...pair(admin.tls, ['admin', 'tls'], 'server'),
          ...authorities(admin.tls.clientCertificates?.authorities ?? null, ADMIN_CLIENTS),
          ...revocations(admin.tls.clientCertificates?.revocations ?? null, ADMIN_CLIENTS),
        ]),
  ];
}

const ADMIN_CLIENTS = ['admin', 'tls', 'clientCertificates'];

interface WrittenPair {
  readonly certificate: string | null;
  readonly key: string | null;
}

/** A file as the configuration keeps it. */
export function pemFile(path: string, at: Path, { absolute, digests }: Context): PemFile {
  const file = absolute(at, path);
  return { path: file, digest: digests[file] ?? '' };
}

/** A certificate and its key as the configuration keeps them. */
export function keyPairFiles(
  { certificate, key }: { readonly certificate: string; readonly key: string },
  at: Path,
  context: Context,
): KeyPairFiles {
  return {
    certificate: pemFile(certificate, [...at, 'certificate'], context),
    keyFile: context.absolute([...at, 'key'], key),
  };
}
