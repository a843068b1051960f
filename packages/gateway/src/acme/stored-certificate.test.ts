import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testAuthority } from '@turnpike/testkit';
import { certificateText, storedCertificate } from './stored-certificate.ts';

const authority = testAuthority();
const [one, other] = [authority.issue({ names: ['a.test'] }), authority.issue({ names: ['a.test'] })];
const broken = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

describe('a certificate in a storage', () => {
  it('is used with its key and the chain that follows it', () => {
    const pair = { certificate: one.cert + authority.cert, key: one.key };
    const found = storedCertificate(certificateText(pair));
    assert.equal(found?.certificate, pair.certificate);
    assert.ok((found?.validity.toMs ?? 0) > (found?.validity.fromMs ?? 0));
  });

  for (const [what, text] of [
    ['nothing', null],
    ['no JSON', '{"certificate":'],
    ['no texts', '{"certificate":1,"key":2}'],
    ['the key of another', certificateText({ certificate: one.cert, key: other.key })],
    [
      'a chain that listeners could not show',
      certificateText({ certificate: one.cert + broken, key: one.key }),
    ],
  ] as const) {
    it(`is not used if it is ${what}`, () => assert.equal(storedCertificate(text), null));
  }
});
