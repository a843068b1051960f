import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metadataUrls, parseMetadata } from './metadata.ts';

const ISSUER = 'https://login.example.com/realms/main';

function metadata(members: object): string {
  return JSON.stringify({ issuer: ISSUER, ...members });
}

describe('metadata', () => {
  it('are looked for where both specifications put them', () => {
    assert.deepEqual(metadataUrls('https://login.example.com'), [
      'https://login.example.com/.well-known/openid-configuration',
      'https://login.example.com/.well-known/oauth-authorization-server',
    ]);
    assert.deepEqual(metadataUrls(`${ISSUER}/`), [
      `${ISSUER}/.well-known/openid-configuration`,
      'https://login.example.com/.well-known/oauth-authorization-server/realms/main',
    ]);
  });

  it('name endpoints, or do not', () => {
    const text = metadata({
      jwks_uri: `${ISSUER}/keys`,
      token_endpoint: `${ISSUER}/token`,
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_signing_alg_values_supported: ['PS256', 7],
    });
    assert.deepEqual(parseMetadata(text, ISSUER), {
      keysUrl: `${ISSUER}/keys`,
      authorizationEndpoint: null,
      tokenEndpoint: `${ISSUER}/token`,
      introspectionEndpoint: null,
      endSessionEndpoint: null,
      namesItself: true,
      assertionAlgorithms: ['PS256'],
    });
  });

  for (const issuer of [
    `${ISSUER}/`,
    'https://LOGIN.example.com/realms/main',
    'https://evil.example',
    null,
    [ISSUER],
  ]) {
    it(`of ${String(issuer)} are not those of the issuer`, () => {
      assert.throws(() => parseMetadata(metadata({ issuer }), ISSUER), /issuer/);
    });
  }

  const refused = [
    'http://login.example.com/keys',
    'file:///etc/passwd',
    'https://user@login.example.com/keys',
    'https://user:secret@login.example.com/keys',
    '/keys',
    '',
    7,
    null,
  ];
  it('offer nothing at an address that is less secure than the issuer, or none', () => {
    for (const url of refused) assert.equal(parseMetadata(metadata({ jwks_uri: url }), ISSUER).keysUrl, null);
  });

  it('may name addresses without encryption when the issuer has none', () => {
    const text = JSON.stringify({ issuer: 'http://127.0.0.1:8080', jwks_uri: 'http://127.0.0.1:8080/keys' });
    assert.equal(parseMetadata(text, 'http://127.0.0.1:8080').keysUrl, 'http://127.0.0.1:8080/keys');
  });
});
