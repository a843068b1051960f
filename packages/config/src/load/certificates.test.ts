import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testAuthority, type TestCertificateWish } from '../../../testkit/src/test-authority.ts';
import { loadTexts } from '../../test/fixtures.ts';
import { MUST_STAPLE, OLD_SIGNATURE, SHORT_KEY } from './weak-certificates-testing.ts';

const DAY_MS = 86_400_000;
const authority = testAuthority();

function inDays(days: number): Date {
  return new Date(Date.now() + days * DAY_MS);
}

/** What is said of a listener with these two files. */
async function judged(files: Readonly<Record<string, string>>) {
  const text =
    'listeners: { web: { address: ":1", tls: { certificates: [{ certificate: a.pem, key: a.key }] } } }';
  const { config, issues } = await loadTexts({ '/g.yaml': text, ...files }, {}, ['/g.yaml']);
  return {
    config,
    issues: issues.map(({ code, severity, pointer }) => [code, severity, pointer]),
    text: issues[0]?.message,
  };
}

function pairOf({ names = ['a.test'], ...wish }: TestCertificateWish = {}) {
  const { cert, key } = authority.issue({ ...wish, ...(names.length > 0 && { names }) });
  return { '/a.pem': cert, '/a.key': key };
}

const AT = '/listeners/web/tls/certificates/0';

describe('certificates of a configuration', () => {
  it('are kept by path and digest', async () => {
    const { config, issues } = await judged(pairOf());
    assert.deepEqual(issues, []);
    const [pair] = config?.listeners[0]?.tls?.certificates ?? [];
    assert.ok(pair?.kind === 'files');
    assert.equal(pair.certificate.path, '/a.pem');
    assert.match(pair.certificate.digest, /^[\da-f]{64}$/);
    assert.equal(pair.keyFile, '/a.key');
    assert.ok(!JSON.stringify(config).includes('PRIVATE'));
  });

  const good = pairOf();
  for (const [what, files, ...issue] of [
    ['missing', { '/a.key': good['/a.key'] }, 'UNREADABLE', 'error', `${AT}/certificate`],
    ['without key', { '/a.pem': good['/a.pem'] }, 'UNREADABLE', 'error', `${AT}/key`],
    ['not PEM', { ...good, '/a.pem': 'hello' }, 'BAD_VALUE', 'error', `${AT}/certificate`],
    [
      'damaged',
      { ...good, '/a.pem': good['/a.pem'].replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA') },
      'BAD_VALUE',
      'error',
      `${AT}/certificate`,
    ],
    ['with another key', { ...good, '/a.key': pairOf()['/a.key'] }, 'BAD_VALUE', 'error', `${AT}/key`],
    ['with a key that is none', { ...good, '/a.key': good['/a.pem'] }, 'BAD_VALUE', 'error', `${AT}/key`],
    ['expired', pairOf({ notAfter: inDays(-0.5) }), 'EXPIRES', 'warning', `${AT}/certificate`],
    ['about to expire', pairOf({ notAfter: inDays(29) }), 'EXPIRES', 'warning', `${AT}/certificate`],
    ['too short a key', SHORT_KEY, 'BAD_VALUE', 'error', `${AT}/certificate`],
    ['signed with SHA-1', OLD_SIGNATURE, 'INSECURE', 'warning', `${AT}/certificate`],
    ['demanding a stapled answer', MUST_STAPLE, 'INSECURE', 'warning', `${AT}/certificate`],
    ['without names', pairOf({ names: [] }), 'INSECURE', 'warning', `${AT}/certificate`],
    ['of tomorrow', pairOf({ notBefore: inDays(1) }), 'EXPIRES', 'warning', `${AT}/certificate`],
  ] as const) {
    it(`are told when ${what}`, async () => {
      const { config, issues, text } = await judged(files);
      assert.deepEqual(issues, [issue]);
      assert.equal(config === null, issue[1] === 'error');
      assert.match(text ?? '', /\/a\.(pem|key)/);
    });
  }

  it('warn without hiding what is wrong', async () => {
    const text =
      'listeners: { web: { address: ":1", tls: { certificates: [{ certificate: a.pem, key: a.key }] } } }\nservices: { s: {} }';
    const files = pairOf({ notAfter: inDays(1) });
    const { issues } = await loadTexts({ '/g.yaml': text, ...files }, {}, ['/g.yaml']);
    assert.deepEqual(issues.map(({ code }) => code).toSorted(), ['EXPIRES', 'NO_ENDPOINTS']);
  });
});
