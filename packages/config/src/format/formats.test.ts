import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FORMATS, type FormatName } from './formats.ts';

const HEX = '0123456789abcdef'.repeat(4);
const PEM = '-----BEGIN PRIVATE KEY-----\nMIIabc+/=\n-----END PRIVATE KEY-----\n';
const SALT = 'c2FsdHNhbHRzYWx0';
const HASH = 'aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo';

/** Texts and what they mean. */
const UNDERSTOOD: readonly (readonly [FormatName, string, unknown])[] = [
  ['date', '2027-01-31', Date.UTC(2027, 0, 31)],
  ['date', '2028-02-29T12:30:00Z', Date.UTC(2028, 1, 29, 12, 30)],
  ['date', '2027-01-31t23:30:00.5+02:00', Date.UTC(2027, 0, 31, 21, 30, 0, 500)],
  ['date', '2027-01-01T00:30:00+01:00', Date.UTC(2026, 11, 31, 23, 30)],
  ['addressRule', '10.0.0.0/8', { address: '10.0.0.0', prefixLength: 8, family: 'ipv4' }],
  ['addressRule', '@office', { list: 'office' }],
  ['httpUrl', 'https://a.example/b?c=d', 'https://a.example/b?c=d'],
  ['httpUrl', 'http://[::1]:80', 'http://[::1]:80'],
  ['issuer', 'https://Login.example.com/', 'https://Login.example.com/'],
  ['webOrigin', 'https://App.example.com:443/', 'https://app.example.com'],
  ['webOrigin', 'http://localhost:3000', 'http://localhost:3000'],
  ['keySource', 'https://a.example/keys.json', { kind: 'url', url: 'https://a.example/keys.json' }],
  ['keySource', 'keys/partner.json', { kind: 'file', path: 'keys/partner.json' }],
  ['decisionUrl', 'http://a:1/authorize/', { protocol: 'http', url: 'http://a:1/authorize' }],
  ['decisionUrl', 'https://a', { protocol: 'http', url: 'https://a' }],
  ['decisionUrl', 'grpc://127.0.0.1:9191', { protocol: 'grpc', url: 'http://127.0.0.1:9191' }],
  ['decisionUrl', 'grpcs://a:1/', { protocol: 'grpc', url: 'https://a:1' }],
  ['localPath', '/_auth/callback', '/_auth/callback'],
  ['localPath', '/', '/'],
  ['fieldName', 'X-Tenant', 'x-tenant'],
  ['cookieName', '__Host-session', '__Host-session'],
  ['credentialSource', 'header:X-API-Key', { in: 'header', name: 'x-api-key' }],
  ['credentialSource', 'query:Api_Key', { in: 'query', name: 'Api_Key' }],
  ['credentialSource', 'cookie:Key', { in: 'cookie', name: 'Key' }],
  ['limitKey', 'ip', { kind: 'ip' }],
  ['limitKey', 'header:X-Tenant', { kind: 'header', name: 'x-tenant' }],
  ['limitKey', 'query:a b', { kind: 'query', name: 'a b' }],
  ['limitKey', 'claim:a\\.b.c', { kind: 'claim', path: ['a.b', 'c'] }],
  ['limitKey', 'rule:request.path + ":"', { kind: 'rule', rule: 'request.path + ":"' }],
  ['limitName', '100/1m', '100/1m'],
  ['redisUrl', 'redis://127.0.0.1:6379', 'redis://127.0.0.1:6379'],
  ['redisUrl', 'rediss://:p%40ss@[::1]/2', 'rediss://:p%40ss@[::1]/2'],
  ['browserOrigin', '*', '*'],
  ['browserOrigin', 'HTTPS://App.example.com:0443', 'https://app.example.com'],
  ['browserOrigin', 'http://*.example.com:443', 'http://*.example.com:443'],
  ['browserOrigin', 'http://[::1]:3000', 'http://[::1]:3000'],
  ['browserOrigin', 'capacitor://localhost', 'capacitor://localhost'],
  ['scope', 'orders:read', 'orders:read'],
  ['scope', 'https://a.example/b', 'https://a.example/b'],
  ['valueTemplate', 'plain', 'plain'],
  ['valueTemplate', '{header.X-Tenant}/{path.id}/{query.Q}', '{header.x-tenant}/{path.id}/{query.Q}'],
  ['valueTemplate', '{method} {host}', '{method} {host}'],
  ['apiKey', 'exactly-16-chars', 'exactly-16-chars'],
  ['apiKey', `SHA256:${HEX.toUpperCase()}`, `sha256:${HEX}`],
  ['username', 'jo hn', 'jo hn'],
  ['password', 'p', 'p'],
  ['password', '$ dollar', '$ dollar'],
  ['password', `$scrypt$ln=15,r=8,p=1$${SALT}$${HASH}`, `$scrypt$ln=15,r=8,p=1$${SALT}$${HASH}`],
  [
    'password',
    `$argon2id$v=19$m=65536,t=3,p=4$${SALT}$${HASH}`,
    `$argon2id$v=19$m=65536,t=3,p=4$${SALT}$${HASH}`,
  ],
  ['privateKey', PEM, PEM],
  ['privateKey', PEM.replaceAll('PRIVATE', 'EC PRIVATE'), PEM.replaceAll('PRIVATE', 'EC PRIVATE')],
  ['distinguishedName', 'CN=warehouse, O=Example\\, Inc.', 'CN=warehouse, O=Example\\, Inc.'],
  ['distinguishedName', '2.5.4.3=a+OU=b,DC=c', '2.5.4.3=a+OU=b,DC=c'],
  ['subjectAltName', 'DNS:a.example', 'dns:a.example'],
  ['subjectAltName', 'uri:spiffe://a/b', 'uri:spiffe://a/b'],
  ['subjectAltName', 'ip:::1', 'ip:::1'],
  ['spiffeId', 'spiffe://example.org/ns/orders', 'spiffe://example.org/ns/orders'],
  ['fingerprint', HEX.toUpperCase(), HEX],
  ['fingerprint', HEX.replaceAll(/..(?=.)/g, '$&:'), HEX],
];

/** Texts that are refused, and what was probably meant. */
const REFUSED: readonly (readonly [FormatName, string, string?])[] = [
  ['date', '31.1.2027'],
  ['date', '2027-02-29'],
  ['date', '2027-13-01'],
  ['date', '2027-01-31T12:00:00'],
  ['date', '2027-01-31T25:00:00Z'],
  ['date', '2027-01-31 12:00:00Z'],
  ['addressRule', '@'],
  ['addressRule', 'office'],
  ['httpUrl', 'a.example/b', 'https://a.example/b'],
  ['httpUrl', 'ftp://a'],
  ['httpUrl', 'https://u:p@a'],
  ['httpUrl', 'https://a#b'],
  ['httpUrl', 'https://a/ b'],
  ['httpUrl', 'https://'],
  ['httpUrl', 'https://a:99999'],
  ['issuer', 'https://a?b=c'],
  ['webOrigin', 'https://a.example/b', 'https://a.example'],
  ['keySource', ''],
  ['keySource', 'ftp://a'],
  ['decisionUrl', 'ftp://a'],
  ['decisionUrl', 'grpc://a/b'],
  ['decisionUrl', 'http://a?b'],
  ['localPath', '//evil.example'],
  ['localPath', '/\\evil.example'],
  ['localPath', 'account', '/account'],
  ['localPath', '/{id}'],
  ['localPath', '/*'],
  ['localPath', '/a?b'],
  ['fieldName', 'x y'],
  ['fieldName', 'Content-Length'],
  ['cookieName', 'a;b'],
  ['credentialSource', 'x-api-key', 'header:x-api-key'],
  ['credentialSource', 'body:key'],
  ['credentialSource', 'header:x y'],
  ['credentialSource', 'cookie:'],
  ['limitKey', ''],
  ['limitKey', 'identiti', 'identity'],
  ['limitKey', 'X-Tenant', 'header:x-tenant'],
  ['limitKey', 'tenant'],
  ['limitKey', 'headr:x-tenant', 'header:x-tenant'],
  ['limitKey', 'header:content-length'],
  ['limitKey', 'cookie:a b'],
  ['limitKey', 'path:a-b'],
  ['limitKey', 'claim:a.'],
  ['limitKey', 'rule: '],
  ['limitName', 'a b'],
  ['limitName', '"'],
  ['limitName', 'x'.repeat(65)],
  ['redisUrl', '127.0.0.1:6379'],
  ['redisUrl', 'https://a'],
  ['redisUrl', 'redis://'],
  ['redisUrl', 'redis://a/b'],
  ['redisUrl', 'redis://a?db=1'],
  ['redisUrl', 'redis://:100%@a'],
  ['redisUrl', 'redis://a b'],
  ['browserOrigin', 'a.example', 'https://a.example'],
  ['browserOrigin', 'https://a.example/b', 'https://a.example'],
  ['browserOrigin', 'https://a:65536'],
  ['browserOrigin', 'https://*'],
  ['browserOrigin', 'https://a.*'],
  ['browserOrigin', 'https://u@a'],
  ['browserOrigin', 'https://'],
  ['scope', 'a b'],
  ['scope', ''],
  ['valueTemplate', '{header}'],
  ['valueTemplate', '{tenant}'],
  ['valueTemplate', '{path.a-b}'],
  ['valueTemplate', 'a { b'],
  ['valueTemplate', '{{method}}'],
  ['apiKey', 'only-15-letters'],
  ['apiKey', 'with a space in it'],
  ['apiKey', 'sha256:abc'],
  ['apiKey', 'x'.repeat(257)],
  ['username', 'a:b'],
  ['username', 'a\nb'],
  ['password', ''],
  ['password', '$2b$10$abcdefghijklmnopqrstuv'],
  ['password', '$scrypt$ln=15$salt$hash'],
  ['password', `$scrypt$ln=15,r=8,p=1$${SALT}$${HASH}=`],
  ['password', `$scrypt$ln=15,r=8,p=1$${SALT}$c2hvcnQ`],
  ['password', `$scrypt$ln=20,r=8,p=1$${SALT}$${HASH}`],
  ['password', `$argon2id$v=16$m=65536,t=3,p=4$${SALT}$${HASH}`],
  ['password', `$argon2id$v=19$m=8,t=3,p=4$${SALT}$${HASH}`],
  ['password', `$argon2id$v=19$m=65536,t=65,p=4$${SALT}$${HASH}`],
  ['privateKey', 'keys/private.pem'],
  ['privateKey', PEM.replaceAll('PRIVATE', 'PUBLIC')],
  ['privateKey', PEM.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE')],
  ['privateKey', PEM.replace('END PRIVATE', 'END EC PRIVATE')],
  ['distinguishedName', 'warehouse'],
  ['distinguishedName', 'CN=a,,O=b'],
  ['subjectAltName', 'a.example', 'dns:a.example'],
  ['subjectAltName', 'spiffe://a/b', 'uri:spiffe://a/b'],
  ['subjectAltName', 'a@b.example', 'email:a@b.example'],
  ['subjectAltName', '10.0.0.1', 'ip:10.0.0.1'],
  ['subjectAltName', 'ip:a'],
  ['spiffeId', 'https://a/b'],
  ['spiffeId', 'spiffe://a//b'],
  ['fingerprint', 'abc'],
];

describe('notations', () => {
  for (const [name, text, value] of UNDERSTOOD) {
    it(`reads ${JSON.stringify(text)} as ${name}`, () => {
      assert.deepEqual(FORMATS[name].parse(text), { ok: true, value });
    });
  }

  for (const [name, text, suggestion] of REFUSED) {
    it(`refuses ${JSON.stringify(text)} as ${name}`, () => {
      const parsed = FORMATS[name].parse(text);
      assert.ok(!parsed.ok);
      assert.equal(parsed.suggestion, suggestion);
    });
  }

  it('agree with the patterns for editors', () => {
    for (const [name, text] of UNDERSTOOD) {
      const { pattern = '' } = FORMATS[name] as { readonly pattern?: string };
      assert.match(text, new RegExp(pattern, 'u'), name);
    }
  });
});
