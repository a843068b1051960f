import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import {
  alternativeNames,
  bits,
  commonName,
  ECDSA_SHA256,
  extension,
  integer,
  octets,
  pem,
  sequence,
  time,
  tlv,
} from './der.ts';

/** A certificate and its key, in PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;

/** The certificate that proves control of a name in a handshake for `acme-tls/1` (RFC 8737 §3), and is good for nothing else. */
export function challengeCertificate(name: string, keyAuthorization: string, nowMs: number): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const digest = createHash('sha256').update(keyAuthorization).digest();
  const content = sequence(
    tlv(0xa0, integer(2)),
    integer(1, ...randomBytes(8)),
    ECDSA_SHA256,
    commonName('ACME challenge'),
    sequence(time(nowMs - DAY_MS), time(nowMs + DAY_MS)),
    commonName('ACME challenge'),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(alternativeNames([name]), extension(ACME_IDENTIFIER, octets(digest), 'critical'))),
  );
  const signature = sign('sha256', content, privateKey);
  return {
    certificate: pem('CERTIFICATE', sequence(content, ECDSA_SHA256, bits(signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}

const ACME_IDENTIFIER = '1.3.6.1.5.5.7.1.31';
