import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headersOf } from './headers.ts';
import { certificate, clientCertField } from '../identity/certificate-testing.ts';
import { clientCertificateDer, hasClientCertificate, type CertificateBearer } from './client-certificate.ts';

const der = certificate();
const ARRIVAL = {
  listener: 'web',
  scheme: 'https',
  port: 443,
  bodyBytes: 0,
  forwardedClientCert: true,
  forwardsClientCert: false,
} as const;

function bearer(...fields: readonly string[]): CertificateBearer {
  const headers = headersOf(...fields.map((value) => ['Client-Cert', value] as const));
  return { arrival: ARRIVAL, fromTrustedProxy: true, headers, clientCertificate: null };
}

describe('a client certificate', () => {
  it('is what a trusted proxy says, where the listener takes its word', () => {
    const known = bearer(clientCertField(der));
    assert.deepEqual(clientCertificateDer(known), der);
    assert.equal(clientCertificateDer({ ...known, fromTrustedProxy: false }), null);
    const deaf = { ...known, arrival: { ...ARRIVAL, forwardedClientCert: false, forwardsClientCert: false } };
    assert.equal(clientCertificateDer(deaf), null);
    assert.equal(hasClientCertificate(deaf), false);
  });

  it('is that of the connection, unless a trusted proxy speaks for its clients', () => {
    const own = { ...bearer(), clientCertificate: der };
    assert.equal(clientCertificateDer({ ...own, fromTrustedProxy: false }), der);
    assert.equal(hasClientCertificate({ ...own, fromTrustedProxy: false }), true);
    assert.equal(clientCertificateDer(own), null);
    assert.equal(hasClientCertificate(own), false);
  });

  it('is the same array for the same text', () => {
    const first = clientCertificateDer(bearer(clientCertField(der)));
    assert.equal(clientCertificateDer(bearer(clientCertField(der))), first);
  });

  const base64 = der.toString('base64');
  const malformed: readonly (readonly [string, readonly string[]])[] = [
    ['two fields', [clientCertField(der), clientCertField(der)]],
    ['two in one field', [`${clientCertField(der)}, ${clientCertField(der)}`]],
    ['base64 without colons', [base64]],
    ['a colon too few', [`:${base64}`]],
    ['nothing between the colons', ['::']],
    ['one colon', [':']],
    ['nothing', ['']],
    ['parameters', [`${clientCertField(der)};a=1`]],
    ['spaces in it', [`:${base64.slice(0, 40)} ${base64.slice(40)}:`]],
    ['base64url', [':-_-_:']],
    ['bits that mean nothing', [':AB==:']],
    ['missing padding', [':AA:']],
    ['PEM', [`:-----BEGIN CERTIFICATE-----${base64}:`]],
    ['more than 16 KiB', [`:${'A'.repeat(16 * 1024)}:`]],
  ];
  for (const [what, fields] of malformed) {
    it(`is there and cannot be read: ${what}`, () => {
      assert.equal(clientCertificateDer(bearer(...fields)), null);
      assert.equal(hasClientCertificate(bearer(...fields)), true);
    });
  }

  it('is not there without the field', () => {
    assert.equal(clientCertificateDer(bearer()), null);
    assert.equal(hasClientCertificate(bearer()), false);
  });
});
