import { createPrivateKey, hash, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { CertificateFacts } from '../resolve/context.ts';

/** A certificate and its key, in PEM. */
export interface PairTexts {
  readonly certificate: string;
  readonly key: string;
}

/** From when to when all of a chain is valid, in milliseconds since 1970. */
export interface Dates {
  readonly beginsMs: number;
  readonly endsMs: number;
}

/** What is wrong with one of the two, without a word of what is in the key. */
interface Problem {
  readonly member: keyof PairTexts;
  readonly problem: string;
  /** It can be used, but should not. */
  readonly isWeak: boolean;
}

/** What was found in a pair; without facts it cannot be used. */
export interface PairLook extends Dates {
  readonly facts: CertificateFacts | null;
  readonly problems: readonly Problem[];
}

/** Looks at a pair that stands in the configuration itself. */
export type LookAtTexts = (pair: PairTexts) => PairLook;

/** RFC 9325 §4.5. */
const LEAST_RSA_BITS = 2048;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const KEY_BEGIN = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/g;
/** More pairs than a gateway has; then all are looked at anew. */
const MAX_KNOWN = 20_000;

/** Makes a looker that remembers: thousands of pairs are the same as at the last load, and each costs a millisecond. */
export function certificateTexts(): LookAtTexts {
  const known = new Map<string, PairLook>();
  return (pair) => {
    const digest = hash('sha256', JSON.stringify([pair.certificate, pair.key]));
    const before = known.get(digest);
    if (before !== undefined) return before;
    const found = lookAt(pair);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(digest, found);
    return found;
  };
}

/** What the first certificate of a chain says of itself, and when the first of them ends. */
export function factsOf(chain: readonly X509Certificate[]): CertificateFacts {
  const names = (chain[0]?.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('DNS:'));
  return {
    names: names.map((name) => name.slice('DNS:'.length).toLowerCase()),
    expiresAtMs: datesOf(chain).endsMs,
  };
}

/** From when to when all of a chain is valid. */
export function datesOf(chain: readonly X509Certificate[]): Dates {
  return {
    beginsMs: Math.max(...chain.map(({ validFromDate }) => validFromDate.getTime())),
    endsMs: Math.min(...chain.map(({ validToDate }) => validToDate.getTime())),
  };
}

/** The last part of OpenSSL's message, which is the part for people. */
export function opensslReason(error: unknown): string {
  const reason = error instanceof Error && 'reason' in error ? error.reason : undefined;
  return typeof reason === 'string' ? reason : 'OpenSSL refuses it';
}

function lookAt({ certificate, key }: PairTexts): PairLook {
  const chain = chainOf(certificate);
  if (typeof chain === 'string') return unusable('certificate', chain);
  const privateKey = keyOf(key);
  if (typeof privateKey === 'string') return unusable('key', privateKey);
  const own = chain.findIndex((one) => one.checkPrivateKey(privateKey));
  if (own < 0) return unusable('key', 'it is not the key of the certificate');
  const disorder = disorderOf(chain, own);
  if (disorder !== null) return unusable('certificate', disorder);
  const { modulusLength: bits = LEAST_RSA_BITS } = privateKey.asymmetricKeyDetails ?? {};
  if (bits < LEAST_RSA_BITS)
    return unusable('key', `it has ${bits} bits; RSA needs ${LEAST_RSA_BITS}, and P-256 is better`);
  try {
    createSecureContext({ cert: certificate, key });
  } catch (error) {
    return unusable('certificate', `it cannot be used: ${opensslReason(error)}`);
  }
  return { facts: factsOf(chain), ...datesOf(chain), problems: weaknessesOf(chain) };
}

/** The certificates, or what is wrong with them. A key beside them would be shown to whoever may read. */
function chainOf(text: string): readonly X509Certificate[] | string {
  if (text.match(KEY_BEGIN) !== null || text.includes('ENCRYPTED'))
    return 'it has a private key, which everybody would see; put it in key, and use another from now on';
  const chain: X509Certificate[] = [];
  for (const block of text.match(PEM_CERTIFICATE) ?? []) {
    try {
      chain.push(new X509Certificate(block));
    } catch {
      return `its certificate ${chain.length + 1} cannot be read`;
    }
  }
  return chain.length === 0 ? 'it has no certificate in PEM' : chain;
}

function keyOf(text: string): KeyObject | string {
  if (text.includes('ENCRYPTED')) return 'it is encrypted; give it without a passphrase';
  const count = text.match(KEY_BEGIN)?.length ?? 0;
  if (count > 1) return `it has ${count} private keys; keep that of the certificate`;
  try {
    return createPrivateKey(text);
  } catch {
    return count === 0 ? 'it has no private key in PEM' : 'its private key cannot be read';
  }
}

/** Each has to be followed by the one that vouches for it (RFC 8446 §4.4.2); many clients do not look any further. */
function disorderOf(chain: readonly X509Certificate[], own: number): string | null {
  if (own > 0) return `it is out of order: certificate ${own + 1} belongs to the key and has to come first`;
  for (const [index, one] of chain.entries()) {
    const next = chain[index + 1];
    if (next !== undefined && !(one.checkIssued(next) && one.verify(next.publicKey)))
      return `it is out of order: certificate ${index + 2} does not vouch for certificate ${index + 1}`;
  }
  return null;
}

function weaknessesOf(chain: readonly X509Certificate[]): Problem[] {
  const signed = chain.filter(({ subject, issuer }) => subject !== issuer);
  const isOld = signed.some(({ signatureAlgorithm }) => /sha-?1\b|md5/i.test(signatureAlgorithm ?? ''));
  const isNameless = chain[0]?.subjectAltName === undefined;
  return [
    ...(isOld ? [weak('it is signed with SHA-1 or MD5, which nobody believes any more')] : []),
    ...(isNameless
      ? [weak('it has no alternative names, so no client believes it; names in its subject do not count')]
      : []),
  ];
}

function weak(problem: string): Problem {
  return { member: 'certificate', problem, isWeak: true };
}

function unusable(member: keyof PairTexts, problem: string): PairLook {
  return { facts: null, beginsMs: 0, endsMs: 0, problems: [{ member, problem, isWeak: false }] };
}
