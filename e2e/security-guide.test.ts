// docs/security.md has a configuration to begin with, and a command; this tries both.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { directoryWith, root, startTurnpike, turnpike } from './cli-program.ts';

const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
const [, CONFIGURATION = ''] = /^```yaml\n(# gateway\.yaml\n.*?)^```/ms.exec(page) ?? [];

/** The configuration of the guide, with the files that it names. */
function written(context: TestContext, text = CONFIGURATION): string {
  const cwd = directoryWith(context, { 'gateway.yaml': text });
  for (const name of ['certs', 'secrets']) mkdirSync(join(cwd, name));
  writeFileSync(join(cwd, 'secrets/acme-key'), 'a-key-of-at-least-16-characters\n');
  writeFileSync(join(cwd, 'secrets/admin-token'), 'an-admin-token-that-is-long-enough\n');
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=api';
  const files = '-addext subjectAltName=DNS:api.example.com -keyout certs/api.key -out certs/api.pem';
  const { status, stderr } = spawnSync('openssl', `${request} ${files}`.split(' '), {
    cwd,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return cwd;
}

it('the configuration of the security guide passes turnpike check --strict', async (context) => {
  const { code, out, err } = await turnpike(['check', '--strict'], { cwd: written(context) });
  assert.equal(code, 0, out + err);
  assert.doesNotMatch(out, /warning/);
});

it('it lets nobody in who does not prove who is calling, neither there nor at the admin API', async (context) => {
  const local = CONFIGURATION.replace('":443"', '"127.0.0.1:0"')
    .replace('127.0.0.1:9901', '127.0.0.1:0')
    .replace('stateDirectory: /var/lib/turnpike', 'stateDirectory: state');
  const cwd = written(context, local);
  const gateway = startTurnpike(context, ['start'], { cwd });
  const [, port = ''] = await gateway.says(/"ports":\{"secure":(\d+)\}/);
  const [, admin = ''] = await gateway.says(/"admin":(\d+)/);
  const answer = (...args: string[]): string => {
    const address = [
      '--resolve',
      `api.example.com:${port}:127.0.0.1`,
      '--cacert',
      join(cwd, 'certs/api.pem'),
    ];
    const shown = ['-s', '-o', join(cwd, 'body'), '-w', '%{http_code}'];
    return execFileSync('curl', [...shown, ...address, ...args], { encoding: 'utf8' });
  };
  assert.equal(answer(`https://api.example.com:${port}/orders/1`), '401');
  assert.equal(
    answer(`https://api.example.com:${port}/orders/1`, '-H', 'X-Api-Key: another-key-of-16'),
    '401',
  );
  assert.equal(answer(`http://127.0.0.1:${admin}/config`), '401');
  const bearer = 'Authorization: Bearer an-admin-token-that-is-long-enough';
  assert.equal(answer(`http://127.0.0.1:${admin}/config`, '-H', bearer), '200');
  assert.doesNotMatch(readFileSync(join(cwd, 'body'), 'utf8'), /a-key-of-at-least|an-admin-token/);
});

it('the digest of a key is that of the guide, and the configuration takes it', async (context) => {
  const [, line = '', digest = ''] = /^\$ (printf .*)\n(\w{64}) {2}-$/m.exec(page) ?? [];
  assert.equal(execFileSync('sh', ['-c', line], { encoding: 'utf8' }).trim(), `${digest}  -`);
  const cwd = written(context, CONFIGURATION.replace('${file:secrets/acme-key}', `sha256:${digest}`));
  const { code, out, err } = await turnpike(['check', '--strict'], { cwd });
  assert.equal(code, 0, out + err);
});
