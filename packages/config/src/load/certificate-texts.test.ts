import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { testAuthority } from '../../../testkit/src/test-authority.ts';
import { loadTexts } from '../../test/fixtures.ts';
import { SHORT_KEY } from './weak-certificates-testing.ts';

const DAY_MS = 86_400_000;
const authority = testAuthority('Root');
const { cert, key } = authority.issue({ names: ['a.test', '*.b.test'] });
const other = authority.issue({ names: ['c.test'] });
const encrypted = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
}).privateKey;

const TLS = { secure: { address: ':1', tls: {} } };

async function load(certificates: object, sections: object = { listeners: TLS }) {
  const { config, issues } = await loadTexts({ '/g.yaml': JSON.stringify({ certificates, ...sections }) });
  return { config, issues, brief: issues.map((one) => `${one.severity} ${one.code} ${one.pointer}`) };
}

describe('a certificate that stands in the configuration', () => {
  it('says its names and when it ends', async () => {
    const { config, brief } = await load({ a: { certificate: cert + authority.cert, key } });
    assert.deepEqual(brief, []);
    const [found] = config?.certificates ?? [];
    assert.deepEqual(found?.names, ['a.test', '*.b.test']);
    const days = ((found?.expiresAtMs ?? 0) - Date.now()) / DAY_MS;
    assert.ok(days > 89 && days <= 90, `${days}`);
  });

  for (const [what, certificate, privateKey, at, says] of [
    ['has the key of another', cert, other.key, 'key', /not the key of the certificate/],
    ['has its key encrypted', cert, encrypted, 'key', /encrypted; give it without a passphrase/],
    ['has several keys', cert, key + other.key, 'key', /has 2 private keys/],
    ['has no key', cert, cert, 'key', /no private key in PEM/],
    [
      'has its chain upside down',
      authority.cert + cert,
      key,
      'certificate',
      /certificate 2 belongs to the key/,
    ],
    [
      'has a stranger in its chain',
      cert + other.cert,
      key,
      'certificate',
      /certificate 2 does not vouch for/,
    ],
    [
      'has its key where all see it',
      cert + key,
      key,
      'certificate',
      /private key, which everybody would see/,
    ],
    ['is none', 'hello', key, 'certificate', /no certificate in PEM/],
    ['is damaged', cert.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA'), key, 'certificate', /cannot be read/],
    ['is of weak RSA', SHORT_KEY['/a.pem'], SHORT_KEY['/a.key'], 'key', /1024 bits; RSA needs 2048/],
  ] as const) {
    it(`and ${what} is refused, without a word of its key`, async () => {
      const { config, issues, brief } = await load({ a: { certificate, key: privateKey } });
      assert.equal(config, null);
      assert.deepEqual(brief, [`error BAD_VALUE /certificates/a/${at}`]);
      assert.match(issues[0]?.message ?? '', says);
      assert.ok(!issues[0]?.message.includes(privateKey.split('\n')[1] ?? '-'));
    });
  }

  it('is told when it has ended or is about to, and stays', async () => {
    for (const [days, says] of [
      [-1, /has expired/],
      [20, /expires on .*, in 19 days/],
    ] as const) {
      const { cert: old, key: its } = authority.issue({
        names: ['a.test'],
        notBefore: new Date(Date.now() - 90 * DAY_MS),
        notAfter: new Date(Date.now() + days * DAY_MS),
      });
      const { config, issues, brief } = await load({ a: { certificate: old, key: its } });
      assert.ok(config !== null);
      assert.deepEqual(brief, ['warning EXPIRES /certificates/a/certificate']);
      assert.match(issues[0]?.message ?? '', says);
    }
  });

  const pair = { certificate: cert, key };
  for (const [what, certificates, listeners, issue] of [
    [
      'names a listener that is not there',
      { a: { ...pair, listeners: ['secured'] } },
      TLS,
      'error UNKNOWN_NAME /certificates/a/listeners/0',
    ],
    [
      'names one without TLS',
      { a: { ...pair, listeners: ['web'] } },
      { ...TLS, web: { address: ':2' } },
      'error CONFLICT /certificates/a/listeners/0',
    ],
    ['has names that others have before it', { a: pair, b: pair }, TLS, 'warning NO_EFFECT /certificates/b'],
    ['has nobody to show it', { a: pair }, { web: { address: ':2' } }, 'warning NO_EFFECT /certificates/a'],
  ] as const) {
    it(`and ${what} is told`, async () => {
      const { brief } = await load(certificates, { listeners });
      assert.ok(brief.includes(issue), brief.join());
    });
  }

  it('is enough for a listener that has none of its own; without any it is an error, with a database a warning', async () => {
    assert.deepEqual((await load({ a: pair })).brief, []);
    assert.deepEqual((await load({})).brief, ['error MISSING_KEY /listeners/secure/tls/certificates']);
    const stores = { database: { url: 'sqlite:./a.db' } };
    assert.deepEqual((await load({}, { listeners: TLS, stores })).brief, [
      'warning MISSING_KEY /listeners/secure/tls',
    ]);
  });
});
