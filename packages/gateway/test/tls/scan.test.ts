import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { before, describe, it, after } from 'node:test';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlane, testAuthority, type Plane } from '@turnpike/testkit';

/** What `openssl s_client` says to a listener with two kinds of certificates. Everything of its own that is old is allowed. */
let plane: Plane;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnpike-scan-'));
  const { cert, key } = testAuthority().issue({ names: ['a.test'] });
  const [ec, rsa] = [join(folder, 'ec'), join(folder, 'rsa')];
  await writeFile(`${ec}.pem`, cert);
  await writeFile(`${ec}.key`, key);
  const subject = ['-subj', '/CN=rsa', '-addext', 'subjectAltName=DNS:rsa.test'];
  await output('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    `${rsa}.key`,
    '-out',
    `${rsa}.pem`,
    ...subject,
  ]);
  const certificates = [ec, rsa].map((name) => ({ certificate: `${name}.pem`, key: `${name}.key` }));
  plane = await startPlane({
    listeners: { web: { address: '127.0.0.1:0', tls: { certificates } } },
    routes: { all: { match: { path: '/*' }, respond: { status: 200 } } },
  });
});

after(async () => {
  await plane.close();
  await rm(folder, { recursive: true });
});

/** Both streams of a program, however it ends. */
function output(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(program, [...args], { timeout: 120_000 }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
    // One that does not like its arguments does not read.
    child.stdin?.on('error', () => {}).end(input);
  });
}

interface Found {
  readonly cipher: string | null;
  readonly text: string;
}

function handshake(name: string, ...args: readonly string[]): Promise<Found> {
  return handshakeAt(plane.port, name, ...args);
}

async function handshakeAt(port: number, name: string, ...args: readonly string[]): Promise<Found> {
  const place = ['-connect', `127.0.0.1:${port}`, '-servername', name];
  const text = await output('openssl', ['s_client', ...place, ...args]);
  const [, cipher = '(NONE)'] = /Cipher is (\S+)/.exec(text) ?? [];
  return { cipher: cipher === '(NONE)' ? null : cipher, text };
}

/** RFC 9325 §4.2 and Mozilla's intermediate recommendation, without the finite fields. */
const GOOD = new Set([
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
]);

describe('a scan of a listener', () => {
  it('would find all that is old, where it is', async (t) => {
    const [pem, key] = [await readFile(join(folder, 'rsa.pem')), await readFile(join(folder, 'rsa.key'))];
    const old = createServer({ cert: pem, key, minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' });
    old.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
    await once(old, 'listening');
    t.after(() => old.close());
    const at = (old.address() as AddressInfo).port;
    const ask = (...args: string[]) => handshakeAt(at, 'rsa.test', ...args);
    for (const version of ['-tls1', '-tls1_1'])
      assert.ok((await ask(version, '-cipher', 'ALL:@SECLEVEL=0')).cipher, version);
    assert.equal((await ask('-tls1_2', '-cipher', 'AES128-SHA:@SECLEVEL=0')).cipher, 'AES128-SHA');
  });

  it('finds no protocol before TLS 1.2', async () => {
    for (const version of ['-tls1', '-tls1_1'])
      assert.equal((await handshake('a.test', version, '-cipher', 'ALL:@SECLEVEL=0')).cipher, null, version);
    for (const version of ['-tls1_2', '-tls1_3'])
      assert.ok(GOOD.has((await handshake('a.test', version)).cipher ?? ''), version);
  });

  it('finds only ciphers with forward secrecy and authentication, of all that OpenSSL has', async () => {
    const all = (await output('openssl', ['ciphers', '-s', '-tls1_2', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0']))
      .trim()
      .split(':');
    assert.ok(all.length > 60);
    for (const name of ['a.test', 'rsa.test']) {
      const kind = name === 'a.test' ? 'ECDSA' : 'RSA';
      // All that are not good at once: whatever comes of it is one too many.
      const bad = all.filter((cipher) => !GOOD.has(cipher));
      const offered = `${bad.join(':')}:@SECLEVEL=0`;
      assert.equal((await handshake(name, '-tls1_2', '-cipher', offered)).cipher, null, name);
      for (const cipher of [...GOOD].filter((one) => one.startsWith(`ECDHE-${kind}`)))
        assert.equal((await handshake(name, '-tls1_2', '-cipher', cipher)).cipher, cipher);
    }
  });

  it('finds the ciphers of TLS 1.3 that browsers speak, and none of those for small devices', async () => {
    for (const [suite, isGood] of [
      ['TLS_AES_128_GCM_SHA256', true],
      ['TLS_AES_256_GCM_SHA384', true],
      ['TLS_CHACHA20_POLY1305_SHA256', true],
      ['TLS_AES_128_CCM_SHA256', false],
      ['TLS_AES_128_CCM_8_SHA256', false],
    ] as const) {
      const { cipher } = await handshake('a.test', '-tls1_3', '-ciphersuites', suite);
      assert.equal(cipher, isGood ? suite : null, suite);
    }
  });

  it('finds no curve that is weak', async () => {
    for (const curve of ['secp192k1', 'prime192v1', 'secp160r1', 'secp224r1'])
      assert.equal((await handshake('a.test', '-groups', curve)).cipher, null, curve);
    for (const curve of ['X25519', 'P-256'])
      assert.ok((await handshake('a.test', '-groups', curve)).cipher, curve);
  });

  it('finds no compression, no renegotiation by clients, and no signature with SHA-1', async () => {
    const { text } = await handshake('a.test', '-tls1_2', '-comp');
    assert.match(text, /Compression: NONE/);
    assert.match(text, /Secure Renegotiation IS supported/);
    const place = ['-connect', `127.0.0.1:${plane.port}`, '-servername', 'a.test', '-tls1_2'];
    assert.match(
      await output('openssl', ['s_client', ...place], 'R\n'),
      /no renegotiation|NO_RENEGOTIATION/i,
    );
    assert.equal(
      (await handshake('rsa.test', '-tls1_2', '-sigalgs', 'RSA+SHA1', '-cipher', 'ALL:@SECLEVEL=0')).cipher,
      null,
    );
  });

  it('finds no early data', async () => {
    const { text } = await handshake('a.test', '-tls1_3');
    assert.doesNotMatch(text, /Max Early Data: [1-9]/);
  });
});
