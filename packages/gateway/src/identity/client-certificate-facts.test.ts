import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { certificate } from './certificate-testing.ts';
import { certificateFacts } from './client-certificate-facts.ts';
import { canonicalName } from './distinguished-name.ts';

describe('the facts of a certificate', () => {
  it('are its digest, names and dates', () => {
    const der = certificate({
      names: [['dns', 'a.example']],
      notBefore: '20250102030405Z',
      notAfter: '20260102030405Z',
    });
    assert.deepEqual(certificateFacts(der), {
      fingerprint: createHash('sha256').update(der).digest('hex'),
      subject: canonicalName('CN=warehouse,O=Example'),
      names: ['dns:a.example'],
      validFromMs: Date.UTC(2025, 0, 2, 3, 4, 5),
      validToMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    });
  });

  it('have no subject if that is empty, as in SPIFFE', () => {
    const facts = certificateFacts(certificate({ subject: [], names: [['uri', 'spiffe://a/b']] }));
    assert.equal(facts?.subject, null);
    assert.deepEqual(facts?.names, ['uri:spiffe://a/b']);
  });

  const der = certificate();
  const nothing: readonly (readonly [string, Uint8Array])[] = [
    ['nothing', Buffer.alloc(0)],
    ['noise', Buffer.alloc(300, 0x30)],
    ['a certificate that is cut off', der.subarray(0, -1)],
    ['a certificate and one byte more', Buffer.concat([der, Buffer.of(0)])],
    ['two certificates', Buffer.concat([der, der])],
    ['a certificate as PEM', Buffer.from(pem(der))],
  ];
  for (const [what, bytes] of nothing) {
    it(`are not those of ${what}`, () => assert.equal(certificateFacts(bytes), null));
  }
});

function pem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
}
