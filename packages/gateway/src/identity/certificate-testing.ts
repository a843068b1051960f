import { generateKeyPairSync, sign } from 'node:crypto';
import { oid, sequence, tlv } from '@turnpike/testkit/der';

/** An attribute of a name: its object identifier and its value. */
export type TestAttribute = readonly [oid: string, value: string];

/** What matters of a certificate that a test wants. */
export interface CertificateWish {
  /** RDN after RDN as they are encoded, which is the reverse of how RFC 4514 writes them. */
  readonly subject?: readonly (readonly TestAttribute[])[];
  readonly names?: readonly TestName[];
  readonly notBefore?: string;
  readonly notAfter?: string;
}

/** A subject alternative name. */
export type TestName = readonly [kind: keyof typeof NAME_TAGS, value: string];

export const CN = '2.5.4.3';
export const O = '2.5.4.10';
export const OU = '2.5.4.11';

const NAME_TAGS = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87, id: 0x88 } as const;
const KEYS = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

/** For tests: a certificate (DER), signed by itself, that may hold what no authority would put into one. */
export function certificate({
  subject = [[[O, 'Example']], [[CN, 'warehouse']]],
  names = [],
  notBefore = '20200101000000Z',
  notAfter = '20400101000000Z',
}: CertificateWish = {}): Buffer {
  const tbs = sequence(
    tlv(0xa0, tlv(0x02, Buffer.of(2))),
    tlv(0x02, Buffer.of(1)),
    ECDSA_SHA256,
    nameOf([[[CN, 'test authority']]]),
    sequence(tlv(0x18, Buffer.from(notBefore)), tlv(0x18, Buffer.from(notAfter))),
    nameOf(subject),
    KEYS.publicKey.export({ type: 'spki', format: 'der' }),
    ...(names.length === 0 ? [] : [tlv(0xa3, sequence(alternativeNames(names)))]),
  );
  const signature = sign('sha256', tbs, KEYS.privateKey);
  return sequence(tbs, ECDSA_SHA256, tlv(0x03, Buffer.concat([Buffer.of(0), signature])));
}

/** For tests: the certificate as a trusted proxy hands it on (RFC 9440). */
export function clientCertField(der: Uint8Array): string {
  return `:${Buffer.from(der).toString('base64')}:`;
}

function nameOf(subject: readonly (readonly TestAttribute[])[]): Buffer {
  const attribute = ([type, value]: TestAttribute) => sequence(oid(type), tlv(0x0c, Buffer.from(value)));
  return sequence(...subject.map((attributes) => tlv(0x31, ...attributes.map(attribute))));
}

function alternativeNames(names: readonly TestName[]): Buffer {
  const entries = names.map(([kind, value]) => tlv(NAME_TAGS[kind], bytesOf(kind, value)));
  return sequence(oid('2.5.29.17'), tlv(0x04, sequence(...entries)));
}

/** Addresses and identifiers are given as hex. */
function bytesOf(kind: keyof typeof NAME_TAGS, value: string): Buffer {
  return Buffer.from(value, kind === 'ip' || kind === 'id' ? 'hex' : 'utf8');
}
