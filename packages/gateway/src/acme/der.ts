// The little of DER (X.690) that a certificate request and a self-signed certificate are made of.

/** A value with its tag; a definite length in as few bytes as there can be. */
export function tlv(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(value.length)]), value]);
}

/** SEQUENCE. */
export function sequence(...content: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...content);
}

/** INTEGER, of bytes that are positive as they stand. */
export function integer(...bytes: readonly number[]): Buffer {
  return tlv(0x02, Buffer.from(bytes));
}

/** OCTET STRING. */
export function octets(value: Uint8Array): Buffer {
  return tlv(0x04, value);
}

/** BIT STRING of whole bytes. */
export function bits(value: Uint8Array): Buffer {
  return tlv(0x03, Buffer.of(0), value);
}

/** OBJECT IDENTIFIER in dotted notation. */
export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** GeneralizedTime (RFC 5280 §4.1.2.5.2). */
export function time(epochMs: number): Buffer {
  const text = new Date(epochMs).toISOString().replaceAll(/[-:T]|\.\d{3}/g, '');
  return tlv(0x18, Buffer.from(text));
}

/** An extension of a certificate (RFC 5280 §4.2). */
export function extension(type: string, value: Uint8Array, criticality: 'critical' | 'plain'): Buffer {
  const critical = criticality === 'critical' ? [tlv(0x01, Buffer.of(0xff))] : [];
  return sequence(oid(type), ...critical, octets(value));
}

/** Alternative names that are host names (RFC 5280 §4.2.1.6). */
export function alternativeNames(names: readonly string[]): Buffer {
  const entries = names.map((name) => tlv(0x82, Buffer.from(name, 'latin1')));
  return extension('2.5.29.17', sequence(...entries), 'plain');
}

/** The common name of a subject. */
export function commonName(name: string): Buffer {
  return sequence(tlv(0x31, sequence(oid('2.5.4.3'), tlv(0x0c, Buffer.from(name)))));
}

/** ecdsa-with-SHA256 (RFC 5758 §3.2). */
export const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

/** A value as PEM (RFC 7468). */
export function pem(label: string, value: Buffer): string {
  const lines = value.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  return [0x82, length >> 8, length & 0xff];
}

function base128(arc: number): number[] {
  const digits = [arc & 127];
  for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift((left & 127) | 128);
  return digits;
}
