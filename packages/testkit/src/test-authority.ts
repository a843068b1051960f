import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { oid, sequence, tlv } from './der.ts';

/** A certificate and its key, in PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** What matters of a certificate that a test wants. */
export interface TestCertificateWish {
  readonly commonName?: string;
  /** Host names, wildcards and IPv4 addresses. */
  readonly names?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** Somebody who vouches for certificates. */
export interface TestAuthority {
  /** Its own certificate. */
  readonly cert: string;
  issue(wish?: TestCertificateWish): TestCertificate;
}

const DAY_MS = 86_400_000;

/** Makes an authority that nobody knows, with certificates of P-256. */
export function testAuthority(commonName = 'Test authority'): TestAuthority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer: Issuer = { commonName, key: keys.privateKey };
  const own = certificate({ commonName }, keys.publicKey, issuer, [BASIC_CONSTRAINTS_CA]);
  return {
    cert: own,
    issue(wish = {}) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const extensions = wish.names === undefined ? [] : [alternativeNames(wish.names)];
      return {
        cert: certificate(wish, publicKey, issuer, extensions),
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      };
    },
  };
}

interface Issuer {
  readonly commonName: string;
  readonly key: KeyObject;
}

/** RFC 5280 §4.1. */
function certificate(
  wish: TestCertificateWish,
  publicKey: KeyObject,
  issuer: Issuer,
  extensions: readonly Buffer[],
): string {
  const { commonName = 'test', notBefore = fromNow(-1), notAfter = fromNow(90) } = wish;
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const keyId = createHash('sha1').update(spki).digest();
  const serial = Buffer.concat([Buffer.of(1), randomBytes(8)]);
  const content = sequence(
    tlv(0xa0, tlv(0x02, Buffer.of(2))),
    tlv(0x02, serial),
    ECDSA_SHA256,
    nameOf(issuer.commonName),
    sequence(time(notBefore), time(notAfter)),
    nameOf(commonName),
    spki,
    tlv(0xa3, sequence(extension('2.5.29.14', tlv(0x04, keyId)), ...extensions)),
  );
  const signature = sign('sha256', content, issuer.key);
  const bytes = sequence(content, ECDSA_SHA256, tlv(0x03, Buffer.of(0), signature));
  const base64 = bytes
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n');
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

function fromNow(days: number): Date {
  return new Date(Date.now() + days * DAY_MS);
}

function time(date: Date): Buffer {
  const text = date.toISOString().replaceAll(/[-:T]|\.\d{3}/g, '');
  return tlv(0x18, Buffer.from(text));
}

function nameOf(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(oid('2.5.4.3'), tlv(0x0c, Buffer.from(commonName)))));
}

function alternativeNames(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    /^[\d.]+$/.test(name)
      ? tlv(0x87, Buffer.from(name.split('.').map(Number)))
      : tlv(0x82, Buffer.from(name)),
  );
  return extension('2.5.29.17', sequence(...entries));
}

function extension(type: string, value: Buffer): Buffer {
  return sequence(oid(type), tlv(0x04, value));
}

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const BASIC_CONSTRAINTS_CA = sequence(
  oid('2.5.29.19'),
  tlv(0x01, Buffer.of(0xff)),
  tlv(0x04, sequence(tlv(0x01, Buffer.of(0xff)))),
);
