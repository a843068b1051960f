import { X509Certificate } from 'node:crypto';
import { certificateKey, type GatewayConfig, type ListenerCertificateConfig } from '@turnpike/config';
import type { AcmeStatus } from '../acme/acme-desk.ts';
import { certificateId } from '../acme/certificate-plan.ts';
import { pemText, type PemTexts } from './pem-texts.ts';
import type { SnapshotData } from './protocol.ts';

/** A certificate that a listener shows, for operators. */
export interface ShownCertificate {
  readonly listener: string;
  /** Where it comes from: a file, an entry of `certificates` in a file or in the database, or an authority. */
  readonly source: 'file' | 'configuration' | 'database' | 'acme';
  /** Of its entry in `certificates`, or null. */
  readonly name: string | null;
  /** Of its file, or null. */
  readonly file: string | null;
  /** Whether clients see it that ask for a name that no other has. */
  readonly isDefault: boolean;
  readonly names: readonly string[];
  readonly state: 'valid' | 'expired' | 'missing';
  readonly issuer: string | null;
  readonly serial: string | null;
  /** RFC 3339. */
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly acme: AcmeStatus | null;
}

/** What the list is made of. */
export interface CertificateSources {
  readonly snapshot: Pick<SnapshotData, 'listeners' | 'pems'>;
  readonly config: Pick<GatewayConfig, 'certificates'>;
  readonly acme: readonly AcmeStatus[];
  /** What was fetched, in PEM, by `certificateId`. */
  readonly fetched: ReadonlyMap<string, string>;
  readonly nowMs: number;
}

/** Every certificate that is shown, in the order in which its listener looks at them. */
export function certificateList(sources: CertificateSources): readonly ShownCertificate[] {
  return sources.snapshot.listeners.flatMap(({ id, tls }) =>
    (tls?.certificates ?? []).map((one, index) => ({
      listener: id,
      isDefault: index === 0,
      ...(one.kind === 'acme' ? fetched(one, sources) : written(one.certificate.path, sources)),
    })),
  );
}

type About = Omit<ShownCertificate, 'listener' | 'isDefault'>;

function written(path: string, { snapshot, config, nowMs }: CertificateSources): About {
  const entry = config.certificates.find(({ id }) => certificateKey(id) === path);
  const source =
    entry === undefined ? 'file' : entry.origin.file.startsWith('database:') ? 'database' : 'configuration';
  const facts = factsOf(pemText(snapshot.pems, path), snapshot.pems);
  const place = { name: entry?.id ?? null, file: entry === undefined ? path : null };
  return { source, ...place, ...facts, state: stateAt(nowMs, facts), acme: null };
}

function fetched(
  one: Extract<ListenerCertificateConfig, { readonly kind: 'acme' }>,
  { acme, fetched: texts, snapshot, nowMs }: CertificateSources,
): About {
  const text = texts.get(certificateId(one));
  const status = acme.find(
    ({ domains, directory }) => certificateId({ domains, directory }) === certificateId(one),
  );
  const facts = text === undefined ? NOTHING : factsOf(text, snapshot.pems);
  const state = text === undefined ? 'missing' : stateAt(nowMs, facts);
  const place = { source: 'acme', name: null, file: null } as const;
  return { ...place, ...facts, names: one.domains, state, acme: status ?? null };
}

interface Facts extends Pick<About, 'names' | 'issuer' | 'serial' | 'notBefore' | 'notAfter'> {}

const NOTHING: Facts = { names: [], issuer: null, serial: null, notBefore: null, notAfter: null };

function stateAt(nowMs: number, { notAfter }: Facts): 'valid' | 'expired' {
  return notAfter !== null && Date.parse(notAfter) > nowMs ? 'valid' : 'expired';
}

/** By revision: thousands need not be read again for every look. */
const known = new WeakMap<PemTexts, Map<string, Facts>>();

function factsOf(pem: string, revision: PemTexts): Facts {
  const texts = known.get(revision) ?? new Map<string, Facts>();
  known.set(revision, texts);
  const facts = texts.get(pem) ?? read(new X509Certificate(pem));
  texts.set(pem, facts);
  return facts;
}

function read({
  subjectAltName = '',
  issuer,
  serialNumber,
  validFromDate,
  validToDate,
}: X509Certificate): Facts {
  const names = subjectAltName.split(', ').filter((name) => name.startsWith('DNS:'));
  return {
    names: names.map((name) => name.slice('DNS:'.length).toLowerCase()),
    issuer: issuer.replaceAll('\n', ', '),
    serial: serialNumber,
    notBefore: validFromDate.toISOString(),
    notAfter: validToDate.toISOString(),
  };
}
