import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { alternativeNames, bits, ECDSA_SHA256, integer, oid, sequence, tlv } from './der.ts';

/** Asks for a certificate for these names with this key of P-256 (RFC 2986, in DER). The subject is empty: names in it count for nobody. */
export function certificateRequest(names: readonly string[], key: KeyObject): Buffer {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  // RFC 2985 §5.4.2: extensionRequest.
  const extensions = sequence(oid('1.2.840.113549.1.9.14'), tlv(0x31, sequence(alternativeNames(names))));
  const content = sequence(integer(0), sequence(), publicKey, tlv(0xa0, extensions));
  return sequence(content, ECDSA_SHA256, bits(sign('sha256', content, key)));
}
