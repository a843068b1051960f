import { createPrivateKey, hash, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Draft, IssueCode } from '../issue.ts';
import { dotted, type Path } from '../path.ts';
import type { CertificateUse } from '../resolve/certificate-uses.ts';
import type { Context } from '../resolve/context.ts';
import { certificateKey } from '../resolve/certificates.ts';
import { datesOf, type Dates, factsOf, type LookAtTexts, opensslReason } from './certificate-texts.ts';
import { type Files, readProblem } from './files.ts';

/** What was found in the certificates and keys that a configuration names. */
export interface ReadCertificates {
  /** SHA-256 by absolute path. */
  readonly digests: Readonly<Record<string, string>>;
  /** By absolute path, or `certificateKey`. */
  readonly facts: Context['certificates'];
  /** Told where the files are named. Never a word of what is in a key. */
  readonly faults: readonly Draft[];
}

/** What reading works with. `watch` hears the path of everything that is read or looked for. */
export interface CertificatePorts {
  readonly files: Files;
  readonly watch: (path: string) => void;
  readonly lookAtTexts: LookAtTexts;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** From so many days before the end on, we warn. */
const WARN_DAYS = 30;
const DAY_MS = 86_400_000;
/** RFC 9325 §4.5. */
const LEAST_RSA_BITS = 2048;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Reads certificates and keys and says what is wrong with them, so that it is not a handshake that fails. */
export async function readCertificates(
  uses: readonly CertificateUse[],
  ports: CertificatePorts,
): Promise<ReadCertificates> {
  const reading = new Reading(ports);
  for (const use of uses) {
    if (use.kind === 'key-pair') await reading.readPair(use);
    else if (use.kind === 'texts') reading.lookAtTexts(use);
    else if (use.kind === 'authorities') await reading.readChain(use.path, use.at);
    else await reading.readRevocations(use.path, use.at);
  }
  const { digests, facts, faults } = reading;
  return { digests: Object.fromEntries(digests), facts: Object.fromEntries(facts), faults };
}

class Reading {
  readonly digests = new Map<string, string>();
  readonly facts = new Map<string, Context['certificates'][string]>();
  readonly faults: Draft[] = [];
  readonly #ports: CertificatePorts;

  constructor(ports: CertificatePorts) {
    this.#ports = ports;
  }

  async readPair({
    certificate,
    key,
    at,
    use,
  }: Extract<CertificateUse, { readonly kind: 'key-pair' }>): Promise<void> {
    const [certificateAt, keyAt] = [
      [...at, 'certificate'],
      [...at, 'key'],
    ];
    const chain = await this.readChain(certificate, certificateAt);
    const keyText = await this.#read(key, keyAt);
    const privateKey = keyText === null ? null : this.#parseKey(keyText, key, keyAt);
    const [own] = chain?.certificates ?? [];
    if (chain !== null && own !== undefined) this.facts.set(certificate, factsOf(chain.certificates));
    if (chain === null || own === undefined || keyText === null || privateKey === null) return;
    if (!own.checkPrivateKey(privateKey)) {
      this.#tell('BAD_VALUE', keyAt, `${key} is not the key of the certificate in ${certificate}`);
      return;
    }
    if (this.#isShort(own, certificate, certificateAt)) return;
    this.#checkSignatures(chain.certificates, certificate, certificateAt);
    if (use === 'server') {
      this.#checkNames(own, certificate, certificateAt);
      this.#checkStapling(own, certificate, certificateAt);
    }
    try {
      createSecureContext({ cert: chain.text, key: keyText });
    } catch (error) {
      this.#tell('BAD_VALUE', certificateAt, `${certificate} cannot be used: ${opensslReason(error)}`);
    }
  }

  lookAtTexts({ id, certificate, key, at }: Extract<CertificateUse, { readonly kind: 'texts' }>): void {
    const { facts, beginsMs, endsMs, problems } = this.#ports.lookAtTexts({ certificate, key });
    for (const { member, problem, isWeak } of problems) {
      const place = [...at, member];
      if (isWeak) this.#weak(place, problem);
      else this.#tell('BAD_VALUE', place, problem);
    }
    if (facts === null) return;
    this.facts.set(certificateKey(id), facts);
    this.#checkDates({ beginsMs, endsMs }, 'it', [...at, 'certificate']);
  }

  /** The certificates in a file; null if there is something wrong with it. */
  async readChain(
    path: string,
    at: Path,
  ): Promise<{ readonly text: string; readonly certificates: readonly X509Certificate[] } | null> {
    const text = await this.#read(path, at);
    if (text === null) return null;
    this.digests.set(path, hash('sha256', text));
    const blocks = text.match(PEM_CERTIFICATE) ?? [];
    try {
      const certificates = blocks.map((block) => new X509Certificate(block));
      if (certificates.length === 0) this.#tell('BAD_VALUE', at, `${path} has no certificate in PEM`);
      this.#checkDates(datesOf(certificates), path, at);
      return certificates.length === 0 ? null : { text, certificates };
    } catch {
      this.#tell('BAD_VALUE', at, `${path} has a certificate that cannot be read`);
      return null;
    }
  }

  /** Lists are kept by digest, so that another list is another configuration. */
  async readRevocations(path: string, at: Path): Promise<void> {
    this.#ports.watch(path);
    try {
      const bytes = await this.#ports.files.read(path);
      this.digests.set(path, hash('sha256', bytes));
      createSecureContext({ crl: revocationLists(bytes) });
    } catch (error) {
      if (error instanceof Error && 'code' in error && !String(error.code).startsWith('ERR_'))
        this.#tell('UNREADABLE', at, `the file ${path} cannot be read: ${readProblem(error)}`);
      else this.#tell('BAD_VALUE', at, `${path} holds no revocation list that can be read`);
    }
  }

  async #read(path: string, at: Path): Promise<string | null> {
    this.#ports.watch(path);
    try {
      return new TextDecoder().decode(await this.#ports.files.read(path));
    } catch (error) {
      this.#tell('UNREADABLE', at, `the file ${path} cannot be read: ${readProblem(error)}`);
      return null;
    }
  }

  #parseKey(text: string, path: string, at: Path): KeyObject | null {
    try {
      return createPrivateKey(text);
    } catch {
      const why = text.includes('ENCRYPTED')
        ? 'is encrypted; store it without a passphrase'
        : 'has no private key in PEM';
      this.#tell('BAD_VALUE', at, `${path} ${why}`);
      return null;
    }
  }

  #checkDates({ beginsMs, endsMs }: Dates, path: string, at: Path): void {
    const { nowMs } = this.#ports;
    const leftDays = Math.floor((endsMs - nowMs) / DAY_MS);
    if (endsMs <= nowMs) this.#warn(at, `${path} has expired on ${dayOf(endsMs)}`);
    else if (leftDays < WARN_DAYS) this.#warn(at, `${path} expires on ${dayOf(endsMs)}, in ${leftDays} days`);
    if (beginsMs > nowMs) this.#warn(at, `${path} is not valid before ${dayOf(beginsMs)}`);
  }

  /** OpenSSL refuses them as well, in words for people who know OpenSSL. */
  #isShort({ publicKey }: X509Certificate, path: string, at: Path): boolean {
    const { modulusLength: bits = LEAST_RSA_BITS } = publicKey.asymmetricKeyDetails ?? {};
    if (bits < LEAST_RSA_BITS)
      this.#tell(
        'BAD_VALUE',
        at,
        `${path} has a key of ${bits} bits; RSA needs ${LEAST_RSA_BITS}, and P-256 is better`,
      );
    return bits < LEAST_RSA_BITS;
  }

  /** Nobody looks at the signature of an authority on itself. */
  #checkSignatures(chain: readonly X509Certificate[], path: string, at: Path): void {
    const signed = chain.filter(({ subject, issuer }) => subject !== issuer);
    if (signed.some(({ signatureAlgorithm }) => /sha-?1\b|md5/i.test(signatureAlgorithm ?? '')))
      this.#weak(at, `${path} is signed with SHA-1 or MD5, which nobody believes any more`);
  }

  /** Names in a subject count no more (RFC 9525 §2). */
  #checkNames({ subjectAltName }: X509Certificate, path: string, at: Path): void {
    if (subjectAltName === undefined)
      this.#weak(
        at,
        `${path} has no alternative names, so no client believes it; names in its subject do not count`,
      );
  }

  /** Its clients would wait for an answer of OCSP that nobody here gives (RFC 7633 §4.2.2). */
  #checkStapling({ raw }: X509Certificate, path: string, at: Path): void {
    if (raw.includes(MUST_STAPLE))
      this.#weak(
        at,
        `${path} demands a stapled OCSP answer, which is not sent: clients that look for it go away`,
      );
  }

  #weak(path: Path, problem: string): void {
    this.faults.push({ code: 'INSECURE', message: `${dotted(path)}: ${problem}`, path, severity: 'warning' });
  }

  #tell(code: IssueCode, path: Path, problem: string): void {
    this.faults.push({ code, message: `${dotted(path)}: ${problem}`, path });
  }

  #warn(path: Path, problem: string): void {
    this.faults.push({ code: 'EXPIRES', message: `${dotted(path)}: ${problem}`, path, severity: 'warning' });
  }
}

/** The extension "TLS Feature" with `status_request`, in DER (RFC 7633 §6). */
const MUST_STAPLE = Buffer.from('06082b060105050701180405300302', 'hex');

/** Node.js takes PEM only. */
export function revocationLists(bytes: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(bytes);
  if (text.includes('-----BEGIN X509 CRL-----')) return text;
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n`;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
