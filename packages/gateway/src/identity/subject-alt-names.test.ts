import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { certificate, type TestName } from './certificate-testing.ts';
import { alternativeNames, canonicalAlternativeName } from './subject-alt-names.ts';

function namesOf(...names: readonly TestName[]): string[] {
  return alternativeNames(new X509Certificate(certificate({ names })).subjectAltName ?? '');
}

describe('the alternative names of a certificate', () => {
  it('are read with their kinds; kinds that cannot be configured are left out', () => {
    const names = namesOf(
      ['dns', 'A.example'],
      ['uri', 'spiffe://example.org/Orders'],
      ['id', '2a0304'],
      ['email', 'a@b.example'],
      ['ip', '0a000001'],
      ['ip', '20010db8000000000000000000000001'],
    );
    assert.deepEqual(names, [
      'dns:a.example',
      'uri:spiffe://example.org/Orders',
      'email:a@b.example',
      'ip:10.0.0.1',
      'ip:2001:db8::1',
    ]);
  });

  it('are none where there is no such extension', () => assert.deepEqual(namesOf(), []));

  it('cannot smuggle in another name', () => {
    const smuggled = [
      'a, URI:spiffe://example.org/admin',
      'a", URI:"spiffe://example.org/admin',
      'a\\", URI:spiffe://example.org/admin',
      'a\n, URI:spiffe://example.org/admin',
      'a\u0000, URI:spiffe://example.org/admin',
    ];
    for (const value of smuggled) {
      assert.deepEqual(namesOf(['dns', value]), [`dns:${value.toLowerCase()}`]);
      assert.deepEqual(namesOf(['uri', value], ['dns', 'b']), [`uri:${value}`, 'dns:b']);
    }
  });

  it('leave out addresses that have no length of an address', () => {
    assert.deepEqual(namesOf(['ip', '0a00'], ['dns', 'a']), ['dns:a']);
  });
});

describe('an alternative name of a configuration', () => {
  const table = [
    ['dns:API.Example', 'dns:api.example'],
    ['ip:2001:DB8:0:0::1', 'ip:2001:db8::1'],
    ['ip:::ffff:10.0.0.1', 'ip:::ffff:10.0.0.1'],
    ['ip:10.0.0.1', 'ip:10.0.0.1'],
    ['uri:spiffe://a/B', 'uri:spiffe://a/B'],
    ['email:Me@Example.com', 'email:Me@Example.com'],
  ] as const;

  for (const [name, canonical] of table) {
    it(`${name} is compared as ${canonical}`, () => assert.equal(canonicalAlternativeName(name), canonical));
  }
});
